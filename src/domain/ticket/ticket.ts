import type { Photo } from '../evidence/photo.ts'
import type { Attribution } from '../fault/fault.ts'
import type { DecidedBilling, Guarantee } from '../guarantee/guarantee.ts'
import type { CheckResult, Platform } from '../readiness/readiness.ts'
import type { Risk } from '../risk/risk.ts'
import type { Instant } from '../shared/time.ts'
import type { Step, StepKey, StepOverrides, StepVerdict } from '../verification/steps.ts'

export type TicketId = string
export type UserId = string

/** The principal of reactions and schedules. No request can claim it and it never counts as a person. */
export const SYSTEM: UserId = 'system'

export const TICKET_TYPES = [
  'maintenance',
  'new_installation',
  'modification',
  'ont_swap',
  'incident',
  'infrastructure',
] as const
export type TicketType = (typeof TICKET_TYPES)[number]

export const SOURCES = [
  'qcontact',
  'weekly_report',
  'construction',
  'ad_hoc',
  'incident',
  'revenue',
  'ont_swap',
  'manual',
  'system',
] as const
export type Source = (typeof SOURCES)[number]

export const PRIORITIES = ['low', 'normal', 'high', 'urgent', 'critical'] as const
export type Priority = (typeof PRIORITIES)[number]

export const OWNERS = ['build', 'qa', 'maintenance'] as const
export type Owner = (typeof OWNERS)[number]

export const HOLD_REASONS = ['awaiting_client', 'awaiting_material', 'awaiting_access', 'awaiting_third_party'] as const
export type HoldReason = (typeof HOLD_REASONS)[number]

export const REJECT_CODES = [
  'missing_photos',
  'photo_quality',
  'wrong_photo',
  'serial_mismatch',
  'power_out_of_range',
  'wrong_equipment',
  'wrong_location',
  'other',
] as const
export type RejectCode = (typeof REJECT_CODES)[number]

/** Where a fault is: the drop, and the pole, PON and zone it hangs on. Always keyed with the project. */
export type Place = {
  readonly dr: string | null
  readonly pole: string | null
  readonly pon: string | null
  readonly zone: string | null
}

/** A manager's word, with a reason, for a place that the connected SOW does not know. */
export type PlaceConfirmation = { readonly by: UserId; readonly at: Instant; readonly reason: string }

export type Equipment = {
  readonly ontSerial: string | null
  readonly ontSerialAt: Instant | null
  /** Received optical power in dBm, at most three decimals. */
  readonly ontRx: number | null
  readonly ontModel: string | null
  readonly upsSerial: string | null
}

/** At least one of the three is named; {@link assignmentOf} is the only way to make one. */
export type Assignment = {
  readonly technician: UserId | null
  readonly contractor: string | null
  readonly team: string | null
}

export type AsBuilt = { readonly by: UserId; readonly at: Instant; readonly document: string }

export type Waiver = {
  readonly platform: Platform
  readonly by: UserId
  readonly at: Instant
  readonly reason: string
}

export type ReadinessRun = {
  readonly id: string
  readonly at: Instant
  readonly by: UserId
  readonly passed: boolean
  readonly results: ReadonlyArray<CheckResult>
}

export type VerdictOnStep = { readonly step: StepKey } & Pick<StepVerdict, 'outcome' | 'comment'>

/** What QA decided, kept for the rest of the ticket's life and sealed in its snapshots. */
export type QaDecision = {
  readonly id: string
  readonly kind: 'approved' | 'approved_with_conditions' | 'rejected' | 'returned_from_gate'
  readonly at: Instant
  readonly by: UserId
  readonly codes: ReadonlyArray<RejectCode>
  readonly reason: string | null
  readonly verdicts: ReadonlyArray<VerdictOnStep>
  readonly risks: ReadonlyArray<string>
  /** Gate checks that failed when the ticket was returned from the gate. */
  readonly gateFailures: ReadonlyArray<string>
}

export type StateChange = { readonly at: Instant; readonly status: TicketStatus }

export type SlaFigures = {
  readonly dueAt: Instant | null
  readonly responseDueAt: Instant | null
  readonly firstResponseAt: Instant | null
  readonly breached: boolean
}

/** A manager's word on who pays, which stands above the table of causes and periods. */
export type BillingByHand = {
  readonly billing: DecidedBilling
  readonly by: UserId
  readonly at: Instant
  readonly reason: string
}

