import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NewNotification, RecipientType } from '../../domain/notification/notification.ts'
import { renderTemplate } from '../../domain/notification/template.ts'
import type { TemplateKind } from '../../domain/notification/template-kinds.ts'
import { ticketValues } from '../../domain/notification/template-values.ts'
import { allowed } from '../allowed.ts'
import { loadOne, notFound, permit } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Known } from '../ports/directory.ts'
import type { NotificationRow } from '../ports/notification-queries.ts'
import type { NotificationStore } from '../ports/notification-store.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'
import { partiesKnown, type TellingDeps, ticketTold } from './notify-ticket.ts'
import { type NotificationView, type StatusDeps, viewNotification } from './status.ts'
import { nameOfTemplate, templateIn } from './templates.ts'

export type SendMessageDeps = TellingDeps & StatusDeps & { readonly notifications: NotificationStore }

/** The template people send by: the others are sent by what happens. */
export const OWN_TEMPLATES = ['client_update'] as const satisfies ReadonlyArray<TemplateKind>
export type OwnTemplate = (typeof OWN_TEMPLATES)[number]

/** What a person wants to tell somebody. */
export type OwnMessage = {
  /** The client's own: the same again is the same message. */
  readonly id: string
  readonly ticketId: string | null
  readonly recipientType: RecipientType
  /** In the directory; left out for the client of the ticket. */
  readonly recipientId: string | null
  /** One of the two: words of one's own, or the project's for this. */
  readonly text: string | null
  readonly template: OwnTemplate | null
}

type SaidWords = Pick<NewNotification, 'text' | 'template'>
type Addressee = Pick<NewNotification, 'recipientId' | 'phoneOrGroup' | 'name' | 'projectId'>

/** Puts a person's own message into the same queue as all others; it goes out by the same limits. */
export const sendMessage =
  (deps: SendMessageDeps) =>
  (principal: Principal, message: OwnMessage): TE.TaskEither<AppError, NotificationView> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'send_notification')),
      TE.flatMap(() => TE.fromEither(oneOfTwo(message))),
      TE.flatMap(() => ticketOf(deps, principal, message.ticketId)),
      TE.flatMap((stored) => put(deps, message, stored)),
      TE.flatMap((id) => viewNotification(deps)(principal, id)),
      TE.flatMap((view) => (view === null ? TE.left<AppError>(notFound('Notification', message.id)) : TE.right(view))),
    )

/** Puts it into the queue, unless it is there already; gives its id. */
const put = (deps: SendMessageDeps, message: OwnMessage, stored: Stored | null): TE.TaskEither<AppError, string> =>
  pipe(
    addressee(deps, message, stored),
    TE.bindTo('to'),
    TE.bindW('known', () => deps.notificationQueries.ofEvent(message.id)),
    TE.flatMap(({ to, known }) =>
      known.length > 0
        ? same(known, message, to)
        : pipe(
            wordsIn(deps, message, stored),
            TE.flatMap((words) => added(deps, message, to, words)),
          ),
    ),
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

const oneOfTwo = ({ text, template, recipientType }: OwnMessage): E.Either<AppError, null> => {
  if ((text === null) === (template === null))
    return E.left(refused('text', 'must be given where no template is named, and only there', text))
  return template === null || recipientType === 'client'
    ? E.right(null)
    : E.left(refused('recipientType', `must be client, whom ${template} addresses`, recipientType))
}

const refused = (field: string, rule: string, value: string | null): AppError => ({
  type: 'FieldInvalid',
  field,
  rule,
  value: value?.slice(0, 80).toWellFormed() ?? null,
})

/** The project's words for the ticket as it is now, which name its client and nobody else's data. */
const wordsIn = (
  deps: SendMessageDeps,
  { text, template }: OwnMessage,
  stored: Stored | null,
): TE.TaskEither<AppError, SaidWords> => {
  if (template === null || stored === null) return TE.right({ text: text ?? '', template: null })
  return pipe(
    partiesKnown(deps, stored, null),
    TE.bindTo('known'),
    TE.bind('templates', () => deps.templates.read(stored.ticket.projectId)),
    TE.map(({ known, templates }) => {
      const told = ticketTold(deps, stored, known)
      const values = ticketValues({ ...told, names: { ...told.names, client: stored.client?.name ?? null } })
      return {
        text: renderTemplate(templateIn(templates, template), values),
        template: nameOfTemplate(templates, template),
      }
    }),
  )
}

const added = (
  deps: SendMessageDeps,
  message: OwnMessage,
  to: Addressee,
  words: SaidWords,
): TE.TaskEither<AppError, string> =>
  pipe(
    deps.notifications.add([
      {
        ...to,
        ...words,
        eventId: message.id,
        kind: 'message',
        ticketId: message.ticketId,
        recipientType: message.recipientType,
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
      saysTheSame(row, message),
  )
  return found === undefined ? taken : TE.right(found.id)
}

/** The words of a template are those of its first asking, whatever became of the ticket since. */
const saysTheSame = (row: NotificationRow, { text, template }: OwnMessage): boolean =>
  template === null
    ? row.message_template === null && (row.message_content === null || row.message_content === text)
    : row.message_template?.split(' ')[0] === template

const invalid = (rule: string, value: string | null): AppError => refused('recipientId', rule, value)

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
