import type { GuaranteePeriods, InstalledOn } from '../guarantee/guarantee.ts'
import { guaranteeOf } from '../guarantee/guarantee-of.ts'
import type { Instant } from '../shared/time.ts'
import type { SlaTerms } from '../sla/sla.ts'
import { slaFigures, slaOf } from '../sla/sla-of.ts'
import type { Ticket } from './ticket.ts'

/** What a ticket's SLA and guarantee are computed from, beside its own history. */
export type FigureFacts = {
  readonly terms: SlaTerms
  readonly periods: GuaranteePeriods
  readonly installed: InstalledOn | null
}

/** The ticket with its SLA and guarantee as they stand now; both are always computed from history, never carried on. */
export const withFigures = <T extends Ticket>(
  ticket: T,
  { terms, periods, installed }: FigureFacts,
  now: Instant,
): T => ({
  ...ticket,
  sla: slaFigures(
    slaOf({
      createdAt: ticket.createdAt,
      deletedAt: ticket.deletedAt,
      priority: ticket.priority,
      history: ticket.history,
      terms,
      now,
    }),
  ),
  guarantee: guaranteeOf({
    cause: ticket.fault.cause,
    paperwork: ticket.paperwork,
    installed,
    reportedAt: ticket.createdAt,
    periods,
    classified: ticket.billingByHand?.billing ?? null,
  }),
})
