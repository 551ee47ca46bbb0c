import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { SurvivorProblem } from './refusals.ts'
import type { Restorable, RestoredState, Ticket } from './ticket.ts'
import { commonOf, enter, refuseIf, type Stamp, transition } from './transition.ts'

export type MarkDuplicate = Stamp & {
  readonly survivorId: string
  /** The ticket that shall survive, as it stands; null when there is none by that id. */
  readonly survivor: Ticket | null
  readonly reason: string | null
  readonly duplicates: ReadonlyArray<string>
}

/** The same fault is on another ticket of the project: that one goes on, this one ends and remembers where it was. */
export const markDuplicate = ({ at, by, survivorId, survivor, reason, duplicates }: MarkDuplicate) =>
  transition('mark_duplicate', (ticket) =>
    pipe(
      refuseIf(ticket.type === 'infrastructure', { type: 'InfrastructureIsNeverDuplicate' }),
      E.tap(() => {
        const why = survivorProblem(ticket, survivor)
        return why === null ? E.right(null) : refuseIf(true, { type: 'SurvivorNotSuitable', survivor: survivorId, why })
      }),
      E.tap(() => refuseIf(duplicates.length > 0, { type: 'NamedAsSurvivor', by: duplicates })),
      E.map(() => [
        enter(
          ticket,
          'cancelled',
          at,
          {
            assignment: ticket.status === 'open' ? null : ticket.assignment,
            cancelledBy: by,
            cancelledAt: at,
            because: { kind: 'duplicate', survivor: survivorId, reason, restores: ownFactsOf(ticket) },
          },
          { qaReady: false },
        ),
        [{ type: 'MarkedDuplicate', survivor: survivorId, reason, at, by }],
      ]),
    ),
  )

const survivorProblem = (ticket: Ticket, survivor: Ticket | null): SurvivorProblem | null => {
  if (survivor === null) return 'unknown'
  if (survivor.id === ticket.id) return 'same_ticket'
  if (survivor.projectId !== ticket.projectId) return 'other_project'
  if (survivor.deletedAt !== null) return 'deleted'
  if (survivor.status === 'cancelled') return survivor.because.kind === 'duplicate' ? 'is_duplicate' : 'cancelled'
  return null
}

const ownFactsOf = (ticket: Restorable): RestoredState => {
  const common = commonOf(ticket)
  return Object.fromEntries(Object.entries(ticket).filter(([key]) => !(key in common))) as unknown as RestoredState
}
