import * as E from 'fp-ts/lib/Either.js'
import type { AlreadyExists, NotFound, Stale } from '../../application/errors.ts'
import type {
  AskedScope,
  EscalationStore,
  FaultEvent,
  ScopeAsRead,
  ScopeOutcome,
  StoredEscalation,
} from '../../application/ports/escalation-store.ts'
import type { Escalation, EscalationError, EscalationEvent } from '../../domain/escalation/escalation.ts'
import type { Sha256 } from '../../domain/handover/chain.ts'
import { isFirstTime } from '../contract/once.ts'
import type { Pool, Queryable } from '../contract/pool.ts'
import { classify, orUnavailable } from '../contract/sql-errors.ts'
import { changingColumns, escalationOfRow } from './escalation-rows.ts'
import { readFaults, readScopes } from './escalation-scopes.ts'
import { inOneTransaction } from './platform-transaction.ts'
import { commitOn } from './ticket-commit.ts'

const HANDLER = 'escalate_repeat_faults'

/** One fault at a time per scope, until the transaction ends; always in the same order. */
const HOLD_SCOPES = `
select pg_advisory_xact_lock(hashtextextended(held.scope, 10))
from (select scope from unnest($1::text[]) as s (scope) order by 1) held`

const OPEN = `
insert into repeat_fault_escalations (id, scope_type, scope_value, project_id, fault_count, fault_threshold, window_days,
  contributing_tickets, escalation_ticket_id, escalation_type, status, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11)`

const MOVE = `
update repeat_fault_escalations set version = version + 1, status = $2, contributing_tickets = $3,
  investigating_since = coalesce($4, investigating_since), resolved_at = $5, resolved_by = $6, resolution_notes = $7
where id = $1`

/** Between the infrastructure ticket and its faults, both ways. */
const LINK = `
insert into ticket_links (ticket_id, other_id, kind, linked_by, linked_at)
select one, other, 'escalation', 'system', $3
from unnest($2::uuid[]) as fault (id), lateral (values ($1::uuid, fault.id), (fault.id, $1::uuid)) as pair (one, other)
on conflict do nothing`

const TELL = `
insert into outbox (event_id, type, ticket_id, body, at)
select (e ->> 'id')::uuid, e ->> 'type', $1, e || $3::jsonb, (e ->> 'at')::timestamptz
from jsonb_array_elements($2::jsonb) with ordinality as each (e, n) order by n`

const BY_TICKET = `
select row_to_json(e) as found from repeat_fault_escalations e where e.escalation_ticket_id = $1 for update`
const BY_ID = `
select row_to_json(e) as found, t.status, t.deleted_at
from repeat_fault_escalations e join tickets t on t.id = e.escalation_ticket_id
where e.id = $1 for update of e for share of t`

type RecordedEvent = EscalationEvent & { readonly id: string }

const tell = async (
  client: Queryable,
  { ticketId, key }: Escalation,
  events: ReadonlyArray<RecordedEvent>,
): Promise<void> => {
  const whose = { escalationTicketId: ticketId, projectId: key.projectId }
  await client.query(TELL, [ticketId, JSON.stringify(events), JSON.stringify(whose)])
}

const move = async (client: Queryable, escalation: Escalation, events: ReadonlyArray<RecordedEvent>): Promise<void> => {
  const set = changingColumns(escalation)
  await client.query(MOVE, [
    escalation.id,
    set.status,
    JSON.stringify(set.contributing_tickets),
    set.investigating_since,
    set.resolved_at,
    set.resolved_by,
    set.resolution_notes,
  ])
  await tell(client, escalation, events)
}

const open = async (client: Queryable, { escalation, windowDays, events }: ScopeOutcome): Promise<void> => {
  const { id, key, type, ticketId, faultCount, threshold, contributing, createdAt } = escalation
  await client.query(OPEN, [
    id,
    key.scope,
    key.value,
    key.projectId,
    faultCount,
    threshold,
    windowDays,
    JSON.stringify(contributing),
    ticketId,
    type,
    createdAt,
  ])
  await tell(client, escalation, events)
}

const keyText = ({ key }: AskedScope): string => JSON.stringify([key.projectId, key.scope, key.value])

export type EscalationStoreOptions = {
  readonly sha256: Sha256
  /** Runs after each commit: its events wait in the outbox. */
  readonly nudge: () => void
}

/** Escalations on PostgreSQL, each write one transaction with its tickets, links, events and handled event. */
export const postgresEscalationStore = (pool: Pool, { sha256, nudge }: EscalationStoreOptions): EscalationStore => {
  const weigh =
    (event: FaultEvent, scopes: ReadonlyArray<AskedScope>, judge: (scope: ScopeAsRead) => ScopeOutcome | null) =>
    async (client: Queryable): Promise<E.Either<Stale, ReadonlyArray<ScopeOutcome>>> => {
      if (!(await isFirstTime(client, HANDLER, event.id))) return E.right([])
      await client.query(HOLD_SCOPES, [scopes.map(keyText)])
      const outcomes = (await readScopes(client, scopes)).flatMap((scope) => judge(scope) ?? [])
      const creations = outcomes.flatMap(({ creation }) => creation ?? [])
      const committed = await commitOn(client, { sha256 }, creations, [])
      if (E.isLeft(committed)) return committed
      for (const outcome of outcomes) {
        const { escalation, creation, events } = outcome
        if (creation === null) await move(client, escalation, events)
        else await open(client, outcome)
        await client.query(LINK, [escalation.ticketId, escalation.contributing, event.at])
      }
      return E.right(outcomes)
    }

  return {
    faults: (ids) => orUnavailable(() => readFaults(pool, ids)),
    read: (scopes) => orUnavailable(() => readScopes(pool, scopes)),

    weigh: (event, scopes, judge) => async () => {
      try {
        return await inOneTransaction(pool, nudge, weigh(event, scopes, judge))()
      } catch (error) {
        const failure = classify(error)
        if (failure.type !== 'UniqueViolation') throw error
        return E.left<AlreadyExists>({ type: 'AlreadyExists', constraint: failure.constraint })
      }
    },

    follow: (ticketId, decide, recorded) =>
      inOneTransaction<never, Escalation | null>(pool, nudge, async (client) => {
        const { rows } = await client.query(BY_TICKET, [ticketId])
        if (rows[0] === undefined) return E.right(null)
        const { escalation } = escalationOfRow(rows[0].found)
        const decision = decide(escalation)
        if (decision[0] !== escalation) await move(client, decision[0], recorded(decision))
        return E.right(decision[0])
      }),

    change: (id, version, decide, recorded) =>
      inOneTransaction<EscalationError | NotFound | Stale, null>(pool, nudge, async (client) => {
        const { rows } = await client.query(BY_ID, [id])
        const [row] = rows
        if (row === undefined) return E.left({ type: 'NotFound', resource: 'Escalation', id })
        const stored: StoredEscalation = {
          ...escalationOfRow(row.found),
          ticket: { status: row.status, deletedAt: row.deleted_at?.toISOString() ?? null },
        }
        if (stored.version !== version) return E.left({ type: 'Stale', id, version: stored.version })
        const decision = decide(stored)
        if (E.isLeft(decision)) return decision
        await move(client, decision.right[0], recorded(decision.right))
        return E.right(null)
      }),
  }
}
