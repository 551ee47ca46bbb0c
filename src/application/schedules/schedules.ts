import { type JudgeAgainDeps, type JudgedAgain, judgePhotosDaily } from '../evidence/judge-again.ts'
import { judgePhotosSoon } from '../evidence/judge-soon.ts'
import { type ReconcileDeps, type Reconciliation, reconcileDaily } from '../evidence/reconcile.ts'
import { sweepUploadsHourly } from '../evidence/sweep-uploads.ts'
import { type AnchorDeps, anchorHourly } from '../handover/anchor-heads.ts'
import type { Schedule } from '../ports/job-queue.ts'
import type { ReportViews } from '../ports/report-store.ts'
import { type CopiesErased, type EraseDeps, eraseCopiesDaily } from '../subject/erase-subject.ts'
import { qcontactSchedules, type SyncReactionDeps } from '../sync/sync-uses.ts'
import type { TimerDeps } from '../timers/risk-timers.ts'
import { riskTimers, slaTimers } from '../timers/timer-schedules.ts'
import type { CarryOutDeps } from '../weekly-report/carry-out.ts'
import { resumeStuckReports } from '../weekly-report/resume-stuck.ts'

type Trouble = { readonly ticketId: string } | { readonly reportId: string }

export type ScheduleDeps = Omit<TimerDeps, 'onTrouble'> &
  Omit<CarryOutDeps, 'onTrouble'> & {
    readonly views: ReportViews
    /** Hears of what could not be done because of a defect; the others go on. */
    readonly onTrouble: (error: unknown, at: Trouble) => void
  } & AnchorDeps &
  SyncReactionDeps &
  ReconcileDeps & { readonly onReconciled: (found: Reconciliation) => void } & JudgeAgainDeps & {
    readonly onJudged: (done: JudgedAgain) => void
    readonly onJudgedSoon: (done: JudgedAgain) => void
  } & EraseDeps & { readonly onErased: (done: CopiesErased) => void }

/** Everything the clock sets off: one run at a time over all processes; a run may come again, late, or be cut off. */
export const schedules = (deps: ScheduleDeps): ReadonlyArray<Schedule> => [
  // Each minute: SLA warnings and breaches.
  slaTimers(deps),
  // Warnings, expiry and escalation of risks, and reviews that are due.
  riskTimers(deps),
  // Weekly reports that nobody carries out any more.
  resumeStuckReports(deps),
  // Heads of chains that no anchor holds yet, and anchors without a time stamp.
  anchorHourly(deps),
  // Objects in storage against the records that name them.
  reconcileDaily(deps),
  // Uploads that a crash left unencrypted on this machine.
  sweepUploadsHourly(deps),
  // Photos that no one judged to the end, or judged by an earlier build: those of today within minutes.
  judgePhotosDaily(deps),
  judgePhotosSoon({ ...deps, onJudged: deps.onJudgedSoon }),
  // Viewing copies of erased clients that are still in the storage.
  eraseCopiesDaily(deps),
  // The poll of QContact every quarter of an hour, and the nightly comparison of every case.
  ...qcontactSchedules(deps),
]
