import * as E from 'fp-ts/lib/Either.js'
import type { Schedule } from '../ports/job-queue.ts'
import type { ReportViews } from '../ports/report-store.ts'
import { type CarryOutDeps, carryOutReport } from './carry-out.ts'

/** Long enough for whoever carries it out to be at it still, or to have come back after a crash. */
const STUCK_AFTER_MS = 15 * 60_000

/**
 * Committed reports that are not done by now are carried on: their event may have been dropped, or lost with a database
 * that was restored. Harmless beside one who is at it still: batches of one report never overlap.
 */
export const resumeStuckReports = (deps: CarryOutDeps & { readonly views: Pick<ReportViews, 'list'> }): Schedule => ({
  name: 'resume_stuck_reports',
  everySeconds: 600,
  run: async (signal) => {
    const asked = { projectId: null, status: 'processing', uploadedBy: null, after: null } as const
    const found = await deps.views.list(asked, { page: 1, pageSize: 100 })()
    if (E.isLeft(found)) throw new Error(found.left.type)
    const before = new Date(Date.parse(deps.now()) - STUCK_AFTER_MS).toISOString()
    for (const { id, started_at } of found.right.items)
      if (started_at === null || started_at < before) await carryOutReport(deps)(id, signal)
  },
})
