import * as E from 'fp-ts/lib/Either.js'
import { refuseOverTicketLimit } from '../evidence/limits.ts'
import type { Photo } from '../evidence/photo.ts'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { changingFacts, isOpenToFacts } from './recheck.ts'
import type { TicketRefusal } from './refusals.ts'
import type { Ticket } from './ticket.ts'
import type { Decided, Stamp } from './transition.ts'

export type AddPhoto = Stamp & {
  readonly photo: Omit<Photo, 'current' | 'cycle' | 'overrides' | 'reuseCleared' | 'arrivedAt' | 'uploadedBy'>
  readonly limitBytes: number
  /** Bytes of everything stored for this ticket, documents included. */
  readonly usedBytes: number
}

/**
 * A photo becomes the current evidence of its step; the one before stays as history, and the step's verdict is void.
 * The same client-made id is the same photo and changes nothing, whatever has become of the ticket since.
 */
export const addPhoto =
  (command: AddPhoto, facts: ProjectFacts) =>
  (ticket: Ticket): Decided => {
    const { photo, at, by, limitBytes, usedBytes } = command
    const known = ticket.photos.find((other) => other.id === photo.id)
    if (known !== undefined)
      return known.step === photo.step
        ? E.right([ticket, []])
        : E.left({ type: 'PhotoOfAnotherStep', photoId: photo.id, step: known.step })
    if (ticket.erasedAt !== null) return E.left({ type: 'SubjectErased', at: ticket.erasedAt, refused: 'add' })
    if (!isOpenToFacts(ticket)) return E.left(tooLate(ticket))
    const full = refuseOverTicketLimit(usedBytes, photo.object.size, limitBytes)
    if (E.isLeft(full)) return full
    return changingFacts(facts, command, `photo of ${photo.step}`, (open) => {
      const added: Photo = {
        ...photo,
        current: true,
        cycle: open.rectificationCount,
        arrivedAt: at,
        uploadedBy: by,
        overrides: [],
        reuseCleared: null,
      }
      const replaces = open.photos.find((other) => other.step === photo.step && other.current)?.id ?? null
      const photos = open.photos.map((other) => (other.step === photo.step ? { ...other, current: false } : other))
      const steps = open.steps.map((step) =>
        step.key === photo.step && step.verdict !== null ? { ...step, verdict: null, version: step.version + 1 } : step,
      )
      return E.right([
        { ...open, photos: [...photos, added], steps },
        [{ type: 'PhotoAdded', photo: added, replaces, at, by }],
      ])
    })(ticket)
  }

/** A photo that arrives after the ticket stopped taking them: refused by name, so that the client need not guess. A deleted one counts as cancelled. */
export const tooLate = (ticket: Ticket): TicketRefusal => ({
  type: 'PhotoTooLate',
  why: ticket.status === 'cancelled' || ticket.deletedAt !== null ? 'cancelled' : 'frozen',
  ticketUid: ticket.uid ?? '',
})