export type Common = {
  readonly id: TicketId
  /** `FT…`; given by the database when the ticket is first stored, null until then. */
  readonly uid: string | null
  readonly projectId: string
  readonly type: TicketType
  readonly source: Source
  readonly externalId: string | null
  readonly importKey: string | null
  readonly priority: Priority
  readonly title: string
  readonly description: string | null
  readonly address: string | null
  readonly gps: { readonly lat: number; readonly lon: number } | null
  readonly place: Place
  readonly placeConfirmed: PlaceConfirmation | null
  readonly equipment: Equipment
  readonly fault: Attribution
  readonly paperwork: boolean
  readonly weeklyNote: number | null
  readonly followUpOf: TicketId | null
  readonly owner: Owner
  readonly qaReady: boolean
  readonly lastCheck: ReadinessRun | null
  readonly rectificationCount: number
  readonly asBuilt: AsBuilt | null
  /** Everyone who ever did the work on this ticket, in any cycle; see `did-the-work.ts`. */
  readonly workedBy: ReadonlyArray<UserId>
  readonly stepListVersion: number
  readonly stepOverrides: StepOverrides
  readonly steps: ReadonlyArray<Step>
  readonly photos: ReadonlyArray<Photo>
  readonly risks: ReadonlyArray<Risk>
  readonly waivers: ReadonlyArray<Waiver>
  readonly decisions: ReadonlyArray<QaDecision>
  /** Every change of status since creation, oldest first: what the SLA clock is computed from. */
  readonly history: ReadonlyArray<StateChange>
  readonly sla: SlaFigures
  readonly guarantee: Guarantee
  readonly billingByHand: BillingByHand | null
  readonly createdAt: Instant
  readonly createdBy: UserId
  /** When the source says it began (report date, QContact creation); null when only our own time is known. */
  readonly sourceCreatedAt: Instant | null
  readonly deletedAt: Instant | null
  /** When what is personal about its client was erased. */
  readonly erasedAt: Instant | null
}

type With<S extends string, Facts = unknown> = Common & { readonly status: S } & Facts
type Held = { readonly reason: HoldReason; readonly since: Instant; readonly by: UserId; readonly note: string | null }
type Submitted = { readonly submittedBy: UserId; readonly submittedAt: Instant }
type Approved = {
  readonly approvedBy: UserId
  readonly approvedAt: Instant
  readonly conditions: ReadonlyArray<string>
}

export type Open = With<'open'>
export type Assigned = With<'assigned', { readonly assignment: Assignment }>
export type InProgress = With<'in_progress', { readonly assignment: Assignment }>
export type OnHold = With<
  'on_hold',
  { readonly assignment: Assignment; readonly hold: Held; readonly resumesTo: 'assigned' | 'in_progress' }
>
export type PendingQa = With<'pending_qa', { readonly assignment: Assignment } & Submitted>
export type QaInProgress = With<
  'qa_in_progress',
  { readonly assignment: Assignment; readonly reviewer: UserId; readonly reviewStartedAt: Instant } & Submitted
>
export type QaRejected = With<'qa_rejected', { readonly assignment: Assignment; readonly rejectedAt: Instant }>
export type QaApproved = With<'qa_approved', { readonly assignment: Assignment } & Approved>
export type PendingHandover = With<
  'pending_handover',
  { readonly assignment: Assignment; readonly requestedBy: UserId; readonly requestedAt: Instant } & Approved
>
export type HandedToMaintenance = With<
  'handed_to_maintenance',
  { readonly assignment: Assignment; readonly handedBy: UserId; readonly handedAt: Instant }
>
export type Closed = With<
  'closed',
  { readonly assignment: Assignment; readonly closedBy: UserId; readonly closedAt: Instant; readonly handedAt: Instant }
>

/** A state that a duplicate came from and goes back to when it is unmarked. */
export type Restorable = Open | Assigned | InProgress | OnHold | PendingQa | QaRejected
export type CancelledBecause =
  | { readonly kind: 'cancelled'; readonly reason: string }
  | {
      readonly kind: 'duplicate'
      readonly survivor: TicketId
      readonly reason: string | null
      readonly restores: RestoredState
    }
