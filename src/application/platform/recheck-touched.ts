import type { Guarantee } from '../../domain/guarantee/guarantee.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { afterOutsideChange } from '../../domain/ticket/recheck.ts'
import { type ChangeDeps, toChange } from '../change.ts'
import type { Touch, Touched } from '../ports/project-store.ts'
import type { Change } from '../ports/ticket-store.ts'

/** After settings or platform records changed: pending tickets are checked again, others lose their readiness until the next run; guarantees are computed anew. */
export const recheckTouched =
  (
    deps: ChangeDeps,
    { at, by, because }: { readonly at: Instant; readonly by: string; readonly because: string },
  ): Touch =>
  (stored, why) => {
    if (why === 'guarantee') return resettled(deps, at)(stored, why)
    const outcome = afterOutsideChange(stored.facts, { id: deps.newId(), at, by }, because)(stored.ticket)
    return outcome[0] === stored.ticket ? null : toChange(deps, stored, outcome, at)
  }

/** SLA and guarantee computed anew, where the guarantee comes out differently. */
export const resettled =
  (deps: ChangeDeps, at: Instant): Touch =>
  (stored) => {
    const change = toChange(deps, stored, [stored.ticket, []], at)
    return isSame(change.next.guarantee, stored.ticket.guarantee) ? null : change
  }

/** The same in every field; stores give the fields in an order of their own. */
const isSame = (one: Guarantee, other: Guarantee): boolean =>
  Object.entries(one).every(([field, value]) => other[field as keyof Guarantee] === value)

export const tallyOf = (changes: ReadonlyArray<Change>): Touched => {
  const pending = changes.filter(({ before }) => before.ticket.status === 'pending_qa')
  const fellBack = pending.filter(({ next }) => next.status !== 'pending_qa').length
  return { rechecked: pending.length, fellBack, reset: changes.length - pending.length }
}
