import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { RiskStatus } from '../../domain/risk/risk.ts'
import type { Day, Instant } from '../../domain/shared/time.ts'
import type { SlaMark, SlaPriority } from '../../domain/sla/sla.ts'
import type { SlaFigures, StateChange, TicketId } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'
import type { OutboxEvent } from './outbox.ts'

/** Something that time makes us say, once for ever: `mark` names it among all that was said of its ticket. */
export type Notice = { readonly ticketId: TicketId; readonly mark: string; readonly event: OutboxEvent }

/** An unresolved risk that a date is near or past of. */
export type RiskOnDate = {
  readonly ticketId: TicketId
  readonly ticketUid: string
  readonly projectId: string
  readonly riskId: string
  readonly status: RiskStatus
  readonly expiresOn: Day
  readonly followUpOn: Day | null
  readonly acceptedBy: string
  readonly acceptedAt: Instant
  /** The marks told of this risk. */
  readonly told: ReadonlyArray<string>
}

/** A ticket whose clocks are to be looked at, and the version of its project's settings at that moment. */
export type SlaDue = { readonly ticketId: TicketId; readonly projectId: string; readonly settingsVersion: number }

export type SlaFactsOfTicket = {
  readonly ticketId: TicketId
  readonly ticketUid: string
  readonly projectId: string
  readonly version: number
  readonly priority: SlaPriority
  readonly createdAt: Instant
  readonly history: ReadonlyArray<StateChange>
  /** As stored with the ticket. */
  readonly figures: SlaFigures
  readonly sent: ReadonlyArray<SlaMark>
}

/** What a look at a ticket's clocks found; it counts only while the ticket is still of that version. */
export type SlaLook = {
  readonly ticketId: TicketId
  readonly version: number
  readonly settingsVersion: number
  /** Null when the stored figures are right. */
  readonly figures: SlaFigures | null
  readonly notices: ReadonlyArray<Notice>
  /** When there will be something new; null for never, as things stand. */
  readonly nextAt: Instant | null
}

/** What timed rules look at, and what they said. Deleted tickets are left out. */
export type TimerQueries = {
  /** Active risks from `warnUntil` back, expired ones from `escalateUntil` back, unresolved ones whose follow-up is due. */
  readonly risksOnDate: (dates: {
    readonly today: Day
    readonly warnUntil: Day
    readonly escalateUntil: Day
  }) => TaskEither<Unavailable, ReadonlyArray<RiskOnDate>>
  /** Says what was not said before, marks and events together; gives how many were new. */
  readonly tell: (notices: ReadonlyArray<Notice>) => TaskEither<Unavailable, number>
  /** Tickets never looked at, changed since, of settings changed since, or whose next moment came. */
  readonly slaDue: (now: Instant) => TaskEither<Unavailable, ReadonlyArray<SlaDue>>
  readonly slaFacts: (ids: ReadonlyArray<TicketId>) => TaskEither<Unavailable, ReadonlyArray<SlaFactsOfTicket>>
  /** Figures, notices and next moments of the tickets that did not move meanwhile, all or none of each ticket. */
  readonly keepLooks: (
    looks: ReadonlyArray<SlaLook>,
  ) => TaskEither<Unavailable, { readonly refreshed: number; readonly told: number }>
}
