import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../../application/errors.ts'
import type { Subject } from '../../application/ports/subject-records.ts'
import type { SubjectErased } from '../../application/subject/erase-subject.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import type { Terminal } from './terminal.ts'

type Speak = { readonly terminal: Terminal; readonly explain: Explain }
/** By project and drop, or by a ticket that has no drop. */
export type Named =
  | { readonly project: string; readonly dr: string; readonly ticket: null }
  | { readonly ticket: string }

const subjectOf = (
  named: Named,
  { principal, subjectOfTicket }: Application,
  action: 'erase_subject' | 'export_subject',
): TE.TaskEither<AppError, Subject> =>
  named.ticket === null
    ? TE.right({ type: 'drop', projectId: named.project, dr: named.dr })
    : subjectOfTicket(principal, action, named.ticket)

/** Writes what is held about a client to a new folder. */
export const exportSubject =
  ({ terminal, explain }: Speak) =>
  async (asked: Named & { readonly out: string }, application: Application): Promise<Exit> => {
    const { principal, exportSubjectTo } = application
    const { out } = asked
    const subject = await subjectOf(asked, application, 'export_subject')()
    if (E.isLeft(subject)) return refuse(terminal, explain(subject.left))
    const exported = await exportSubjectTo(principal, subject.right, resolve(out))()
    if (E.isLeft(exported)) {
      const { left } = exported
      return left.type === 'StorageUnavailable'
        ? refuse(terminal, {
            sentence: left.reason === 'EEXIST' ? 'There is such a folder already' : 'The folder cannot be written',
            details: { out, reason: left.reason },
            isAway: false,
          })
        : refuse(terminal, explain(left))
    }
    const { tickets, rowsBeside, files, filesNotRead } = exported.right
    const beside = rowsBeside === 0 ? '' : `, ${counted(rowsBeside, 'row')} of the drop`
    terminal.say(`${counted(tickets, 'ticket')}${beside} and ${counted(files, 'file')} are in ${out}.`)
    if (filesNotRead > 0)
      terminal.complain(`${counted(filesNotRead, 'file')} could not be read: subject.json says why.`)
    return filesNotRead === 0 ? EXIT.ok : EXIT.problem
  }

/** Erases a client, after asking: there is no way back. */
export const eraseSubject =
  ({ terminal, explain }: Speak) =>
  async (
    asked: Named & { readonly reason: string; readonly yes: boolean },
    application: Application,
  ): Promise<Exit> => {
    const { principal, eraseSubject: erase } = application
    const { reason, yes } = asked
    const [who, where] = asked.ticket === null ? [asked.dr, ` in ${asked.project}`] : [asked.ticket, '']
    const subject = await subjectOf(asked, application, 'erase_subject')()
    if (E.isLeft(subject)) return refuse(terminal, explain(subject.left))
    if (!yes) {
      const question = `Erase everything personal about the client of ${who}${where}? There is no way back. [y/N] `
      if (!terminal.interactive || !/^y(es)?$/i.test((await terminal.ask(question)).trim())) {
        terminal.complain('Nothing was erased. Say yes, or add --yes.')
        return EXIT.problem
      }
    }
    const done = await erase(principal, { subject: subject.right, reason })()
    if (E.isLeft(done)) return refuse(terminal, explain(done.left))
    const { copiesLeft, copiesKept, plainOriginals } = done.right
    terminal.say(sentenceOf(who, done.right))
    if (copiesKept > 0)
      terminal.say(
        `${counted(copiesKept, 'encrypted viewing copy stays', 'encrypted viewing copies stay')} in a storage that lets nothing go: with the key destroyed nobody can read them.`,
      )
    if (copiesLeft > 0)
      terminal.complain(
        `${counted(copiesLeft, 'viewing copy', 'viewing copies')} could not be removed yet: the daily run tries again.`,
      )
    if (plainOriginals > 0)
      terminal.complain(
        `${counted(plainOriginals, 'file')} of an earlier version lie unencrypted in the evidence storage: the application serves them no more, but only their storage can delete them.`,
      )
    return copiesLeft === 0 && plainOriginals === 0 ? EXIT.ok : EXIT.problem
  }

const sentenceOf = (who: string, { tickets, newlyErased, rowsCleared }: SubjectErased): string => {
  if (newlyErased > 0)
    return `The client of ${who} is erased in ${counted(tickets.length, 'ticket')}. Sealed handovers still verify.`
  if (rowsCleared === 0) return `Nothing personal was left about the client of ${who}.`
  return tickets.length === 0
    ? `The client of ${who} has no ticket; ${counted(rowsCleared, 'row')} of the drop ${rowsCleared === 1 ? 'is' : 'are'} erased.`
    : `The client of ${who} was erased before; what was written since is gone, too.`
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
