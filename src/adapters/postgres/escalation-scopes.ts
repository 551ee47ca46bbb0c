import { z } from 'zod'
import type { AskedScope, FaultInShort, ScopeAsRead } from '../../application/ports/escalation-store.ts'
import { isLive, type RepeatFaultSettings, SCOPES, type Scope } from '../../domain/escalation/escalation.ts'
import { COUNTED_TYPES } from '../../domain/escalation/repeat-faults.ts'
import { STATUSES } from '../../domain/ticket/ticket.ts'
import { prepared, type Queryable } from '../contract/pool.ts'
import { escalationOfRow } from './escalation-rows.ts'
import { instant } from './ticket-columns.ts'
import { settingsOf } from './ticket-settings.ts'

/** The column of a ticket that each scope counts over. */
export const columnOf: { readonly [S in Scope]: string } = {
  dr: 'dr_number',
  pole: 'pole_number',
  pon: 'pon_number',
  zone: 'zone_no',
}

/** `countsAsFault` of the domain, said of `tickets t`. */
export const COUNTS_AS_FAULT = `(
  t.deleted_at is null and t.ticket_type in (${COUNTED_TYPES.map((type) => `'${type}'`).join(', ')})
  and t.source <> 'system' and t.status <> 'cancelled' and t.fault_cause is distinct from 'client_damage'
  and not t.paperwork)`

const faultsOf = (scope: Scope): string => `
  select t.id, t.created_at, t.dr_number, t.pole_number, t.pon_number, t.zone_no
  from tickets t
  where a.scope = '${scope}' and t.${columnOf[scope]} = a.value and t.project_id = a.project_id
    and t.created_at between a.window_from and a.until and ${COUNTS_AS_FAULT}`

const READ = `
select
  (select row_to_json(e) from repeat_fault_escalations e
    where e.project_id = a.project_id and e.scope_type = a.scope and e.scope_value = a.value
      and e.status in ('open', 'investigating')) as live,
  (select to_json(max(e.resolved_at)) from repeat_fault_escalations e
    where e.project_id = a.project_id and e.scope_type = a.scope and e.scope_value = a.value
      and e.resolved_at is not null) as counting_since,
  (select coalesce(json_agg(f), '[]') from (${SCOPES.map(faultsOf).join('\n  union all')}) f) as faults
from jsonb_to_recordset($1::jsonb)
  as a (n integer, project_id text, scope text, value text, window_from timestamptz, until timestamptz)
order by a.n`

const FAULTS = `
select t.id, t.project_id, t.dr_number, t.pole_number, t.pon_number, t.zone_no, t.ticket_type, t.source, t.status,
  t.fault_cause, t.paperwork, p.settings
from tickets t left join project_settings p on p.project_id = t.project_id
where t.id = any($1::uuid[]) and t.deleted_at is null`

const faultRow = z.object({
  id: z.string(),
  project_id: z.string(),
  dr_number: z.string().nullable(),
  pole_number: z.string().nullable(),
  pon_number: z.string().nullable(),
  zone_no: z.string().nullable(),
  ticket_type: z.string(),
  source: z.string(),
  status: z.enum(STATUSES),
  fault_cause: z.string().nullable(),
  paperwork: z.boolean(),
  settings: z.unknown(),
})

/** The tickets as far as repeat faults look at them: one statement for all. */
export const readFaults = async (
  client: Queryable,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyArray<FaultInShort>> => {
  if (ids.length === 0) return []
  const { rows } = await client.query(prepared(FAULTS), [ids])
  const limits = new Map<string, RepeatFaultSettings>()
  return rows.map((found) => {
    const row = faultRow.parse(found)
    const known = limits.get(row.project_id) ?? settingsOf(row.settings, null).repeatFaults
    limits.set(row.project_id, known)
    return {
      ticketId: row.id,
      projectId: row.project_id,
      place: { dr: row.dr_number, pole: row.pole_number, pon: row.pon_number, zone: row.zone_no },
      type: row.ticket_type,
      source: row.source,
      status: row.status,
      deletedAt: null,
      cause: row.fault_cause,
      paperwork: row.paperwork,
      limits: known,
    }
  })
}

const scopeRow = z.object({
  live: z.unknown(),
  counting_since: instant.nullable(),
  faults: z.array(
    z.object({
      id: z.string(),
      created_at: instant,
      dr_number: z.string().nullable(),
      pole_number: z.string().nullable(),
      pon_number: z.string().nullable(),
      zone_no: z.string().nullable(),
    }),
  ),
})

/** The scopes as they stand, in the order asked: one statement. */
export const readScopes = async (
  client: Queryable,
  scopes: ReadonlyArray<AskedScope>,
): Promise<ReadonlyArray<ScopeAsRead>> => {
  if (scopes.length === 0) return []
  const asked = scopes.map(({ key, windowFrom, until }, n) => ({
    n,
    project_id: key.projectId,
    scope: key.scope,
    value: key.value,
    window_from: windowFrom,
    until,
  }))
  const { rows } = await client.query(prepared(READ), [JSON.stringify(asked)])
  return scopes.map(({ key }, n) => {
    const { live, counting_since, faults } = scopeRow.parse(rows[n])
    const escalation = live === null ? null : escalationOfRow(live).escalation
    return {
      key,
      live: escalation !== null && isLive(escalation) ? escalation : null,
      countingSince: counting_since,
      faults: faults.map((fault) => ({
        ticketId: fault.id,
        createdAt: fault.created_at,
        place: { dr: fault.dr_number, pole: fault.pole_number, pon: fault.pon_number, zone: fault.zone_no },
      })),
    }
  })
}
