import { type ReconcileDeps, type Reconciliation, reconcileDaily } from '../evidence/reconcile.ts'
import { type AnchorDeps, anchorHourly } from '../handover/anchor-heads.ts'
import type { Schedule } from '../ports/job-queue.ts'

export type ScheduleDeps = AnchorDeps & ReconcileDeps & { readonly onReconciled: (found: Reconciliation) => void }

/** Everything the clock sets off: one run at a time over all processes; a run may come again, late, or be cut off. */
export const schedules = (deps: ScheduleDeps): ReadonlyArray<Schedule> => [
  // Heads of chains that no anchor holds yet, and anchors without a time stamp.
  anchorHourly(deps),
  // Objects in storage against the records that name them.
  reconcileDaily(deps),
]
