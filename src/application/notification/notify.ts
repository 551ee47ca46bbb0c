import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NewNotification } from '../../domain/notification/notification.ts'
import { renderTemplate } from '../../domain/notification/template.ts'
import { digestLines } from '../../domain/notification/template-defaults.ts'
import { eventValues, type ToldEvent, ticketValues } from '../../domain/notification/template-values.ts'
import type { Unavailable } from '../errors.ts'
import { perTicket, type Reaction } from '../ports/job-queue.ts'
import type { NotificationStore } from '../ports/notification-store.ts'
import type { OutboxEvent } from '../ports/outbox.ts'
import type { Stored } from '../ports/ticket-store.ts'
import { kindOf, TOLD_EVENTS, tellingOf } from './notify-table.ts'
import { partiesKnown, type TellingDeps, ticketTold } from './notify-ticket.ts'
import { recipientsOf } from './recipients.ts'
import { nameOfTemplate, templateIn } from './templates.ts'

export type NotifyDeps = TellingDeps & { readonly notifications: NotificationStore }

/** Something happened that people are told of: who, and in which words. That each is told once is the store's promise. */
export const tellPeople = (deps: NotifyDeps): Reaction => ({
  name: 'tell_people',
  eventTypes: TOLD_EVENTS,
  queue: 'reactions',
  key: perTicket,
  handle: async (event) => {
    const told = await tell(deps, event)()
    if (E.isLeft(told)) throw new Error(told.left.type)
  },
})

const tell = (deps: NotifyDeps, event: OutboxEvent): TE.TaskEither<Unavailable, ReadonlyArray<string>> =>
  pipe(
    deps.tickets.load(event.ticketId === null ? [] : [event.ticketId]),
    TE.flatMap(([stored]) =>
      // A ticket that was deleted meanwhile is nobody's work any more.
      stored === undefined ? TE.right<Unavailable, ReadonlyArray<NewNotification>>([]) : messages(deps, event, stored),
    ),
    TE.flatMap((rows) => (rows.length === 0 ? TE.right([]) : deps.notifications.add(rows))),
  )

const messages = (
  deps: NotifyDeps,
  { id, at, body }: OutboxEvent,
  stored: Stored,
): TE.TaskEither<Unavailable, ReadonlyArray<NewNotification>> => {
  // Stores write events as they are, and whose they are beside.
  const event = body as unknown as ToldEvent
  const telling = tellingOf(event)
  if (telling === null) return TE.right([])
  const { ticket } = stored
  return pipe(
    partiesKnown(deps, stored, event),
    TE.bindTo('known'),
    TE.bind('templates', () => deps.templates.read(ticket.projectId)),
    TE.map(({ known, templates }) => {
      const values = { ...ticketValues(ticketTold(deps, stored, known)), ...eventValues(event, ticket) }
      const said = {
        eventId: id,
        kind: kindOf[telling.template],
        ticketId: ticket.id,
        projectId: ticket.projectId,
        template: nameOfTemplate(templates, telling.template),
        text: renderTemplate(templateIn(templates, telling.template), values),
        digestLine: renderTemplate(digestLines[telling.template], values),
        at,
      }
      return recipientsOf(telling.to, event, ticket, known).map((recipient) => ({ ...said, ...recipient }))
    }),
  )
}
