import { createHash } from 'node:crypto'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { Exchange } from '../../application/ports/outside-calls.ts'
import type { RemoteTicket, SyncError, TicketSystem } from '../../application/ports/ticket-system.ts'
import type { SyncField, Values } from '../../domain/sync/fields.ts'
import { changesOf, remoteTicketOf } from './case-codec.ts'
import type { QContactClient } from './client.ts'
import type { QContactConfiguration } from './configuration.ts'
import { anything, type Detail, detail, events, type ListPage, listPage } from './wire.ts'
import { writeNote } from './write-note.ts'

/** Where a walk through the list is: the next page, what the first one counted, and the last id before it. */
const walk = z.object({ page: z.int(), count: z.int().nullable(), before: z.string().nullable(), restarts: z.int() })
type Walk = z.output<typeof walk>
const START: Walk = { page: 1, count: null, before: null, restarts: 0 }
/** A list that never stands still is taken as it is; what was missed is looked at by its id. */
const RESTARTS = 3

const casePath = (id: string): string => `/entities/Case/${encodeURIComponent(id)}`

/** QContact as a ticket system: their words on the inside, ours on the outside. */
export const qcontactTicketSystem = (
  configuration: QContactConfiguration,
  client: QContactClient,
  ourUser: string,
): TicketSystem => {
  const { fields, filters, pageSize } = configuration
  const ourNames = new Set([ourUser, ...(configuration.ourUser === null ? [] : [configuration.ourUser])])
  const asRead = (
    caseId: string | null,
    path: string,
  ): Pick<Exchange, 'caseId' | 'direction' | 'type' | 'request'> => ({
    caseId,
    direction: 'inbound',
    type: 'full_sync',
    request: { method: 'GET', path },
  })

  const list = (page: number, items: number, signal: AbortSignal): TE.TaskEither<SyncError, ListPage> =>
    client.call(
      {
        method: 'GET',
        path: '/entities/Case',
        query: {
          page: String(page),
          items: String(items),
          sort: 'id ASC',
          ...(filters.length === 0 ? {} : { filters: JSON.stringify(filters) }),
        },
        answer: listPage,
        absent: { type: 'Missing', what: 'the list' },
        as: { ...asRead(null, '/entities/Case'), request: { method: 'GET', path: '/entities/Case', page, items } },
      },
      signal,
    )

  /** The last row of the page before is asked for again: when it is another one, rows have moved past us. */
  const stoodStill = ({ page, before }: Walk, signal: AbortSignal): TE.TaskEither<SyncError, boolean> =>
    page === 1 || before === null
      ? TE.right(true)
      : pipe(
          list((page - 1) * pageSize, 1, signal),
          TE.map(({ results }) => results[0]?.id === before),
        )

  const detailOf = (caseId: string, signal: AbortSignal): TE.TaskEither<SyncError, Detail> =>
    client.call(
      {
        method: 'GET',
        path: casePath(caseId),
        answer: detail,
        absent: { type: 'Gone' },
        as: asRead(caseId, '/entities/Case/{id}'),
      },
      signal,
    )

  const read = (caseId: string, signal: AbortSignal): TE.TaskEither<SyncError, RemoteTicket> =>
    pipe(
      detailOf(caseId, signal),
      TE.map((found) => remoteTicketOf(configuration, found)),
    )

  const log = (caseId: string, page: number, signal: AbortSignal) =>
    client.call(
      {
        method: 'GET',
        path: `${casePath(caseId)}/events`,
        query: { expand_conversations: 'false', page: String(page), sort: 'id DESC' },
        answer: events,
        absent: { type: 'Missing', what: 'its change log' },
        as: asRead(caseId, '/entities/Case/{id}/events'),
      },
      signal,
    )

  const patch = (
    caseId: string,
    written: Readonly<Record<string, unknown>>,
    as: Pick<Exchange, 'type' | 'request'>,
    signal: AbortSignal,
  ) =>
    client.call(
      {
        method: 'PATCH',
        path: casePath(caseId),
        body: { fields: written },
        answer: anything,
        absent: { type: 'Missing', what: 'what is written to' },
        as: { caseId, direction: 'outbound', ...as },
      },
      signal,
    )

  /** Whether somebody else wrote over what we had just written. */
  const overwritten = (caseId: string, ignored: ReadonlyArray<SyncField>, values: Values, signal: AbortSignal) =>
    pipe(
      log(caseId, 1, signal),
      TE.map((found) => changesOf(configuration, ourNames, found)),
      TE.map((changes) =>
        ignored.every((field) => {
          const about = changes.filter((one) => one.changes.some((change) => change.field === field))
          const [latest, earlier] = about
          return (
            latest?.byUs === false &&
            earlier?.byUs === true &&
            earlier.changes.some((change) => change.field === field && change.to === values[field])
          )
        }),
      ),
    )

  const addNote = writeNote(configuration, client, {
    log,
    fieldOf: (caseId, name, signal) =>
      pipe(
        detailOf(caseId, signal),
        TE.map(({ fields: found }) => found[name]),
      ),
    patch,
  })

  return {
    changesSince: (cursor, signal) => {
      const here = cursor === null ? START : walk.parse(JSON.parse(cursor))
      return pipe(
        list(here.page, pageSize, signal),
        TE.bindTo('found'),
        TE.bind('still', () => stoodStill(here, signal)),
        TE.map(({ found: { results, pagination }, still }) => {
          const moved = !still || (here.count !== null && here.count !== pagination.count)
          if (moved && here.restarts < RESTARTS)
            return {
              rows: [],
              cursor: JSON.stringify({ ...START, restarts: here.restarts + 1 }),
              done: false,
              again: true,
            }
          const next: Walk = {
            page: here.page + 1,
            count: moved ? pagination.count : (here.count ?? pagination.count),
            before: results.at(-1)?.id ?? here.before,
            restarts: here.restarts,
          }
          return {
            rows: results.map((row) => ({ caseId: row.id, fingerprint: fingerprintOf(row) })),
            cursor: JSON.stringify(next),
            done: results.length === 0 || here.page >= pagination.pages,
            again: false,
          }
        }),
      )
    },
    get: (caseId, signal) =>
      pipe(
        read(caseId, signal),
        TE.map((found): RemoteTicket | null => found),
        TE.orElse((error) => (error.type === 'Gone' ? TE.right(null) : TE.left(error))),
      ),
    history: (caseId, signal) =>
      pipe(
        log(caseId, 1, signal),
        TE.map((found) => changesOf(configuration, ourNames, found)),
      ),
    apply: (caseId, values, signal) => {
      const names = Object.keys(values) as ReadonlyArray<SyncField>
      const written = Object.fromEntries(
        fields.flatMap(({ local, write }) =>
          write !== null && values[local] !== undefined ? [[write, values[local]]] : [],
        ),
      )
      const type = names.includes('status') ? 'status_update' : 'assignment'
      // Only status and assignee are ever written here, and neither says who a client is.
      const request = { method: 'PATCH', path: '/entities/Case/{id}', fields: written }
      return pipe(
        patch(caseId, written, { type, request }, signal),
        TE.flatMap(() => read(caseId, signal)),
        TE.flatMap((after) => {
          const ignored = names.filter((name) => after.values[name] !== values[name])
          return ignored.length === 0
            ? TE.right(after)
            : pipe(
                overwritten(caseId, ignored, values, signal),
                TE.flatMap((by) =>
                  by ? TE.right(after) : TE.left<SyncError>({ type: 'SilentlyIgnored', fields: ignored }),
                ),
              )
        }),
      )
    },
    addNote,
  }
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, one]) => [name, sorted(one)]),
        )
      : value

/** The same for rows that show the same, in whatever order they name it. */
const fingerprintOf = (row: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(row)))
    .digest('hex')
