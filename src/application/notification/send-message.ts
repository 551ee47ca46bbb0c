import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NewNotification, RecipientType } from '../../domain/notification/notification.ts'
import { allowed } from '../allowed.ts'
import { type ChangeDeps, loadOne, notFound, permit } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Directory, Known } from '../ports/directory.ts'
import type { NotificationRow } from '../ports/notification-queries.ts'
import type { NotificationStore } from '../ports/notification-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'
import { type NotificationView, type StatusDeps, viewNotification } from './status.ts'

export type SendMessageDeps = Pick<ChangeDeps, 'tickets'> &
  StatusDeps & { readonly directory: Directory; readonly notifications: NotificationStore }

/** What a person wants to tell somebody. */
export type OwnMessage = {
  /** The client's own: the same again is the same message. */
  readonly id: string
  readonly ticketId: string | null
  readonly recipientType: RecipientType
  /** In the directory; left out for the client of the ticket. */
  readonly recipientId: string | null
  readonly text: string
}

type Addressee = Pick<NewNotification, 'recipientId' | 'phoneOrGroup' | 'name' | 'projectId'>

/** Puts a person's own message into the same queue as all others; it goes out by the same limits. */
export const sendMessage =
  (deps: SendMessageDeps) =>
  (principal: Principal, message: OwnMessage): TE.TaskEither<AppError, NotificationView> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'send_notification')),
      TE.flatMap(() => ticketOf(deps, principal, message.ticketId)),
      TE.flatMap((stored) => addressee(deps, message, stored)),
      TE.flatMap((to) =>
        pipe(
          deps.notificationQueries.ofEvent(message.id),
          TE.mapLeft((error): AppError => error),
          TE.flatMap((known) => (known.length > 0 ? same(known, message, to) : added(deps, message, to))),
        ),
      ),
      TE.flatMap((id) => viewNotification(deps)(principal, id)),
      TE.flatMap((view) => (view === null ? TE.left<AppError>(notFound('Notification', message.id)) : TE.right(view))),
    )

const ticketOf = (
  deps: SendMessageDeps,
  principal: Principal,
  ticketId: string | null,
): TE.TaskEither<AppError, Stored | null> =>
  ticketId === null
    ? TE.right(null)
    : pipe(
        loadOne(deps, ticketId),
        TE.tap((stored) => TE.fromEither(permit(principal, 'read_ticket', stored.ticket))),
      )

const added = (deps: SendMessageDeps, message: OwnMessage, to: Addressee): TE.TaskEither<AppError, string> =>
  pipe(
    deps.notifications.add([
      {
        ...to,
        eventId: message.id,
        kind: 'message',
        ticketId: message.ticketId,
        recipientType: message.recipientType,
        template: null,
        text: message.text,
        digestLine: null,
        at: deps.now(),
      },
    ]),
    TE.mapLeft((error): AppError => error),
    TE.flatMap(([id]) => (id === undefined ? taken : TE.right(id))),
  )

const taken = TE.left<AppError>({ type: 'AlreadyExists', constraint: 'uq_notification' })

const same = (
  known: ReadonlyArray<NotificationRow>,
  message: OwnMessage,
  to: Addressee,
): TE.TaskEither<AppError, string> => {
  const found = known.find(
    (row) =>
      row.kind === 'message' &&
      row.recipient_type === message.recipientType &&
      row.recipient_id === to.recipientId &&
      row.ticket_id === message.ticketId &&
      (row.message_content === null || row.message_content === message.text),
  )
  return found === undefined ? taken : TE.right(found.id)
}

const invalid = (rule: string, value: string | null): AppError => ({
  type: 'FieldInvalid',
  field: 'recipientId',
  rule,
  value,
})

const addressee = (
  { directory }: SendMessageDeps,
  { recipientType, recipientId }: OwnMessage,
  stored: Stored | null,
): TE.TaskEither<AppError, Addressee> => {
  const projectId = stored?.ticket.projectId ?? null
  if (recipientType === 'client') {
    if (stored === null || recipientId !== null)
      return TE.left(invalid('must be left out, and a ticket be named, to tell its client', recipientId))
    return TE.right({
      recipientId: stored.ticket.id,
      phoneOrGroup: stored.client?.phone ?? null,
      name: stored.client?.name ?? null,
      projectId,
    })
  }
  if (recipientId === null) return TE.left(invalid('must name who is told', null))
  return pipe(
    directory.find(askFor(recipientType, recipientId)),
    TE.mapLeft((error): AppError => error),
    TE.flatMap((known) => {
      const found = foundIn(recipientType, known)
      return found === null
        ? TE.left(invalid('must be known to the directory', recipientId))
        : TE.right({ ...found, recipientId, projectId })
    }),
  )
}

const askFor = (type: RecipientType, id: string) =>
  type === 'contractor' ? { contractors: [id] } : type === 'team' ? { teams: [id] } : { people: [id] }

const foundIn = (
  type: RecipientType,
  { people, contractors, teams }: Known,
): Pick<Addressee, 'phoneOrGroup' | 'name'> | null => {
  const [company] = type === 'contractor' ? contractors : type === 'team' ? teams : []
  if (company !== undefined) return { phoneOrGroup: company.groupId ?? company.phone, name: company.name }
  const [person] = people
  return person === undefined ? null : { phoneOrGroup: person.phone, name: person.name }
}
