import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { receiveWaha } from '../../application/notification/acks.ts'
import { OWN_TEMPLATES, type sendMessage } from '../../application/notification/send-message.ts'
import type { settleNotification, switchSending } from '../../application/notification/settle.ts'
import type { listNotifications, readCompliance, readSending } from '../../application/notification/status.ts'
import type { NotificationFilters } from '../../application/ports/notification-queries.ts'
import { DELIVERY_STATUSES } from '../../domain/notification/delivery.ts'
import { NOTIFICATION_KINDS, RECIPIENT_TYPES } from '../../domain/notification/notification.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body, page } from './answer.ts'
import { count, given, hostId, id, instant, several, severalLines, text } from './fields.ts'
import { type Route, route } from './route.ts'

export type NotificationRoutesDeps = {
  readonly listNotifications: ReturnType<typeof listNotifications>
  readonly readCompliance: ReturnType<typeof readCompliance>
  readonly readSending: ReturnType<typeof readSending>
  readonly sendMessage: ReturnType<typeof sendMessage>
  readonly settleNotification: ReturnType<typeof settleNotification>
  readonly switchSending: ReturnType<typeof switchSending>
  readonly receiveWaha: ReturnType<typeof receiveWaha>
}

const at = z.iso.datetime().nullable()
const status = z.enum(DELIVERY_STATUSES)
const notificationView = z
  .object({
    id: z.uuid(),
    event_id: z.uuid(),
    kind: z.enum(NOTIFICATION_KINDS),
    ticket_id: z.uuid().nullable(),
    ticket_uid: z.string().nullable(),
    project_id: z.string().nullable(),
    recipient_type: z.enum(RECIPIENT_TYPES),
    recipient_id: z.string(),
    recipient_phone: z.string().nullable(),
    recipient_name: z.string().nullable(),
    message_template: z.string().nullable(),
    message_content: z.string().nullable(),
    status,
    error_message: z.string().nullable(),
    waiting_for: z.enum(['not_configured', 'switched_off', 'pause', 'session', 'restricted', 'its_turn']).nullable(),
    waha_message_id: z.string().nullable(),
    happened_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
    sent_at: at,
    delivered_at: at,
    read_at: at,
    settled_by: z.string().nullable(),
    settled_at: at,
  })
  .meta({ id: 'Notification' })
const complianceView = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  events: z.int(),
  prompt: z.int().meta({ description: 'Sent within one minute of the event' }),
  share: z.number().nullable(),
  by_status: z.object(Object.fromEntries(DELIVERY_STATUSES.map((one) => [one, z.int()]))),
})
const sendingView = z.object({
  channel: z.enum(['configured', 'switched_off', 'not_configured']),
  on: z.boolean(),
  switched_by: z.string().nullable(),
  switched_at: at,
  switch_reason: z.string().nullable(),
  paused_until: at,
  restricted_until: at,
  session_status: z.string().nullable(),
  session_seen_at: at,
  waiting: z.int(),
  unknown: z.int(),
  version: z.int(),
})

const about = { tag: 'Notifications', status: 200 } as const

