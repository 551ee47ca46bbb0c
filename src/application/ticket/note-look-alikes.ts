import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { judgeLikeness } from '../../domain/evidence/judge-likeness.ts'
import type { AlikeUse } from '../../domain/evidence/judge-reuse.ts'
import { noteLikeness } from '../../domain/ticket/note-likeness.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { type ChangeDeps, changeTicket, nothingMore } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Reaction } from '../ports/job-queue.ts'
import type { OutboxEvent } from '../ports/outbox.ts'
import type { PhotoLikeness } from '../ports/photo-likeness.ts'
import { systemPrincipal } from '../principal.ts'

export type LookAlikeDeps = ChangeDeps & { readonly likeness: PhotoLikeness }

const CHECKER = 'look-alikes'
const VERSION = '1'

/** A photo was added: earlier ones that look like it are searched for, which is too slow to wait for, and shown to the reviewer. */
export const noteLookAlikes = (deps: LookAlikeDeps): Reaction => ({
  name: 'note_look_alikes',
  eventTypes: ['PhotoAdded'],
  queue: 'reactions',
  // Nothing waits for it: no photo of the ticket needs to be looked at before another.
  key: ({ id }) => id,
  handle: async (event) => {
    const photo = photoOf(event)
    if (event.ticketId === null || photo === null) return
    const answer = await search(deps, event.ticketId, photo)()
    if (answer._tag === 'Left') throw new Error(answer.left.type)
  },
})

type Added = { readonly id: string; readonly step: string }

const search = (deps: LookAlikeDeps, ticketId: TicketId, photo: Added): TE.TaskEither<AppError, unknown> =>
  pipe(
    deps.likeness.lookAlikesOf(photo.id),
    TE.flatMap((alike) => (alike === null ? TE.right(null) : tellLookAlikes(deps, ticketId, photo, alike))),
  )

/** Notes what a photo was found to look like, or that it looks like none. */
export const tellLookAlikes = (
  deps: ChangeDeps,
  ticketId: TicketId,
  photo: Added,
  alike: ReadonlyArray<AlikeUse>,
): TE.TaskEither<AppError, unknown> => {
  const at = deps.now()
  const verdict = judgeLikeness({ ticketId, stepKey: photo.step }, alike, { checker: CHECKER, version: VERSION, at })
  return pipe(
    changeTicket(deps)(
      { ticketId, principal: systemPrincipal, version: null },
      {
        action: 'note_likeness',
        gather: nothingMore,
        // Each photo passes sooner or later: whoever read the ticket before that loses nothing. A pass that is overwritten is
        // told again by the daily run; a look-alike is an event, so it moves the version and cannot be overwritten.
        keepsVersion: true,
        decide: ({ ticket }, stamp) => noteLikeness({ ...stamp, photoId: photo.id, verdict })(ticket),
      },
    ),
    // A ticket that was deleted meanwhile has no reviewer.
    TE.orElse((error) => (error.type === 'NotFound' ? TE.right<AppError, unknown>(null) : TE.left(error))),
  )
}

const photoOf = ({ body }: OutboxEvent): Added | null => {
  const { id, step } = (body.photo ?? {}) as { readonly id?: unknown; readonly step?: unknown }
  return typeof id === 'string' && typeof step === 'string' ? { id, step } : null
}
