import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Subject } from '../../application/ports/subject-records.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import type { Terminal } from './terminal.ts'

type Speak = { readonly terminal: Terminal; readonly explain: Explain }
type Named = { readonly project: string; readonly dr: string }

const subjectOf = ({ project, dr }: Named): Subject => ({ type: 'drop', projectId: project, dr })

/** Writes what is held about a client to a new folder. */
export const exportSubject =
  ({ terminal, explain }: Speak) =>
  async (asked: Named & { readonly out: string }, { principal, exportSubjectTo }: Application): Promise<Exit> => {
    const { out } = asked
    const exported = await exportSubjectTo(principal, subjectOf(asked), resolve(out))()
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
    const { tickets, files, filesNotRead } = exported.right
    terminal.say(`${counted(tickets, 'ticket')} and ${counted(files, 'file')} are in ${out}.`)
    if (filesNotRead > 0)
      terminal.complain(`${counted(filesNotRead, 'file')} could not be read: subject.json says why.`)
    return filesNotRead === 0 ? EXIT.ok : EXIT.problem
  }

/** Erases a client, after asking: there is no way back. */
export const eraseSubject =
  ({ terminal, explain }: Speak) =>
  async (
    asked: Named & { readonly reason: string; readonly yes: boolean },
    { principal, eraseSubject: erase }: Application,
  ): Promise<Exit> => {
    const { project, dr, reason, yes } = asked
    if (!yes) {
      const question = `Erase everything personal about the client of ${dr} in ${project}? There is no way back. [y/N] `
      if (!terminal.interactive || !/^y(es)?$/i.test((await terminal.ask(question)).trim())) {
        terminal.complain('Nothing was erased. Say yes, or add --yes.')
        return EXIT.problem
      }
    }
    const done = await erase(principal, { subject: subjectOf(asked), reason })()
    if (E.isLeft(done)) return refuse(terminal, explain(done.left))
    const { tickets, newlyErased, copiesLeft, copiesKept, plainOriginals } = done.right
    terminal.say(
      newlyErased === 0
        ? `The client of ${dr} was erased before; what was written since is gone, too.`
        : `The client of ${dr} is erased in ${counted(tickets.length, 'ticket')}. Sealed handovers still verify.`,
    )
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

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
