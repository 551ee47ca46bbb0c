import type { PhotoCheck } from '../evidence/evidence.ts'
import type { Photo } from '../evidence/photo.ts'
import type { Retention } from '../evidence/retention.ts'
import type { Attribution } from '../fault/fault.ts'
import type { DecidedBilling } from '../guarantee/guarantee.ts'
import type { Platform } from '../readiness/readiness.ts'
import type { Risk, RiskReview } from '../risk/risk.ts'
import type { Instant } from '../shared/time.ts'
import type { StepKey } from '../verification/steps.ts'
import type {
  AsBuilt,
  Assignment,
  HoldReason,
  Owner,
  QaDecision,
  ReadinessRun,
  TicketId,
  TicketStatus,
  UserId,
} from './ticket.ts'

export const HANDOVER_TYPES = ['build_to_qa', 'qa_to_maintenance', 'maintenance_complete'] as const
export type HandoverType = (typeof HANDOVER_TYPES)[number]

/** One ownership change: from whom to whom. Each is sealed in a snapshot. */
export type OwnershipChange = {
  readonly handover: HandoverType
  readonly fromOwner: Owner
  readonly fromOwnerId: string | null
  readonly toOwner: Owner
  readonly toOwnerId: string | null
}

/** How strongly the storage kept a photo when it was handed over. */
export type RetainedPhoto = { readonly photoId: string; readonly retention: Retention }

/** What changed of a ticket's facts, by field; personal text is named but never carried. */
export type FieldChange = { readonly field: string; readonly from: unknown; readonly to: unknown }

type Happened =
  | { readonly type: 'TicketCreated'; readonly source: string; readonly followUpOf: TicketId | null }
  | { readonly type: 'TicketAssigned'; readonly from: Assignment | null; readonly to: Assignment }
  | { readonly type: 'WorkStarted'; readonly cycle: number }
  | { readonly type: 'RectificationFlagged'; readonly cycles: number }
  | { readonly type: 'TicketHeld'; readonly reason: HoldReason; readonly note: string | null }
  | { readonly type: 'TicketResumed'; readonly to: 'assigned' | 'in_progress' }
  | { readonly type: 'ReadinessChecked'; readonly run: ReadinessRun }
  | { readonly type: 'SubmittedForQa' }
  | { readonly type: 'WithdrawnFromQa'; readonly reason: string }
  | { readonly type: 'FellBackToInProgress'; readonly failures: ReadonlyArray<string>; readonly because: string }
  | ({ readonly type: 'QaStarted'; readonly reviewer: UserId } & OwnershipChange)
  | { readonly type: 'ReviewTakenOver'; readonly from: UserId; readonly to: UserId }
  | { readonly type: 'TicketApproved'; readonly decision: QaDecision }
  | { readonly type: 'TicketRejected'; readonly decision: QaDecision }
  | { readonly type: 'AsBuiltConfirmed'; readonly asBuilt: AsBuilt }
  | { readonly type: 'AsBuiltVoided'; readonly because: ReadonlyArray<string> }
  | { readonly type: 'HandoverRequested' }
  | { readonly type: 'ReturnedFromGate'; readonly decision: QaDecision }
  | ({
      readonly type: 'HandedToMaintenance'
      readonly evidenceRetention: ReadonlyArray<RetainedPhoto>
    } & OwnershipChange)
  | ({ readonly type: 'MaintenanceCompleted' } & OwnershipChange)
  | { readonly type: 'TicketCancelled'; readonly reason: string }
  | { readonly type: 'MarkedDuplicate'; readonly survivor: TicketId; readonly reason: string | null }
  | { readonly type: 'UnmarkedDuplicate'; readonly survivor: TicketId; readonly restored: TicketStatus }
  | { readonly type: 'TicketDeleted' }
  | { readonly type: 'FactsChanged'; readonly changes: ReadonlyArray<FieldChange> }
  | { readonly type: 'PlaceConfirmed'; readonly reason: string }
  | {
      readonly type: 'StepRecorded'
      readonly step: StepKey
      readonly complete: boolean
      readonly doneAt: Instant | null
      readonly valueChanged: boolean
    }
  | { readonly type: 'PhotoAdded'; readonly photo: Photo; readonly replaces: string | null }
  | { readonly type: 'VerdictOverridden'; readonly photoId: string; readonly check: string; readonly reason: string }
  | { readonly type: 'ReuseCleared'; readonly photoId: string; readonly reason: string }
  | { readonly type: 'PhotoJudgedAgain'; readonly photoId: string; readonly blocks: ReadonlyArray<PhotoCheck> }
  | { readonly type: 'LookAlikeFound'; readonly photoId: string; readonly reason: string }
  | { readonly type: 'FaultAttributed'; readonly from: Attribution; readonly to: Attribution; readonly reason: string }
  | { readonly type: 'RiskAccepted'; readonly risk: Risk }
  | { readonly type: 'RiskResolved'; readonly riskId: string; readonly notes: string }
  | { readonly type: 'RiskReviewed'; readonly riskId: string; readonly review: RiskReview }
  | { readonly type: 'RiskExpired'; readonly riskId: string; readonly acceptedBy: UserId }
  | { readonly type: 'RiskEscalated'; readonly riskId: string; readonly ticketId: TicketId | null }
  | { readonly type: 'PlatformWaived'; readonly platform: Platform; readonly reason: string }
  | { readonly type: 'WaiverWithdrawn'; readonly platform: Platform; readonly reason: string }
  | {
      readonly type: 'BillingClassified'
      readonly billing: DecidedBilling
      readonly billable: boolean
      readonly reason: string
    }
  | { readonly type: 'DuplicateJoined'; readonly duplicate: TicketId }
  | { readonly type: 'DuplicateLeft'; readonly duplicate: TicketId }

/** Something that happened to a ticket: when, by whom, what. Timeline, outbox, SLA and audit all read these. */
export type TicketEvent = Happened & { readonly at: Instant; readonly by: UserId }

/** The events that change who owns a ticket and so seal a snapshot. */
export const sealing = ['QaStarted', 'HandedToMaintenance', 'MaintenanceCompleted'] as const
export type SealingEvent = Extract<TicketEvent, { readonly type: (typeof sealing)[number] }>
export const isSealing = (event: TicketEvent): event is SealingEvent =>
  (sealing as ReadonlyArray<string>).includes(event.type)
