import * as E from 'fp-ts/lib/Either.js'
import type { AlreadyExists, Stale, Unavailable } from '../../application/errors.ts'
import type { Change, Committed, Creation, TicketStore } from '../../application/ports/ticket-store.ts'
import type { EarlierUse } from '../../domain/evidence/judge-reuse.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { inTransaction, isoInstant, type Pool } from '../contract/pool.ts'
import { classify, orUnavailable } from '../contract/sql-errors.ts'
import { likenessesIn } from './photo-likeness-guard.ts'
import { inOneTransaction } from './platform-transaction.ts'
import { commitOn, saveOn } from './ticket-commit.ts'
import type { ContextSources } from './ticket-context.ts'
import { loadByIds, loadContext } from './ticket-load.ts'
import { joinableBy, waitForNumbers } from './ticket-numbers.ts'
import type { Sealing } from './ticket-seal.ts'

/** A picture's earlier uses; the attachment may be pruned by now, the use is not. */
const USES = `
select h.photo_id, h.ticket_id, h.step_key, h.dr_number, h.uploaded_at, coalesce(t.ticket_uid, '') as ticket_uid
from photo_hashes h left join tickets t on t.id = h.ticket_id
where h.sha256 = $1
order by h.uploaded_at, h.photo_id`

const WRITTEN = `
select id, content, system_event, event_data from ticket_notes where ticket_id = $1 order by seq`

/** In the words of the unique index that has the last word on it. */
const OPEN_FOR_FAULT = `
select ticket_uid from tickets
where project_id = $1 and import_key = $2 and deleted_at is null
  and status in ('open', 'assigned', 'in_progress', 'on_hold', 'pending_qa', 'qa_in_progress', 'qa_rejected',
                 'qa_approved', 'pending_handover')`

export type TicketStoreOptions = ContextSources &
  Sealing & {
    /** Runs after each commit: its events wait in the outbox. */
    readonly nudge: () => void
  }

/** Tickets on PostgreSQL. A change is one statement; with a snapshot it is one transaction. */
export const postgresTicketStore = (pool: Pool, options: TicketStoreOptions): TicketStore => ({
  load: (ids, also) => orUnavailable(() => loadByIds(pool, options, ids, also)),

  context: (projectId, dr) => orUnavailable(() => loadContext(pool, options, projectId, dr)),

  usesOf: (hash) =>
    orUnavailable(async () => {
      const { rows } = await pool.query(USES, [hash])
      return rows.map(
        (row): EarlierUse => ({
          ticketId: row.ticket_id,
          ticketUid: row.ticket_uid,
          stepKey: row.step_key,
          photoId: row.photo_id,
          uploadedAt: isoInstant(row.uploaded_at),
          drNumber: row.dr_number,
        }),
      )
    }),

  written: (ticketId) =>
    orUnavailable(async () => {
      const { rows } = await pool.query(WRITTEN, [ticketId])
      return {
        notes: rows
          .filter(({ system_event }) => system_event === null)
          .map(({ id, content }) => ({ id: String(id), content: String(content) })),
        events: rows
          .filter(({ system_event }) => system_event !== null)
          .map(({ id, system_event, event_data }) => ({
            id: String(id),
            type: String(system_event),
            data: event_data as Json,
          })),
      }
    }),

  hasRun: (ticketId, runId) =>
    orUnavailable(async () => {
      const { rows } = await pool.query('select from qa_readiness_checks where id = $1 and ticket_id = $2', [
        runId,
        ticketId,
      ])
      return rows.length > 0
    }),

  openForFault: (projectId, importKey) =>
    orUnavailable(async () => {
      const { rows } = await pool.query(OPEN_FOR_FAULT, [projectId, importKey])
      return rows[0]?.ticket_uid ?? null
    }),

  commitCase: (creation, numbers) => async () => {
    try {
      return await inOneTransaction<Stale, TicketId>(pool, options.nudge, async (client) => {
        await waitForNumbers(client, numbers)
        const { id, projectId } = creation.ticket
        const known = await joinableBy(client, numbers, projectId)
        return known === null ? E.map(() => id)(await saveOn(client, [creation], [])) : E.right(known)
      })()
    } catch (error) {
      const failure = classify(error)
      if (failure.type !== 'UniqueViolation') throw error
      return E.left({ type: 'AlreadyExists', constraint: failure.constraint })
    }
  },

  commit: (creations, changes) => async () => {
    const committed = await tryTwice(() => commit(pool, options, creations, changes))
    if (E.isRight(committed)) options.nudge()
    return committed
  },
})

type Answer = E.Either<Stale | AlreadyExists | Unavailable, Committed>

/** One statement stands for itself. Snapshots, pictures that are compared, and more than one picture need a transaction. */
const commit = async (
  pool: Pool,
  sealing: Sealing,
  creations: ReadonlyArray<Creation>,
  changes: ReadonlyArray<Change>,
): Promise<E.Either<Stale, Committed>> => {
  const isWhole =
    changes.every(({ seal }) => seal === null) &&
    changes.filter(({ picture }) => picture !== null).length < 2 &&
    likenessesIn(changes).length === 0
  if (isWhole) return saveOn(pool, creations, changes)
  const undone: { stale: Stale | null } = { stale: null }
  try {
    return await inTransaction(pool, async (client) => {
      const committed = await commitOn(client, sealing, creations, changes)
      if (E.isLeft(committed)) {
        undone.stale = committed.left
        throw new Error('rolled back')
      }
      return committed
    })
  } catch (error) {
    if (undone.stale !== null) return E.left(undone.stale)
    throw error
  }
}

/** A deadlock or serialization failure did nothing and is run once more. */
const tryTwice = async (work: () => Promise<E.Either<Stale, Committed>>): Promise<Answer> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const failure = classify(error)
      if (failure.type === 'Retryable' && tries < 2) continue
      if (failure.type === 'UniqueViolation') return E.left({ type: 'AlreadyExists', constraint: failure.constraint })
      if (failure.type === 'Unavailable' || failure.type === 'Retryable')
        return E.left({ type: 'Unavailable', what: 'database' })
      throw error
    }
  }
}
