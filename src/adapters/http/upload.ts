import type { Readable } from 'node:stream'
import type { Request, Response } from 'express'
import * as E from 'fp-ts/lib/Either.js'
import multer from 'multer'
import { withoutDeviceLogin } from '../../domain/shared/drop.ts'
import type { Answer } from './answer.ts'
import type { FieldMessages } from './codes.ts'
import { invalid, type Problem, problem } from './problem.ts'
import type { IncomingFile } from './route.ts'

const FIELD_BYTES = 65_536
const MOST_FIELDS = 30
const LONGEST_FILENAME = 255

type Outcome = E.Either<Problem, Answer>

/** What a route does with the texts that came before the file, and the file (null when none came). */
export type Take = (texts: Readonly<Record<string, unknown>>, file: IncomingFile | null) => Promise<Outcome>

/**
 * Hands the one file of a multipart body on while it arrives. Its content ends only when the whole form has come and
 * nothing in it was wrong; otherwise it breaks off, so that whoever stores it keeps nothing.
 */
export const receive = async (field: string, request: Request, response: Response, take: Take): Promise<Outcome> => {
  const form = Promise.withResolvers<Problem | null>()
  const begun: { outcome: Promise<Outcome> | null; misnamed: Problem | null; late: () => ReadonlyArray<string> } = {
    outcome: null,
    misnamed: null,
    late: () => [],
  }
  const storage: multer.StorageEngine = {
    _handleFile: (_request, { originalname, stream }, done) => {
      const rule = ruleOfName(originalname)
      if (rule !== null) {
        begun.misnamed = invalid({ [field]: rule })
        stream.resume()
        return done(null, {})
      }
      const texts = textsOf(request)
      const close = once(() => done(null, {}))
      const end = async (): Promise<void> => {
        close()
        if ((await form.promise) !== null) throw new Error('the form is not what it should be')
      }
      const outcome = take(texts, { filename: nameOf(originalname), content: contentOf(stream, end) })
      const finish = (): void => {
        stream.resume()
        close()
      }
      outcome.then(finish, finish)
      begun.outcome = outcome
      begun.late = () => Object.keys(textsOf(request)).filter((name) => !(name in texts))
    },
    _removeFile: (_request, _file, done) => done(null),
  }
  const parse = multer({
    storage,
    defParamCharset: 'utf8',
    preservePath: true,
    limits: { files: 1, fields: MOST_FIELDS, parts: MOST_FIELDS + 1, fieldSize: FIELD_BYTES, fieldNameSize: 100 },
  }).single(field)
  parse(request, response, (failure: unknown) =>
    form.resolve(failure === undefined ? tooLate(begun.late()) : formProblem(failure, field)),
  )
  const wrong = (await form.promise) ?? begun.misnamed
  if (wrong === null) return begun.outcome ?? take(textsOf(request), null)
  await begun.outcome?.catch(() => {}) // what a broken form made of it is not the answer
  return E.left(wrong)
}

const once = (act: () => void): (() => void) => {
  let acted = false
  return () => {
    if (!acted) act()
    acted = true
  }
}

const textsOf = (request: Request): Readonly<Record<string, unknown>> => ({ ...request.body })

/** Stopping early leaves the stream as it is: destroying it would stall the parser that feeds it. */
const contentOf = async function* (stream: Readable, end: () => Promise<void>): AsyncGenerator<Uint8Array> {
  yield* stream.iterator({ destroyOnReturn: false })
  await end()
}

const tooLate = (names: ReadonlyArray<string>): Problem | null =>
  names.length === 0 ? null : invalid(Object.fromEntries(names.map((name) => [name, 'must come before the file'])))

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Why a file is not taken under this name, or null. A name is never made fit: what is kept is what was sent. */
const ruleOfName = (name: string): string | null => {
  if (/[/\\]/.test(name) || /^\.{1,2}$/.test(name)) return 'must have a name that is no path: without / and \\'
  if (name.length > LONGEST_FILENAME) return `must have a name of at most ${LONGEST_FILENAME} characters`
  return CONTROLS.test(name) ? 'must have a name on one line, without control characters' : null
}

const nameOf = (name: string): string => withoutDeviceLogin(name.toWellFormed()) || 'unnamed'

/** As the parser says it. */
const UNREADABLE_PART = 'Malformed part header'
const UNREADABLE =
  'The head of a part of the form cannot be read: it is cut short, or a name in it has a NUL or another control character'

const formProblem = (failure: unknown, field: string): Problem => {
  if ((failure as Error).message === UNREADABLE_PART) return problem('BAD_REQUEST', UNREADABLE)
  if (!(failure instanceof multer.MulterError)) return problem('BAD_REQUEST', 'The body is not multipart/form-data')
  const named = failure.field ?? field
  const wrong = (rule: string): FieldMessages => ({ [named]: rule })
  switch (failure.code) {
    case 'LIMIT_UNEXPECTED_FILE':
    case 'LIMIT_FILE_COUNT':
      return invalid(wrong(named === field ? 'must be one file' : 'is not a known field'))
    case 'LIMIT_FIELD_VALUE':
      return invalid(wrong(`must have at most ${FIELD_BYTES} bytes`))
    case 'LIMIT_PART_COUNT':
    case 'LIMIT_FIELD_COUNT':
      return problem('PAYLOAD_TOO_LARGE', `The body has more than ${MOST_FIELDS} fields`)
    default:
      return problem('BAD_REQUEST', 'The body is not multipart/form-data')
  }
}
