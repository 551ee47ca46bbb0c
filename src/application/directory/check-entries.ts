import { SYSTEM } from '../../domain/ticket/ticket.ts'
import type { ApplicationRefusal } from '../errors.ts'
import type { Contractor, Known, Person, Project, Team } from '../ports/directory.ts'

export type EntryProblem = Extract<ApplicationRefusal, { readonly type: 'FieldInvalid' }>

/** Whoever is named comes before who names. */
export const KINDS = ['contractors', 'people', 'teams', 'projects'] as const
export type Kind = (typeof KINDS)[number]

const CODE = /^[A-Z0-9][A-Z0-9-]{1,19}$/
const CODE_IN_REPORTS = 6

const problem = (field: string, rule: string, value: string | null): EntryProblem => ({
  type: 'FieldInvalid',
  field,
  rule,
  value,
})

/** As report numbers write it. */
const short = (code: string): string => code.replaceAll('-', '').slice(0, CODE_IN_REPORTS)

type Names = {
  readonly contractors: Set<string>
  readonly people: Set<string>
  /** Which project has which short code. */
  readonly codes: Map<string, string>
}

const unknown = (
  field: string,
  rule: string,
  id: string | null,
  known: ReadonlySet<string>,
): ReadonlyArray<EntryProblem> => (id === null || known.has(id) ? [] : [problem(field, rule, id)])

const ofCompany = (contractorId: string | null, { contractors }: Names) =>
  unknown('contractor_id', 'a contractor of the directory', contractorId, contractors)

const rules = {
  contractors: () => [],
  people: ({ id, role, contractorId }: Person, names: Names) => [
    // What reactions did is never taken for the work of a person.
    ...(id === SYSTEM ? [problem('id', 'an id other than that of reactions and schedules', id)] : []),
    ...ofCompany(contractorId, names),
    ...(role === 'contractor' && contractorId === null
      ? [problem('contractor_id', `the contractor that ${id} works for`, null)]
      : []),
  ],
  teams: ({ contractorId, memberIds }: Team, names: Names) => [
    ...ofCompany(contractorId, names),
    ...memberIds.flatMap((id) => unknown('member_ids', 'people of the directory', id, names.people)),
  ],
  projects: ({ id, code, managerId }: Project, { people, codes }: Names) => [
    ...unknown('manager_id', 'a person of the directory', managerId, people),
    ...(CODE.test(code) ? [] : [problem('code', '2 to 20 capital letters, digits and hyphens', code)]),
    ...((codes.get(short(code)) ?? id) === id
      ? []
      : [problem('code', `a code of its own in its first ${CODE_IN_REPORTS} letters and digits`, code)]),
  ],
}

type Entry = Contractor | Person | Team | Project

const judge = (kind: Kind, entry: Entry, names: Names): ReadonlyArray<EntryProblem> => {
  switch (kind) {
    case 'contractors':
      return rules.contractors()
    case 'people':
      return rules.people(entry as Person, names)
    case 'teams':
      return rules.teams(entry as Team, names)
    case 'projects':
      return rules.projects(entry as Project, names)
  }
}

const admit = (kind: Kind, entry: Entry, { contractors, people, codes }: Names): void => {
  if (kind === 'contractors') contractors.add(entry.id)
  if (kind === 'people') people.add(entry.id)
  if (kind === 'projects') codes.set(short((entry as Project).code), entry.id)
}

const namesIn = (known: Known): Names => ({
  contractors: new Set(known.contractors.map(({ id }) => id)),
  people: new Set(known.people.map(({ id }) => id)),
  codes: new Map(known.projects.map(({ id, code }) => [short(code), id])),
})

export type Judged<A> = { readonly kind: Kind; readonly entry: A; readonly problems: ReadonlyArray<EntryProblem> }

/** Each entry with what is wrong with it: it names people and companies that are known or were taken before it, and no taken code. */
export const judgeEntries = <A extends Entry>(
  known: Known,
  incoming: { readonly [K in Kind]?: ReadonlyArray<A> },
): ReadonlyArray<Judged<A>> => {
  const names = namesIn(known)
  return KINDS.flatMap((kind) =>
    (incoming[kind] ?? []).map((entry) => {
      const problems = judge(kind, entry, names)
      if (problems.length === 0) admit(kind, entry, names)
      return { kind, entry, problems }
    }),
  )
}
