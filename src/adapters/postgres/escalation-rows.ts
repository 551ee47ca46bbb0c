import { z } from 'zod'
import { ESCALATION_TYPES, type Escalation, isLive, SCOPES } from '../../domain/escalation/escalation.ts'
import { instant } from './ticket-columns.ts'

const common = z.object({
  id: z.string(),
  scope_type: z.enum(SCOPES),
  scope_value: z.string(),
  project_id: z.string(),
  fault_count: z.number(),
  fault_threshold: z.number(),
  contributing_tickets: z.array(z.string()),
  escalation_ticket_id: z.string(),
  escalation_type: z.enum(ESCALATION_TYPES),
  version: z.number(),
  created_at: instant,
})
const ended = { resolved_at: instant, resolved_by: z.string().nullable(), resolution_notes: z.string().nullable() }

/** A row of `repeat_fault_escalations` as JSON: what each status must hold beside the rest. */
const row = z.discriminatedUnion('status', [
  common.extend({ status: z.literal('open') }),
  common.extend({ status: z.literal('investigating'), investigating_since: instant }),
  common.extend({ status: z.literal('resolved'), ...ended }),
  common.extend({ status: z.literal('no_action'), ...ended }),
])

export type Versioned = { readonly escalation: Escalation; readonly version: number }

/** One escalation out of `row_to_json`; a row that is none is a defect and throws. */
export const escalationOfRow = (found: unknown): Versioned => {
  const read = row.parse(found)
  const known = {
    id: read.id,
    key: { projectId: read.project_id, scope: read.scope_type, value: read.scope_value },
    type: read.escalation_type,
    ticketId: read.escalation_ticket_id,
    faultCount: read.fault_count,
    threshold: read.fault_threshold,
    contributing: read.contributing_tickets,
    createdAt: read.created_at,
  }
  switch (read.status) {
    case 'open':
      return { escalation: { ...known, status: 'open' }, version: read.version }
    case 'investigating':
      return {
        escalation: { ...known, status: 'investigating', investigatingSince: read.investigating_since },
        version: read.version,
      }
    default: {
      const ending = { at: read.resolved_at, by: read.resolved_by, notes: read.resolution_notes }
      return { escalation: { ...known, status: read.status, ended: ending }, version: read.version }
    }
  }
}

/** What changes over an escalation's life, as columns. */
export const changingColumns = (escalation: Escalation) => {
  const ending = isLive(escalation) ? null : escalation.ended
  return {
    status: escalation.status,
    contributing_tickets: escalation.contributing,
    investigating_since: escalation.status === 'investigating' ? escalation.investigatingSince : null,
    resolved_at: ending?.at ?? null,
    resolved_by: ending?.by ?? null,
    resolution_notes: ending?.notes ?? null,
  }
}
