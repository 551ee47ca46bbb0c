import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TicketTold, ToldEvent } from '../../domain/notification/template-values.ts'
import { slaOf } from '../../domain/sla/sla-of.ts'
import type { ChangeDeps } from '../change.ts'
import type { Unavailable } from '../errors.ts'
import type { Directory, Known } from '../ports/directory.ts'
import type { TemplateStore } from '../ports/template-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import { partiesOf } from './recipients.ts'

export type TellingDeps = Pick<ChangeDeps, 'tickets' | 'now' | 'slaTerms'> & {
  readonly directory: Directory
  readonly templates: TemplateStore
}

/** Everyone the ticket and the event name, and the manager of its project. */
export const partiesKnown = (
  { directory }: TellingDeps,
  { ticket }: Stored,
  event: ToldEvent | null,
): TE.TaskEither<Unavailable, Known> =>
  pipe(
    directory.find(partiesOf(ticket, event)),
    TE.flatMap((known) => {
      const managers = known.projects.flatMap(({ managerId }) => (managerId === null ? [] : [managerId]))
      return managers.length === 0
        ? TE.right(known)
        : pipe(
            directory.find({ people: managers }),
            TE.map(({ people }) => ({ ...known, people: [...known.people, ...people] })),
          )
    }),
  )

/** A ticket with the names of everyone who works on it, as its messages are filled. It names no client. */
export const ticketTold = ({ now, slaTerms }: TellingDeps, { ticket, settings }: Stored, known: Known): TicketTold => {
  const terms = slaTerms(settings.sla)
  if (E.isLeft(terms)) throw new Error(`stored SLA policy of ${ticket.projectId} is unusable: ${terms.left.type}`)
  const { createdAt, history, deletedAt, priority } = ticket
  const assignment = 'assignment' in ticket ? ticket.assignment : null
  const nameOf = (all: ReadonlyArray<{ readonly id: string; readonly name: string }>, id: string | null | undefined) =>
    all.find((one) => one.id === id)?.name ?? id ?? null
  return {
    ticket,
    names: {
      project: nameOf(known.projects, ticket.projectId),
      technician: nameOf(known.people, assignment?.technician),
      contractor: nameOf(known.contractors, assignment?.contractor),
      team: nameOf(known.teams, assignment?.team),
      client: null,
    },
    resolution: slaOf({ createdAt, history, deletedAt, priority, terms: terms.right, now: now() }).resolution,
  }
}
