import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allowed } from '../allowed.ts'
import type { AppError } from '../errors.ts'
import { isAllowed } from '../permissions.ts'
import type { Contractor, Directory, Known, Person, Team } from '../ports/directory.ts'
import type { Principal } from '../principal.ts'

export type DirectoryDeps = { readonly directory: Directory }

const withoutNumbers = <A extends Contractor | Team>(entry: A): A => ({ ...entry, phone: null, groupId: null })
const withoutContacts = (person: Person): Person => ({ ...person, phone: null, email: null })

/** Numbers are personal: whoever keeps the directory sees all, a contractor those of its own people, others none. */
const shownTo =
  (principal: Principal) =>
  (known: Known): Known => {
    if (isAllowed(principal, 'change_directory')) return known
    const own = principal.role === 'contractor' ? principal.contractorId : null
    const isOwn = (contractorId: string | null): boolean => own !== null && contractorId === own
    return {
      people: known.people.map((one) => (isOwn(one.contractorId) ? one : withoutContacts(one))),
      contractors: known.contractors.map((one) => (isOwn(one.id) ? one : withoutNumbers(one))),
      teams: known.teams.map((one) => (isOwn(one.contractorId) ? one : withoutNumbers(one))),
      projects: known.projects.map((one) => ({ ...one, groupId: null })),
    }
  }

/** Everyone and everything the directory knows, with as much of it as the caller may see. */
export const readDirectory =
  ({ directory }: DirectoryDeps) =>
  (principal: Principal): TE.TaskEither<AppError, Known> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'read_directory')),
      TE.flatMap(() => directory.all()),
      TE.map(shownTo(principal)),
    )