/** What is told by WhatsApp, what became of it, and what people do about it. */
export const notificationRoutes = (deps: NotificationRoutesDeps): ReadonlyArray<Route> => [
  route({
    tag: 'Notifications',
    status: 202,
    method: 'post',
    path: '/notifications/whatsapp',
    name: 'sendNotification',
    summary:
      'Puts a message, of one’s own words or a template’s, into the queue; the same id again is the same message',
    may: 'send_notification',
    body: z.strictObject({
      id,
      ticket_id: id.nullable().default(null),
      recipient_type: z.enum(RECIPIENT_TYPES),
      recipient_id: hostId.nullable().default(null),
      text: text(4_000).nullable().default(null).meta({ description: 'Left out where a template is named' }),
      template: z
        .enum(OWN_TEMPLATES)
        .nullable()
        .default(null)
        .meta({ description: 'The words of the ticket’s project, to its client' }),
    }),
    answers: { type: 'body', schema: notificationView },
    handle: ({ body: said }, principal) =>
      pipe(
        deps.sendMessage(principal, {
          id: said.id,
          ticketId: said.ticket_id,
          recipientType: said.recipient_type,
          recipientId: said.recipient_id,
          text: said.text,
          template: said.template,
        }),
        TE.map((view) => body(view)),
      ),
  }),
  route({
    ...about,
    method: 'get',
    path: '/notifications/status',
    name: 'listNotifications',
    summary: 'What was told and what became of it, newest first, by cursor; from and to are of the event',
    may: 'read_notifications',
    query: {
      ticket_id: id.optional(),
      status: several(DELIVERY_STATUSES).optional(),
      kind: several(NOTIFICATION_KINDS).optional(),
      project_id: severalLines(255).optional(),
      from: instant.optional(),
      to: instant.optional(),
      cursor: z.string().max(500).optional(),
      pageSize: count(1, 100).optional(),
    },
    answers: { type: 'page', schema: notificationView },
    handle: ({ query }, principal) => {
      const filters: NotificationFilters = given({
        ticketId: query.ticket_id,
        status: query.status,
        kind: query.kind,
        project: query.project_id,
        from: query.from,
        to: query.to,
      })
      const limit = query.pageSize ?? 50
      return pipe(
        deps.listNotifications(principal, { filters, cursor: query.cursor || null, limit }),
        TE.map(({ rows, next_cursor }) => page(rows, { pageSize: limit, nextCursor: next_cursor })),
      )
    },
  }),
  route({
    ...about,
    method: 'get',
    path: '/notifications/compliance',
    name: 'readNotificationCompliance',
    summary:
      'The share of events whose notification was sent within one minute; the last 30 days unless said otherwise',
    may: 'read_notifications',
    query: { from: instant.optional(), to: instant.optional(), project_id: severalLines(255).optional() },
    answers: { type: 'body', schema: complianceView },
    handle: ({ query }, principal) =>
      pipe(
        deps.readCompliance(principal, {
          from: query.from ?? null,
          to: query.to ?? null,
          project: query.project_id ?? null,
        }),
        TE.map((figures) => body(inSnakeCase(figures))),
      ),
  }),
  route({
    ...about,
    method: 'get',
    path: '/notifications/sending',
    name: 'readSending',
    summary: 'Whether messages go out, and what holds them up',
    may: 'read_notifications',
    answers: { type: 'body', schema: sendingView },
    handle: (_, principal) =>
      pipe(
        deps.readSending(principal),
        TE.map((state) => body(inSnakeCase(state), { version: state.version })),
      ),
  }),
  route({
    ...about,
    method: 'put',
    path: '/notifications/sending',
    name: 'switchSending',
    summary: 'Stops all messages, or lets them go again; what waits goes on waiting until it expires',
    may: 'switch_notifications',
    body: z.strictObject({ on: z.boolean(), reason: text(500) }),
    ifMatch: true,
    current: (_, principal) => pipe(deps.readSending(principal), TE.map(inSnakeCase)),
    answers: { type: 'body', schema: sendingView },
    handle: ({ body: said, version }, principal) =>
      pipe(
        deps.switchSending(principal, { ...said, version }),
        TE.map((state) => body(inSnakeCase(state), { version: state.version })),
      ),
  }),
  route({
    ...about,
    method: 'post',
    path: '/notifications/{id}/settle',
    name: 'settleNotification',
    summary:
      'Decides what nobody can know of a message: sent, failed, or to be sent again, knowing that it may then come twice; with all that went in the same message',
    may: 'settle_notification',
    params: { id },
    body: z.strictObject({ outcome: z.enum(['sent', 'failed', 'send_again']) }),
    answers: { type: 'body', schema: notificationView },
    handle: ({ params, body: said }, principal) =>
      pipe(
        deps.settleNotification(principal, params.id, said.outcome),
        TE.map((view) => body(view)),
      ),
  }),
  route({
    tag: 'Webhooks',
    status: 200,
    method: 'post',
    path: '/webhooks/waha',
    name: 'receiveWaha',
    summary: 'Events of WAHA, signed over the raw body (X-Webhook-Hmac, SHA-512); kept at once, worked on afterwards',
    may: 'anyone',
    raw: true,
    answers: { type: 'body', schema: z.object({ received: z.enum(['kept', 'seen', 'ignored']) }) },
    handle: (_, __, { raw }) =>
      pipe(
        deps.receiveWaha(raw.bytes, {
          signature: raw.header('x-webhook-hmac'),
          algorithm: raw.header('x-webhook-hmac-algorithm'),
        }),
        TE.map((received) => body({ received })),
      ),
  }),
]
