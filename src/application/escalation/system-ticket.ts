import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { createTicket, type NewTicket } from '../../domain/ticket/create-ticket.ts'
import type { TicketRefusal } from '../../domain/ticket/refusals.ts'
import { SYSTEM } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import { type ChangeDeps, settle } from '../change.ts'
import type { Creation, ProjectContext } from '../ports/ticket-store.ts'

export type SystemTicket = Pick<
  NewTicket,
  'type' | 'priority' | 'projectId' | 'title' | 'description' | 'place' | 'cause' | 'causeDetails' | 'followUpOf'
>

/** A ticket that a rule makes and no person: from the system, for nobody yet, begun by the same decision as any other. */
export const systemTicket = (
  deps: Pick<ChangeDeps, 'now' | 'newId' | 'slaTerms'>,
  context: ProjectContext,
  said: SystemTicket,
): Either<TicketRefusal, Creation> => {
  const at = deps.now()
  const { type, priority, projectId, title, description, place, cause, causeDetails, followUpOf } = said
  const ticket: NewTicket = {
    id: deps.newId(),
    uid: null,
    source: 'system',
    type,
    priority,
    projectId,
    title,
    description,
    place,
    cause,
    causeDetails,
    followUpOf,
    component: null,
    externalId: null,
    importKey: null,
    address: null,
    gps: null,
    equipment: { ontSerial: null, ontRx: null, ontModel: null, upsSerial: null },
    paperwork: false,
    weeklyNote: null,
    assignment: null,
    stepOverrides: context.settings.stepOverrides,
    sourceCreatedAt: null,
    stepIds: STEP_KEYS.map(() => deps.newId()),
  }
  return pipe(
    createTicket({ id: ticket.id, at, by: SYSTEM, byAPerson: false, ticket }),
    E.map(([begun, events]) => ({
      ticket: settle(deps, context, begun, at),
      events: events.map((event) => ({ ...event, id: deps.newId() })),
      client: null,
      factsVersion: context.facts.version,
    })),
  )
}
