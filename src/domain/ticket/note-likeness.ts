import * as E from 'fp-ts/lib/Either.js'
import { newestOf } from '../evidence/blocking.ts'
import type { Verdict } from '../evidence/evidence.ts'
import type { Ticket } from './ticket.ts'
import type { Decided, Stamp } from './transition.ts'

export type NoteLikeness = Stamp & { readonly photoId: string; readonly verdict: Verdict }

/**
 * After a photo was added it was compared with all earlier ones: the reviewer is told what it looks like, or that it looks like
 * none, and nothing else changes. A reused photo, by whatever it is known, never passes as looking like none. Told twice, or of a photo that is gone or of a ticket that is finished, it changes nothing.
 */
export const noteLikeness =
  ({ photoId, verdict: found, at, by }: NoteLikeness) =>
  (ticket: Ticket): Decided => {
    const photo = ticket.photos.find((candidate) => candidate.id === photoId)
    const verdict = withReuse(found, photo?.verdicts ?? [])
    const known = photo?.verdicts.some(
      ({ check, outcome }) => check === 'likeness' && (outcome === 'warn' || outcome === verdict.outcome),
    )
    if (photo === undefined || known || REVIEWED.includes(ticket.status)) return E.right([ticket, []])
    const noted = { ...photo, verdicts: [...photo.verdicts, verdict] }
    return E.right([
      { ...ticket, photos: ticket.photos.map((other) => (other.id === photoId ? noted : other)) },
      verdict.outcome === 'pass' ? [] : [{ type: 'LookAlikeFound', photoId, reason: verdict.reason, at, by }],
    ])
  }

const withReuse = (found: Verdict, verdicts: ReadonlyArray<Verdict>): Verdict => {
  const reuse = newestOf('reuse', verdicts)
  return found.outcome === 'pass' && (reuse?.outcome === 'block' || reuse?.outcome === 'warn')
    ? { ...found, outcome: 'warn', reason: `${reuse.reason}: see reuse`, evidence: {} }
    : found
}

/** Nobody reviews these any more. */
export const REVIEWED: ReadonlyArray<Ticket['status']> = ['handed_to_maintenance', 'closed', 'cancelled']
