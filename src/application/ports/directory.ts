import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AlreadyExists, Unavailable } from '../errors.ts'
import type { Role } from '../principal.ts'

export type Person = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly contractorId: string | null
  readonly phone: string | null
  readonly email: string | null
}
export type Contractor = {
  readonly id: string
  readonly name: string
  readonly phone: string | null
  readonly groupId: string | null
  /** The company itself, not a contractor of it. */
  readonly isOwn: boolean
}
export type Team = {
  readonly id: string
  readonly name: string
  readonly contractorId: string | null
  readonly memberIds: ReadonlyArray<string>
  readonly phone: string | null
  readonly groupId: string | null
}
export type Project = {
  readonly id: string
  /** Short upper-case name used in report numbers. */
  readonly code: string
  readonly name: string
  readonly managerId: string | null
  readonly groupId: string | null
}
export type Known = {
  readonly people: ReadonlyArray<Person>
  readonly contractors: ReadonlyArray<Contractor>
  readonly teams: ReadonlyArray<Team>
  readonly projects: ReadonlyArray<Project>
}
export type Asked = { readonly [K in keyof Known]?: ReadonlyArray<string> }

/** Who people, contractors, teams and projects are. */
export type Directory = {
  /** Those of the given ids that are known, in one look. */
  readonly find: (ids: Asked) => TaskEither<Unavailable, Known>
  /** Everyone and everything, by name; a directory is small. */
  readonly all: () => TaskEither<Unavailable, Known>
  /** Adds or replaces by id; all or none. AlreadyExists when another project has the code by now. */
  readonly save: (known: Partial<Known>) => TaskEither<AlreadyExists | Unavailable, void>
}
