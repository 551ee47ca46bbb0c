import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { createTicket, type NewTicket } from '../../domain/ticket/create-ticket.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import { allowed } from '../allowed.ts'
import { settle } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Creation, Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'
import { qcontactService, type SyncDeps } from './setup.ts'

type Reopened = { readonly conflictId: string; readonly caseId: string; readonly ticketId: TicketId }

const begin = (
  deps: SyncDeps,
  { ticket: past, client, ...context }: Stored,
  id: TicketId,
): E.Either<AppError, Creation> => {
  const at = deps.now()
  const ticket: NewTicket = {
    id,
    uid: null,
    projectId: past.projectId,
    type: past.type === 'infrastructure' ? 'maintenance' : past.type,
    source: 'qcontact',
    externalId: past.externalId,
    importKey: null,
    priority: past.priority,
    title: past.title,
    description: past.description,
    address: past.address,
    gps: past.gps,
    place: past.place,
    equipment: { ontSerial: past.equipment.ontSerial, ontRx: null, ontModel: past.equipment.ontModel, upsSerial: null },
    cause: null,
    component: null,
    causeDetails: null,
    paperwork: false,
    weeklyNote: null,
    followUpOf: past.id,
    assignment: null,
    stepOverrides: context.settings.stepOverrides,
    sourceCreatedAt: null,
    stepIds: STEP_KEYS.map(() => deps.newId()),
  }
  return pipe(
    createTicket({ id, at, by: qcontactService.userId, byAPerson: false, ticket }),
    E.map(([begun, events]) => ({
      ticket: settle(deps, context, begun, at),
      events: events.map((event) => ({ ...event, id: deps.newId() })),
      client,
      factsVersion: context.facts.version,
    })),
  )
}

/** A reopened case goes on as a new ticket, linked to the finished one; from now on the case is the new ticket. */
export const followUp =
  (deps: SyncDeps) =>
  (principal: Principal, { conflictId, caseId, ticketId }: Reopened): TE.TaskEither<AppError, TicketId> => {
    // Always the same id for the same conflict, so that asking twice makes one ticket.
    const id = deps.ticketIdOf(`follow-up of ${conflictId}`)
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'create_ticket')),
      TE.flatMap(() => deps.tickets.load([ticketId], { deleted: true })),
      TE.flatMap(([past]) =>
        past === undefined
          ? TE.left<AppError>({ type: 'NotFound', resource: 'Ticket', id: ticketId })
          : TE.fromEither(begin(deps, past, id)),
      ),
      TE.flatMap((creation) =>
        pipe(
          deps.tickets.commit([creation], []),
          TE.map(() => id),
          TE.orElse((error) => (error.type === 'AlreadyExists' ? TE.right(id) : TE.left<AppError>(error))),
        ),
      ),
      TE.tap(() =>
        deps.syncStore.link(
          caseId,
          id,
          { bases: {}, conflicts: [], agreed: [], lastChangeId: '', gone: false },
          deps.now(),
        ),
      ),
    )
  }