/** What the state before the duplicate mark knew beyond the facts every state has. */
export type RestoredState = {
  [S in Restorable['status']]: Omit<Extract<Restorable, { status: S }>, keyof Common>
}[Restorable['status']]
export type Cancelled = With<
  'cancelled',
  {
    readonly assignment: Assignment | null
    readonly cancelledBy: UserId
    readonly cancelledAt: Instant
    readonly because: CancelledBecause
  }
>

export type Ticket =
  | Open
  | Assigned
  | InProgress
  | OnHold
  | PendingQa
  | QaInProgress
  | QaRejected
  | QaApproved
  | PendingHandover
  | HandedToMaintenance
  | Closed
  | Cancelled
export type TicketStatus = Ticket['status']
export type In<S extends TicketStatus> = Extract<Ticket, { readonly status: S }>

export const STATUSES = [
  'open',
  'assigned',
  'in_progress',
  'on_hold',
  'pending_qa',
  'qa_in_progress',
  'qa_rejected',
  'qa_approved',
  'pending_handover',
  'handed_to_maintenance',
  'closed',
  'cancelled',
] as const satisfies ReadonlyArray<TicketStatus>

/** The states in which facts and photos may change (requirements section 3); elsewhere they are frozen. */
export const FACTS_OPEN_IN = ['open', 'assigned', 'in_progress', 'on_hold', 'pending_qa'] as const
export type FactsOpen = (typeof FACTS_OPEN_IN)[number]

/** The whole lifecycle: a command that is not in this table does not exist. API, buttons, diagram and tests derive from it. */
export const transitions = {
  assign: {
    from: ['open', 'assigned', 'in_progress', 'on_hold', 'qa_rejected', 'qa_approved', 'pending_handover'],
    to: ['assigned', 'in_progress', 'on_hold', 'qa_rejected', 'qa_approved', 'pending_handover'],
  },
  start_work: { from: ['assigned', 'qa_rejected'], to: ['in_progress'] },
  hold: { from: ['assigned', 'in_progress'], to: ['on_hold'] },
  resume: { from: ['on_hold'], to: ['assigned', 'in_progress'] },
  submit_for_qa: { from: ['in_progress'], to: ['pending_qa'] },
  withdraw: { from: ['pending_qa'], to: ['in_progress'] },
  fall_back: { from: ['pending_qa'], to: ['in_progress'] },
  start_qa: { from: ['pending_qa'], to: ['qa_in_progress'] },
  approve: { from: ['qa_in_progress'], to: ['qa_approved'] },
  approve_with_conditions: { from: ['qa_in_progress'], to: ['qa_approved'] },
  reject: { from: ['qa_in_progress'], to: ['qa_rejected'] },
  take_over_review: { from: ['qa_in_progress'], to: ['qa_in_progress'] },
  confirm_as_built: {
    from: ['in_progress', 'on_hold', 'pending_qa', 'qa_in_progress', 'qa_rejected', 'qa_approved', 'pending_handover'],
    to: ['in_progress', 'on_hold', 'pending_qa', 'qa_in_progress', 'qa_rejected', 'qa_approved', 'pending_handover'],
  },
  request_handover: { from: ['qa_approved'], to: ['pending_handover'] },
  return_from_gate: { from: ['qa_approved', 'pending_handover'], to: ['qa_rejected'] },
  hand_over: { from: ['pending_handover'], to: ['handed_to_maintenance'] },
  complete_maintenance: { from: ['handed_to_maintenance'], to: ['closed'] },
  cancel: {
    from: ['open', 'assigned', 'in_progress', 'on_hold', 'pending_qa', 'qa_in_progress', 'qa_rejected'],
    to: ['cancelled'],
  },
  mark_duplicate: {
    from: ['open', 'assigned', 'in_progress', 'on_hold', 'pending_qa', 'qa_rejected'],
    to: ['cancelled'],
  },
  unmark_duplicate: {
    from: ['cancelled'],
    to: ['open', 'assigned', 'in_progress', 'on_hold', 'qa_rejected'],
  },
  delete: { from: ['open', 'cancelled'], to: ['open', 'cancelled'] },
} as const satisfies Record<
  string,
  { readonly from: ReadonlyArray<TicketStatus>; readonly to: ReadonlyArray<TicketStatus> }
>
export type Command = keyof typeof transitions
export type From<C extends Command> = In<(typeof transitions)[C]['from'][number]>
export type To<C extends Command> = In<(typeof transitions)[C]['to'][number]>
