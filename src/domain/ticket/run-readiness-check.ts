import * as E from 'fp-ts/lib/Either.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { fallBack, frozen, isOpenToFacts, runCheck } from './recheck.ts'
import type { Ticket } from './ticket.ts'
import type { Decided, Stamp } from './transition.ts'

const TOO_LATE = ['handed_to_maintenance', 'closed', 'cancelled']

/** The work is checked until maintenance has it; the run is logged, and a pending ticket that fails falls back. */
export const runReadinessCheck =
  (stamp: Stamp, facts: ProjectFacts) =>
  (ticket: Ticket): Decided => {
    if (ticket.lastCheck?.id === stamp.id) return E.right([ticket, []])
    if (TOO_LATE.includes(ticket.status)) return E.left(frozen(ticket))
    const run = runCheck(ticket, facts, stamp)
    if (ticket.status === 'pending_qa' && !run.passed) return E.right(fallBack(ticket, run, 'readiness check'))
    const next = isOpenToFacts(ticket)
      ? { ...ticket, lastCheck: run, qaReady: run.passed }
      : { ...ticket, lastCheck: run }
    return E.right([next, [{ type: 'ReadinessChecked', run, at: stamp.at, by: stamp.by }]])
  }
