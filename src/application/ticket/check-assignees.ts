import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AssignmentChange } from '../../domain/ticket/assign.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import type { Gather } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Asked, Directory, Known } from '../ports/directory.ts'
import type { Principal } from '../principal.ts'

export type AssigneeDeps = { readonly directory: Directory }

const asked = (id: string | null | undefined): ReadonlyArray<string> => (id == null ? [] : [id])

/** What to ask the directory for an assignment. */
export const assigneesAsked = ({ technician, contractor, team }: AssignmentChange): Asked => ({
  people: asked(technician),
  contractors: asked(contractor),
  teams: asked(team),
})

/** Whoever is named must be in the directory; a contractor names only people and teams of its own and stays itself. */
export const checkAssignees =
  ({ directory }: AssigneeDeps, principal: Principal, change: AssignmentChange): Gather<null> =>
  ({ ticket }) =>
    pipe(
      directory.find(assigneesAsked(change)),
      TE.flatMap((known) => TE.fromEither(judge(known, principal, change, ticket))),
    )

const judge = (
  known: Known,
  principal: Principal,
  change: AssignmentChange,
  ticket: Ticket,
): E.Either<AppError, null> => {
  const { technician, contractor, team } = change
  const missing = assigneesKnown(known, change)
  if (E.isLeft(missing) || principal.role !== 'contractor') return missing
  const person = known.people.find((one) => one.id === technician)
  const crew = known.teams.find((one) => one.id === team)
  const isOwn = (contractorId: string | null): boolean =>
    contractorId !== null && contractorId === principal.contractorId
  const present = 'assignment' in ticket ? (ticket.assignment?.contractor ?? null) : null
  if (contractor !== undefined && contractor !== present)
    return E.left({ type: 'ContractorStays', contractor: present })
  if (person !== undefined && !isOwn(person.contractorId))
    return E.left({ type: 'AssigneeOfAnotherContractor', kind: 'technician', id: person.id })
  if (crew !== undefined && !isOwn(crew.contractorId))
    return E.left({ type: 'AssigneeOfAnotherContractor', kind: 'team', id: crew.id })
  return E.right(null)
}

/** Whoever an assignment names is known. */
export const assigneesKnown = (
  known: Known,
  { technician, contractor, team }: AssignmentChange,
): E.Either<AppError, null> => {
  if (technician != null && !known.people.some((one) => one.id === technician)) return unknown('technician', technician)
  if (contractor != null && !known.contractors.some((one) => one.id === contractor))
    return unknown('contractor', contractor)
  if (team != null && !known.teams.some((one) => one.id === team)) return unknown('team', team)
  return E.right(null)
}

const unknown = (kind: 'technician' | 'contractor' | 'team', id: string): E.Either<AppError, never> =>
  E.left({ type: 'AssigneeUnknown', kind, id })
