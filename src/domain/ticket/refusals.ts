import type { CheckResult, Platform } from '../readiness/readiness.ts'
import type { RiskStatus } from '../risk/risk.ts'
import type { StepKey } from '../verification/steps.ts'
import type { Command, FactsOpen, TicketStatus, TicketType, UserId } from './ticket.ts'

/** Every reason for which the ticket itself says no, with what explains it. Never prose, never HTTP. */
export type TicketRefusal =
  | {
      readonly type: 'TransitionNotAllowed'
      readonly command: Command
      readonly status: TicketStatus
      readonly allowedFrom: ReadonlyArray<TicketStatus>
    }
  | { readonly type: 'FactsFrozen'; readonly status: TicketStatus; readonly openIn: ReadonlyArray<FactsOpen> }
  | { readonly type: 'HandedOverAlready'; readonly status: TicketStatus }
  | { readonly type: 'NoAssignee' }
  | { readonly type: 'TextMissing'; readonly field: string }
  | { readonly type: 'NotReady'; readonly failures: ReadonlyArray<CheckResult> }
  | { readonly type: 'ReviewerDidTheWork'; readonly userId: UserId }
  | { readonly type: 'NotTheReviewer'; readonly reviewer: UserId }
  | { readonly type: 'StepsNotJudgedCorrect'; readonly steps: ReadonlyArray<StepKey> }
  | { readonly type: 'NoConditions' }
  | { readonly type: 'StepsWithoutRisk'; readonly steps: ReadonlyArray<StepKey> }
  | { readonly type: 'RiskUnknown'; readonly riskId: string }
  | { readonly type: 'RiskNotActive'; readonly riskId: string; readonly status: RiskStatus }
  | {
      readonly type: 'RiskTransitionNotAllowed'
      readonly riskId: string
      readonly from: RiskStatus
      readonly to: RiskStatus
    }
  | { readonly type: 'RiskNotYetDue'; readonly riskId: string; readonly dueOn: string }
  | { readonly type: 'RiskExpiryInPast'; readonly expiresOn: string; readonly today: string }
  | { readonly type: 'RiskExpiryTooFar'; readonly expiresOn: string; readonly maxDays: number }
  | { readonly type: 'FollowUpAfterExpiry'; readonly followUpOn: string; readonly expiresOn: string }
  | { readonly type: 'NextReviewInPast'; readonly nextOn: string; readonly today: string }
  | { readonly type: 'ReviewIdTaken'; readonly reviewId: string }
  | { readonly type: 'AcceptorDidTheWork'; readonly userId: UserId }
  | { readonly type: 'RiskNotAcceptedHere'; readonly status: TicketStatus }
  | { readonly type: 'RisksUnresolved'; readonly risks: ReadonlyArray<string> }
  | { readonly type: 'NoRejectCode' }
  | { readonly type: 'StepsNotJudged'; readonly steps: ReadonlyArray<StepKey> }
  | { readonly type: 'StepJudgedTwice'; readonly step: StepKey }
  | { readonly type: 'GateFailed'; readonly failures: ReadonlyArray<CheckResult> }
  | { readonly type: 'AsBuiltInFuture'; readonly at: string }
  | { readonly type: 'InfrastructureIsNeverDuplicate' }
  | { readonly type: 'SurvivorNotSuitable'; readonly survivor: string; readonly why: SurvivorProblem }
  | { readonly type: 'NamedAsSurvivor'; readonly by: ReadonlyArray<string> }
  | { readonly type: 'NotADuplicate' }
  | { readonly type: 'FaultOpenElsewhere'; readonly ticketUid: string }
  | { readonly type: 'HasSnapshot'; readonly snapshots: number }
  | {
      readonly type: 'TypeIsFixed'
      readonly from: TicketType
      readonly to: TicketType
      readonly why: 'infrastructure' | 'work_started'
    }
  | { readonly type: 'DrRequired'; readonly ticketType: TicketType }
  | { readonly type: 'CauseRequired'; readonly ticketType: TicketType }
  | { readonly type: 'StepNeedsPhoto'; readonly step: StepKey }
  | { readonly type: 'StepNeedsValue'; readonly step: StepKey; readonly problem: string }
  | { readonly type: 'StepTakesNoValue'; readonly step: StepKey }
  | { readonly type: 'StepChanged'; readonly step: StepKey; readonly currentVersion: number }
  | {
      readonly type: 'StepsIncomplete'
      readonly steps: ReadonlyArray<{ readonly step: StepKey; readonly why: string }>
    }
  | { readonly type: 'PhotoTooLate'; readonly why: 'reassigned' | 'cancelled' | 'frozen'; readonly ticketUid: string }
  | { readonly type: 'SubjectErased'; readonly at: string; readonly refused: 'add' }
  | { readonly type: 'PhotoOfAnotherStep'; readonly photoId: string; readonly step: StepKey }
  | {
      readonly type: 'TicketStorageFull'
      readonly limitBytes: number
      readonly usedBytes: number
      readonly addedBytes: number
    }
  | { readonly type: 'WorkmanshipNeeds'; readonly missing: ReadonlyArray<'details' | 'evidence_photo' | 'contractor'> }
  | { readonly type: 'WorkmanshipOnlyByAttribution' }
  | { readonly type: 'ComponentMissing' }
  | { readonly type: 'UnknownNeedsDetails' }
  | { readonly type: 'PhotoUnknown'; readonly photoId: string }
  | { readonly type: 'NothingToOverride'; readonly photoId: string; readonly check: string }
  | { readonly type: 'NoReuseToClear'; readonly photoId: string }
  | { readonly type: 'PhotoIsNotCurrent'; readonly photoId: string }
  | { readonly type: 'AlreadyWaived'; readonly platform: Platform }
  | { readonly type: 'NotWaived'; readonly platform: Platform }
  | { readonly type: 'PlaceIncomplete'; readonly missing: ReadonlyArray<'dr' | 'pole' | 'pon' | 'zone'> }
  | { readonly type: 'LinkToItself' }

export type SurvivorProblem = 'same_ticket' | 'other_project' | 'is_duplicate' | 'cancelled' | 'deleted' | 'unknown'
