import type { Request, Response } from 'express'
import * as E from 'fp-ts/lib/Either.js'
import multer from 'multer'
import { invalid, type Problem, problem, problemOf } from './problem.ts'
import type { Failure } from './refusals.ts'
import type { Upload } from './route.ts'

const FIELD_BYTES = 65_536
const MOST_FIELDS = 30
const LONGEST_FILENAME = 255

/** The parts of a multipart body: the texts by name, and what the route made of the one file. */
export type Received = {
  readonly fields: Readonly<Record<string, unknown>>
  readonly taken: { readonly value: unknown } | null
}

/** Streams the one file to where the route takes it, never holding it whole; whatever fails, nothing taken is left behind. */
export const receive = async (
  upload: Upload<unknown>,
  request: Request,
  response: Response,
): Promise<E.Either<Problem, Received>> => {
  let taken: Received['taken'] = null
  let refused: Failure | null = null
  let over = false
  const drop = (value: unknown) =>
    upload
      .drop(value)()
      .catch(() => {})
  const storage: multer.StorageEngine = {
    _handleFile: (_request, { originalname, stream }, done) => {
      upload
        .take({ filename: bareName(originalname), content: stream })()
        .then(async (outcome) => {
          if (E.isLeft(outcome)) {
            refused = outcome.left
            return done(new Error(outcome.left.type))
          }
          if (over) await drop(outcome.right)
          else taken = { value: outcome.right }
          done(null, {})
        })
        .catch(done)
    },
    _removeFile: (_request, _file, done) => done(null),
  }
  const parse = multer({
    storage,
    defParamCharset: 'utf8',
    limits: { files: 1, fields: MOST_FIELDS, parts: MOST_FIELDS + 1, fieldSize: FIELD_BYTES, fieldNameSize: 100 },
  }).single(upload.field)
  const failure = await new Promise<unknown>((resolve) => parse(request, response, resolve))
  over = true
  if (failure === undefined) return E.right({ fields: { ...request.body }, taken })
  if (taken !== null) await drop((taken as { readonly value: unknown }).value)
  return E.left(refused === null ? uploadProblem(failure, upload.field) : problemOf(refused))
}

/** The last part of the uploader's path, on one line. */
const bareName = (name: string): string =>
  name
    .toWellFormed()
    .replaceAll(/^.*[/\\]/gs, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '')
    .slice(0, LONGEST_FILENAME)

const uploadProblem = (failure: unknown, field: string): Problem => {
  if (!(failure instanceof multer.MulterError)) return problem('BAD_REQUEST', 'The body is not multipart/form-data')
  const named = failure.field ?? field
  switch (failure.code) {
    case 'LIMIT_UNEXPECTED_FILE':
    case 'LIMIT_FILE_COUNT':
      return invalid({ [named]: named === field ? 'must be one file' : 'is not a known field' })
    case 'LIMIT_FIELD_VALUE':
      return invalid({ [named]: `must have at most ${FIELD_BYTES} bytes` })
    case 'LIMIT_PART_COUNT':
    case 'LIMIT_FIELD_COUNT':
      return problem('PAYLOAD_TOO_LARGE', `The body has more than ${MOST_FIELDS} fields`)
    default:
      return problem('BAD_REQUEST', 'The body is not multipart/form-data')
  }
}
