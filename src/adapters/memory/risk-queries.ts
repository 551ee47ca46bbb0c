import * as TE from 'fp-ts/lib/TaskEither.js'
import type { RiskFilters, RiskQueries, RiskRow, WantedRisks } from '../../application/ports/risk-queries.ts'
import type { Risk } from '../../domain/risk/risk.ts'
import { type Day, daysBetween } from '../../domain/shared/time.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import { compare, pageOf, ticketInSight, ticketsInSight } from './queries-sight.ts'
import { type MemoryState, uidOf } from './ticket-state.ts'

const rowOf =
  (ticket: Ticket, today: Day) =>
  (risk: Risk): RiskRow => ({
    id: risk.id,
    ticket_id: ticket.id,
    ticket_uid: uidOf(ticket),
    project_id: ticket.projectId,
    dr_number: ticket.place.dr,
    risk_type: risk.type,
    risk_description: risk.description,
    conditions: risk.conditions,
    steps: risk.steps,
    status: risk.status === 'active' && risk.expiresOn < today ? 'expired' : risk.status,
    risk_expiry_date: risk.expiresOn,
    days_left: daysBetween(today, risk.expiresOn),
    followup_date: risk.followUpOn,
    accepted_by: risk.acceptedBy,
    accepted_at: risk.acceptedAt,
    resolved_by: risk.resolvedBy,
    resolved_at: risk.resolvedAt,
    resolution_notes: risk.resolution,
    escalation_ticket_id: risk.escalationTicket,
    reviews: risk.reviews.map(({ nextOn, ...review }) => ({ ...review, next_on: nextOn })),
  })

const isWanted =
  ({ status, project, expiringWithinDays: days, followUpDue }: RiskFilters, today: Day) =>
  (risk: RiskRow): boolean =>
    (status === undefined || status.includes(risk.status)) &&
    (project === undefined || project.includes(risk.project_id)) &&
    (days === undefined || (risk.status === 'active' && risk.days_left >= 0 && risk.days_left <= days)) &&
    (followUpDue === undefined ||
      (risk.status !== 'resolved' && risk.followup_date !== null && risk.followup_date <= today) === followUpDue)

const keyOf =
  ({ filters }: WantedRisks) =>
  (row: RiskRow): Day =>
    (filters.followUpDue === true ? row.followup_date : null) ?? row.risk_expiry_date

const sorted = (state: MemoryState, wanted: WantedRisks): ReadonlyArray<RiskRow> => {
  const { sight, filters, today } = wanted
  const key = keyOf(wanted)
  return ticketsInSight(state, sight)
    .flatMap(({ ticket }) => ticket.risks.map(rowOf(ticket, today)))
    .filter(isWanted(filters, today))
    .toSorted((a, b) => compare(key(a), key(b)) || compare(a.id, b.id))
}

/** Risk acceptances in memory. */
export const memoryRiskQueries = (state: MemoryState): RiskQueries => ({
  page: (wanted, window) => TE.fromIO(() => pageOf(sorted(state, wanted), window)),
  slice: (wanted, { after, limit }) =>
    TE.fromIO(() => {
      const key = keyOf(wanted)
      const left = sorted(state, wanted).filter(
        (row) => after === null || (compare(key(row), after.key) || compare(row.id, after.id)) > 0,
      )
      const rows = left.slice(0, limit)
      const last = rows.at(-1)
      return { rows, next: left.length > limit && last !== undefined ? { key: key(last), id: last.id } : null }
    }),
  ofTicket: (sight, ticketId, today) =>
    TE.fromIO(() => {
      const kept = ticketInSight(state, sight, ticketId)
      return kept === null
        ? null
        : kept.ticket.risks
            .map(rowOf(kept.ticket, today))
            .toSorted((a, b) => compare(a.accepted_at, b.accepted_at) || compare(a.id, b.id))
    }),
  ticketOf: (sight, riskId) =>
    TE.fromIO(
      () =>
        ticketsInSight(state, sight).find(({ ticket }) => ticket.risks.some(({ id }) => id === riskId))?.ticket.id ??
        null,
    ),
})
