import type { EscalationError } from '../domain/escalation/escalation.ts'
import type { DocumentRefusal, PhotoRefusal } from '../domain/evidence/evidence.ts'
import type { DeliveryStatus } from '../domain/notification/delivery.ts'
import type { TicketRefusal } from '../domain/ticket/refusals.ts'
import type { NoReportUid } from '../domain/weekly-report/report-uid.ts'
import type { NothingRecognised } from '../domain/weekly-report/weekly-report.ts'
import type { Action } from './permissions.ts'
import type { StorageError } from './ports/evidence-store.ts'
import type { WorkbookRefused } from './ports/workbook-reader.ts'

/** The thing is not there, or not for this caller: the two are never told apart. */
export type NotFound = { readonly type: 'NotFound'; readonly resource: string; readonly id: string }
/** Someone else was first: what was read is no longer what is stored. */
export type Stale = { readonly type: 'Stale'; readonly id: string; readonly version: number | null }
/** A unique constraint is the last word. */
export type AlreadyExists = { readonly type: 'AlreadyExists'; readonly constraint: string }
/** The database is away. */
export type Unavailable = { readonly type: 'Unavailable'; readonly what: string }
export type StoreError = Stale | AlreadyExists | Unavailable

/** Why the application, before any ticket is asked, says no. */
export type ApplicationRefusal =
  | { readonly type: 'NotAllowed'; readonly action: Action; readonly role: string }
  | { readonly type: 'AssigneeUnknown'; readonly kind: 'technician' | 'contractor' | 'team'; readonly id: string }
  | { readonly type: 'ContractorStays'; readonly contractor: string | null }
  | { readonly type: 'AssigneeOfAnotherContractor'; readonly kind: 'technician' | 'team'; readonly id: string }
  | { readonly type: 'ProjectUnknown'; readonly projectId: string }
  | { readonly type: 'FieldInvalid'; readonly field: string; readonly rule: string; readonly value: string | null }
  /** Its client is that of its drop, and is to be named by it: other tickets of the drop are about them, too. */
  | { readonly type: 'TicketHasDrop'; readonly ticket: string; readonly projectId: string; readonly drNumber: string }
  | { readonly type: 'SowAmbiguous'; readonly dr: string; readonly rows: number }
  | { readonly type: 'SameFileAgain'; readonly reportId: string; readonly reportUid: string }
  | { readonly type: 'ReportNotPending'; readonly reportId: string; readonly status: string }
  | {
      readonly type: 'NoSheetMatches'
      readonly platform: string
      readonly lookedFor: ReadonlyArray<string>
      readonly found: ReadonlyArray<string>
    }
  /** Nobody said which QContact to keep in step with. */
  | { readonly type: 'QContactNotConfigured' }
  | { readonly type: 'NotACase'; readonly ticketId: string }
  | {
      readonly type: 'ResolutionDoesNotFit'
      readonly resolution: string
      readonly kind: string
      readonly field: string | null
    }
  | { readonly type: 'DeadLetterRetried'; readonly id: string }
  | { readonly type: 'NotificationNotUnknown'; readonly status: DeliveryStatus | 'waits' }
  | { readonly type: 'SignatureWrong' }
  | { readonly type: 'WebhookUnreadable' }
  | { readonly type: 'TooMany'; readonly field: string; readonly max: number; readonly actual: number }

/** Every refusal and port failure that can leave the core; a new one does not compile until HTTP has a status for it. */
export type AppError =
  | TicketRefusal
  | EscalationError
  | ApplicationRefusal
  | NotFound
  | StoreError
  | StorageError
  | PhotoRefusal
  | DocumentRefusal
  | WorkbookRefused
  | NothingRecognised
  | NoReportUid
