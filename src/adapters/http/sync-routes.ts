import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { PageOf, PageWindow } from '../../application/ports/pages.ts'
import { RESOLUTIONS } from '../../application/ports/sync-desk.ts'
import { RUN_KINDS } from '../../application/ports/sync-store.ts'
import type {
  askSync,
  listConflicts,
  readLog,
  readRun,
  readStanding,
  resolveConflict,
  viewConflict,
} from '../../application/sync/desk.ts'
import type { receiveHint } from '../../application/sync/receive-hint.ts'
import { body, page } from './answer.ts'
import { count, flag, given, id, several, text } from './fields.ts'
import { type Route, route } from './route.ts'

export type SyncRoutesDeps = {
  readonly askSync: ReturnType<typeof askSync>
  readonly readSyncStanding: ReturnType<typeof readStanding>
  readonly readSyncRun: ReturnType<typeof readRun>
  readonly readSyncLog: ReturnType<typeof readLog>
  readonly listSyncConflicts: ReturnType<typeof listConflicts>
  readonly viewSyncConflict: ReturnType<typeof viewConflict>
  readonly resolveSyncConflict: ReturnType<typeof resolveConflict>
  readonly receiveQContact: ReturnType<typeof receiveHint>
}

const moment = z.string().meta({ format: 'date-time' })
const runShape = z
  .object({
    id: z.string(),
    kind: z.enum(RUN_KINDS),
    state: z.enum(['waiting', 'running', 'finished', 'failed']),
    asked_by: z.string(),
    asked_at: moment,
    started_at: moment.nullable(),
    finished_at: moment.nullable(),
    cases: z.int(),
    done: z.int(),
    in_step: z.int(),
    repaired: z.int(),
    conflicts: z.int(),
    created: z.int(),
    skipped: z.int(),
    waiting: z.int(),
    failed: z.int(),
    drift: z
      .int()
      .meta({ description: 'Fields that differed without anyone having been told; 0 proves both sides agree' }),
    failure: z.string().nullable(),
  })
  .meta({ id: 'SyncRun' })

const standingShape = z
  .object({
    configured: z.boolean(),
    tenant: z.string().nullable(),
    poll_seconds: z.int().nullable(),
    linked: z.int().meta({ description: 'Cases that are tickets here' }),
    in_step: z.int(),
    notes_waiting: z.int(),
    open_conflicts: z.int(),
    problems: z.array(
      z.object({
        ticket_id: z.string().nullable(),
        ticket_uid: z.string().nullable(),
        qcontact_ticket_id: z.string(),
        problem: z.string(),
        attempts: z.int(),
        since: moment,
      }),
    ),
    last_success_at: moment.nullable(),
    last_failure_at: moment.nullable(),
    last_failure: z.string().nullable(),
    paused_until: moment.nullable(),
    last_changes_run: runShape.nullable(),
    last_full_run: runShape.nullable(),
  })
  .meta({ id: 'SyncStatus' })

const LOG_STATUSES = ['success', 'failed', 'partial'] as const
const logShape = z
  .object({
    id: z.string(),
    ticket_id: z.string().nullable(),
    qcontact_ticket_id: z.string().nullable(),
    sync_direction: z.enum(['inbound', 'outbound']),
    sync_type: z.enum(['create', 'status_update', 'assignment', 'note_add', 'full_sync']),
    request_payload: z.unknown(),
    response_payload: z.unknown(),
    status: z.enum(LOG_STATUSES),
    error_message: z.string().nullable(),
    synced_at: moment,
  })
  .meta({ id: 'SyncLogEntry' })

const conflictShape = z
  .object({
    id: z.string(),
    ticket_id: z.string(),
    ticket_uid: z.string(),
    qcontact_ticket_id: z.string(),
    field: z.string().nullable(),
    kind: z.enum(['both_changed', 'status_refused', 'reopened', 'arrived_so', 'not_taken', 'overtaken', 'gone']),
    ours: z.string().nullable(),
    theirs: z.string().nullable(),
    winner: z.enum(['local', 'remote']).meta({ description: 'Whose value stands until someone decides' }),
    times: z.int(),
    found_at: moment,
    latest_at: moment,
    resolved_at: moment.nullable(),
    resolved_by: z.string().nullable(),
    resolution: z.enum([...RESOLUTIONS, 'agreed']).nullable(),
    resolution_notes: z.string().nullable(),
    follow_up_id: z.string().nullable(),
    version: z.int(),
  })
  .meta({ id: 'SyncConflict' })

const window = { page: count(1, 100_000).optional(), pageSize: count(1, 100).optional() }
const windowOf = (query: {
  readonly page?: number | undefined
  readonly pageSize?: number | undefined
}): PageWindow => ({
  page: query.page ?? 1,
  pageSize: query.pageSize ?? 50,
})
const numbered =
  (asked: PageWindow) =>
  <Row>({ rows, total, totalIsEstimate }: PageOf<Row>) =>
    page(rows, {
      ...asked,
      total,
      totalPages: Math.ceil(total / asked.pageSize),
      ...(totalIsEstimate ? { totalIsEstimate } : {}),
    })

