import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { DirectoryImported } from '../../application/directory/import-directory.ts'
import type {
  dropDeadLetter,
  listDeadLetters,
  retryDeadLetter,
  viewDeadLetter,
} from '../../application/engine/dead-letters.ts'
import type { AppError } from '../../application/errors.ts'
import type { JudgedAgain } from '../../application/evidence/judge-again.ts'
import type { ReconcileEvidence } from '../../application/evidence/reconcile.ts'
import type { Exported } from '../../application/handover/export-snapshots.ts'
import type { VerifySnapshots } from '../../application/handover/verify-snapshots.ts'
import type { settleNotification, switchSending } from '../../application/notification/settle.ts'
import type { listNotifications, readSending } from '../../application/notification/status.ts'
import type { changeTemplates, previewTemplate, readTemplates } from '../../application/notification/templates.ts'
import type { ImportPlatform } from '../../application/platform/import-platform.ts'
import type { Known } from '../../application/ports/directory.ts'
import type { Replaced } from '../../application/ports/platform-store.ts'
import type { ReceivedFile } from '../../application/ports/report-files.ts'
import type { Subject } from '../../application/ports/subject-records.ts'
import type { Principal } from '../../application/principal.ts'
import type { EraseSubject } from '../../application/subject/erase-subject.ts'
import type { SubjectExported } from '../../application/subject/export-subject.ts'
import type { SubjectOfTicket } from '../../application/subject/subject-of-ticket.ts'
import type { syncUses } from '../../application/sync/sync-uses.ts'
import type { ListTickets } from '../../application/ticket/list-tickets.ts'
import type { TimersRun } from '../../application/timers/run-timers.ts'
import type { Committed } from '../../application/weekly-report/commit.ts'
import type { Preview, ReportSaid } from '../../application/weekly-report/preview.ts'
import type { ReportReads } from '../../application/weekly-report/read-reports.ts'
import type { SigningKey } from '../../domain/handover/signature.ts'
import type { Instant } from '../../domain/shared/time.ts'

/** The use cases that the commands run, in this process, as the one who sits at the machine. */
export type Application = {
  readonly principal: Principal
  readonly reports: {
    readonly receive: (content: AsyncIterable<Uint8Array>) => TaskEither<AppError, ReceivedFile>
    readonly preview: (
      principal: Principal,
      received: ReceivedFile,
      said: ReportSaid,
      signal: AbortSignal | null,
    ) => TaskEither<AppError, Preview>
    readonly commit: (principal: Principal, id: string, version: number) => TaskEither<AppError, Committed>
    readonly reads: ReportReads
  }
  readonly directory: {
    readonly read: (principal: Principal) => TaskEither<AppError, Known>
    readonly change: (principal: Principal, incoming: Partial<Known>) => TaskEither<AppError, void>
    readonly importFrom: (
      principal: Principal,
      path: string,
      signal: AbortSignal | null,
    ) => TaskEither<AppError, DirectoryImported>
  }
  readonly verify: VerifySnapshots
  /** To a new file at that absolute path. */
  readonly exportTo: (principal: Principal, projectId: string, path: string) => TaskEither<AppError, Exported>
  readonly keys: {
    readonly list: (
      principal: Principal,
    ) => TaskEither<AppError, { readonly keys: ReadonlyArray<SigningKey>; readonly current: string | null }>
    readonly rotate: (principal: Principal) => TaskEither<AppError, SigningKey>
  }
  readonly subjectOfTicket: SubjectOfTicket
  readonly eraseSubject: EraseSubject
  /** To a new folder at that absolute path. */
  readonly exportSubjectTo: (
    principal: Principal,
    subject: Subject,
    path: string,
  ) => TaskEither<AppError, SubjectExported>
  readonly deadLetters: {
    readonly list: ReturnType<typeof listDeadLetters>
    readonly view: ReturnType<typeof viewDeadLetter>
    readonly retry: ReturnType<typeof retryDeadLetter>
    readonly drop: ReturnType<typeof dropDeadLetter>
  }
  readonly sync: Omit<ReturnType<typeof syncUses>, 'receiveQContact'>
  readonly templates: {
    readonly read: ReturnType<typeof readTemplates>
    readonly change: ReturnType<typeof changeTemplates>
    readonly preview: ReturnType<typeof previewTemplate>
  }
  readonly knowsProject: (projectId: string) => TaskEither<AppError, boolean>
  readonly listTickets: ListTickets
  readonly notifications: {
    readonly list: ReturnType<typeof listNotifications>
    readonly settle: ReturnType<typeof settleNotification>
    readonly sending: ReturnType<typeof readSending>
    readonly switchTo: ReturnType<typeof switchSending>
  }
  readonly reconcileEvidence: ReconcileEvidence
  readonly judgePhotosAgain: TaskEither<AppError, JudgedAgain>
  readonly runTimers: (now: Instant) => TaskEither<AppError, TimersRun>
  readonly now: () => Instant
  readonly importPlatform: (principal: Principal, request: ImportPlatform) => TaskEither<AppError, Replaced>
}
