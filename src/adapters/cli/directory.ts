import * as E from 'fp-ts/lib/Either.js'
import type { Known } from '../../application/ports/directory.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'

type Speaking = { readonly terminal: Terminal; readonly explain: Explain; readonly signal: AbortSignal }
export const KINDS = ['projects', 'contractors', 'teams', 'people'] as const
export type Kind = (typeof KINDS)[number]

const columns: { readonly [K in Kind]: (known: Known) => ReadonlyArray<ReadonlyArray<string>> } = {
  projects: ({ projects }) => [
    ['id', 'code', 'manager', 'name'],
    ...projects.map(({ id, code, managerId, name }) => [id, code, managerId ?? '', name]),
  ],
  contractors: ({ contractors }) => [
    ['id', 'own', 'name'],
    ...contractors.map(({ id, isOwn, name }) => [id, isOwn ? 'own' : '', name]),
  ],
  teams: ({ teams }) => [
    ['id', 'contractor', 'members', 'name'],
    ...teams.map(({ id, contractorId, memberIds, name }) => [id, contractorId ?? '', memberIds.join(','), name]),
  ],
  people: ({ people }) => [
    ['id', 'role', 'contractor', 'name'],
    ...people.map(({ id, role, contractorId, name }) => [id, role, contractorId ?? '', name]),
  ],
}

/** Who and what is known, without numbers and addresses: a terminal's history is no place for them. */
export const listDirectory =
  ({ terminal, explain }: Speaking) =>
  async (kinds: ReadonlyArray<Kind>, { principal, directory }: Application): Promise<Exit> => {
    const known = await directory.read(principal)()
    if (E.isLeft(known)) return refuse(terminal, explain(known.left))
    for (const [at, kind] of kinds.entries()) {
      if (at > 0) terminal.say('')
      terminal.say(terminal.style('bold', `${kind} (${known.right[kind].length})`))
      for (const line of table(columns[kind](known.right))) terminal.say(`  ${line}`)
    }
    return EXIT.ok
  }

/** Adds or replaces entries by their ids. */
export const changeDirectory =
  ({ terminal, explain }: Speaking) =>
  async (incoming: Partial<Known>, { principal, directory }: Application): Promise<Exit> => {
    const changed = await directory.change(principal, incoming)()
    if (E.isLeft(changed)) return refuse(terminal, explain(changed.left))
    for (const kind of KINDS)
      for (const { id, name } of incoming[kind] ?? []) terminal.say(`${id} (${name}) is in the directory.`)
    return EXIT.ok
  }

/** Sheets People, Contractors, Teams and Projects of one workbook; what cannot be taken is named, and ends with a problem. */
export const importDirectoryWorkbook =
  ({ terminal, explain, signal }: Speaking) =>
  async (file: string, { principal, directory }: Application): Promise<Exit> => {
    const imported = await directory.importFrom(principal, file, signal)()
    if (signal.aborted) return EXIT.interrupted
    if (E.isLeft(imported)) return refuse(terminal, explain(imported.left))
    const { problems, ...taken } = imported.right
    terminal.say(`Taken: ${KINDS.map((kind) => `${taken[kind]} ${kind}`).join(', ')}.`)
    for (const { sheet, row, field, rule } of problems) terminal.complain(`${sheet} row ${row}: ${field} ${rule}`)
    return problems.length === 0 ? EXIT.ok : EXIT.problem
  }