const tag = 'QContact'

export const syncRoutes = (deps: SyncRoutesDeps): ReadonlyArray<Route> => [
  route({
    method: 'post',
    path: '/sync/qcontact',
    name: 'runSync',
    tag,
    summary: 'Ask for a comparison with QContact: of everything, of what changed, or of one ticket',
    may: 'run_sync',
    body: z.strictObject({
      scope: z.enum(['full', 'changes']).default('full'),
      ticket_id: id.nullable().default(null),
    }),
    status: 202,
    answers: { type: 'body', schema: z.object({ run_id: z.string() }) },
    handle: ({ body: said }, principal) =>
      pipe(
        deps.askSync(principal, { kind: said.scope, ticketId: said.ticket_id }),
        TE.map((run) => body({ run_id: run.id }, { location: `/sync/qcontact/runs/${run.id}` })),
      ),
  }),
  route({
    method: 'get',
    path: '/sync/qcontact/status',
    name: 'readSyncStatus',
    tag,
    summary: 'How the exchange with QContact stands: what is in step, what is in trouble, the latest runs',
    may: 'read_sync',
    status: 200,
    answers: { type: 'body', schema: standingShape },
    handle: (_, principal) =>
      pipe(
        deps.readSyncStanding(principal),
        TE.map((found) => body(found)),
      ),
  }),
  route({
    method: 'get',
    path: '/sync/qcontact/runs/{id}',
    name: 'readSyncRun',
    tag,
    summary: 'How far a run is, and what it found',
    may: 'read_sync',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: runShape },
    handle: ({ params }, principal) =>
      pipe(
        deps.readSyncRun(principal, params.id),
        TE.map((found) => body(found)),
      ),
  }),
  route({
    method: 'get',
    path: '/sync/qcontact/log',
    name: 'readSyncLog',
    tag,
    summary: 'Every exchange with QContact, newest first, without anything personal or secret',
    may: 'read_sync',
    query: {
      ticket_id: id.optional(),
      sync_direction: z.enum(['inbound', 'outbound']).optional(),
      status: several(LOG_STATUSES).optional(),
      ...window,
    },
    status: 200,
    answers: { type: 'page', schema: logShape },
    handle: ({ query }, principal) => {
      const filters = given({ ticketId: query.ticket_id, direction: query.sync_direction, status: query.status })
      return pipe(deps.readSyncLog(principal, filters, windowOf(query)), TE.map(numbered(windowOf(query))))
    },
  }),
  route({
    method: 'get',
    path: '/sync/qcontact/conflicts',
    name: 'listSyncConflicts',
    tag,
    summary: 'What the two sides could not agree on, latest first',
    may: 'resolve_sync_conflict',
    query: { open: flag.optional(), ticket_id: id.optional(), ...window },
    status: 200,
    answers: { type: 'page', schema: conflictShape },
    handle: ({ query }, principal) =>
      pipe(
        deps.listSyncConflicts(
          principal,
          { open: query.open ?? null, ticketId: query.ticket_id ?? null },
          windowOf(query),
        ),
        TE.map(numbered(windowOf(query))),
      ),
  }),
  route({
    method: 'get',
    path: '/sync/qcontact/conflicts/{id}',
    name: 'viewSyncConflict',
    tag,
    summary: 'One conflict with both values',
    may: 'resolve_sync_conflict',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: conflictShape },
    handle: ({ params }, principal) =>
      pipe(
        deps.viewSyncConflict(principal, params.id),
        TE.map((found) => body(found, { version: found.version })),
      ),
  }),
  route({
    method: 'post',
    path: '/sync/qcontact/conflicts/{id}/resolve',
    name: 'resolveSyncConflict',
    tag,
    summary: 'Decide a conflict: have ours written, take theirs, make a follow-up of a reopened case, or note it',
    may: 'resolve_sync_conflict',
    params: { id },
    body: z.strictObject({ resolution: z.enum(RESOLUTIONS), notes: text(2_000).nullable().default(null) }),
    ifMatch: true,
    status: 200,
    answers: { type: 'body', schema: conflictShape },
    current: ({ params }, principal) => deps.viewSyncConflict(principal, params.id),
    handle: ({ params, body: word, version }, principal) =>
      pipe(
        deps.resolveSyncConflict(principal, params.id, version, word),
        TE.map((found) => body(found, { version: found.version })),
      ),
  }),
  route({
    method: 'post',
    path: '/webhooks/qcontact',
    name: 'receiveQContact',
    tag: 'Webhooks',
    summary:
      'A hint that a case may have changed ({"case_id": …}), signed as Standard Webhooks has it; it is looked at afterwards',
    may: 'anyone',
    raw: true,
    status: 200,
    answers: { type: 'body', schema: z.object({ received: z.enum(['kept', 'seen']) }) },
    handle: (_, __, { raw }) =>
      pipe(
        deps.receiveQContact(raw.bytes, {
          id: raw.header('webhook-id'),
          timestamp: raw.header('webhook-timestamp'),
          signature: raw.header('webhook-signature'),
        }),
        TE.map((received) => body({ received })),
      ),
  }),
]
