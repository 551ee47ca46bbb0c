import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { blockingVerdicts, clearedUses, newestOf } from '../evidence/blocking.ts'
import { photoChecks } from '../evidence/evidence.ts'
import { usesListedIn } from '../evidence/judge-reuse.ts'
import type { Photo } from '../evidence/photo.ts'
import type { ProjectFacts } from '../readiness/readiness.ts'
import type { TicketEvent } from './events.ts'
import { changingFacts } from './recheck.ts'
import type { TicketRefusal } from './refusals.ts'
import type { Common, Ticket } from './ticket.ts'
import { type Decided, refuseIf, requireText, type Stamp } from './transition.ts'

export type OverrideVerdict = Stamp & { readonly photoId: string; readonly check: string; readonly reason: string }
export type ClearReuse = Stamp & { readonly photoId: string; readonly reason: string }

/** A QA lead overrides one blocking verdict of one current photo, with a reason that is sealed in the snapshot. */
export const overrideVerdict = (command: OverrideVerdict, facts: ProjectFacts): ((ticket: Ticket) => Decided) =>
  judgedPhoto(command, facts, (photo, reason) => {
    const { photoId, check, at, by } = command
    if (check === 'reuse' || !standsAgainst(photo, check)) return E.left({ type: 'NothingToOverride', photoId, check })
    return E.right([
      { ...photo, overrides: [...photo.overrides, { check, at, by, reason }] },
      { type: 'VerdictOverridden', photoId, check, reason, at, by },
    ])
  })

/** A QA lead clears a reuse, with a reason: the picture may stand on the tickets that its verdict names. */
export const clearReuse = (command: ClearReuse, facts: ProjectFacts): ((ticket: Ticket) => Decided) =>
  judgedPhoto(command, facts, (photo, reason) => {
    const { photoId, at, by } = command
    if (!standsAgainst(photo, 'reuse')) return E.left({ type: 'NoReuseToClear', photoId })
    const named = usesListedIn(newestOf('reuse', photo.verdicts)).map((use) => use.photoId)
    const photoIds = [...new Set([...clearedUses(photo), ...named])]
    return E.right([
      { ...photo, reuseCleared: { at, by, reason, photoIds } },
      { type: 'ReuseCleared', photoId, reason, at, by },
    ])
  })

/** A verdict blocks the photo now: the newest of its check, and not overridden already. An unfinished analysis is no verdict. */
const standsAgainst = (photo: Photo, check: string): boolean =>
  photoChecks.some((known) => known === check) && blockingVerdicts(photo).some((block) => block.check === check)

const judgedPhoto = (
  command: Stamp & { readonly photoId: string; readonly reason: string },
  facts: ProjectFacts,
  judge: (photo: Photo, reason: string) => E.Either<TicketRefusal, readonly [Photo, TicketEvent]>,
): ((ticket: Ticket) => Decided) =>
  changingFacts(facts, command, 'a photo was judged', (ticket) =>
    pipe(
      requireText('reason', command.reason),
      E.bindTo('reason'),
      E.bind('photo', () => photoOf(ticket, command.photoId)),
      E.tap(({ photo }) => refuseIf(!photo.current, { type: 'PhotoIsNotCurrent', photoId: photo.id })),
      E.flatMap(({ photo, reason }) => judge(photo, reason)),
      E.map(([photo, event]) => [
        { ...ticket, photos: ticket.photos.map((other) => (other.id === photo.id ? photo : other)) },
        [event],
      ]),
    ),
  )

const photoOf = (ticket: Common, photoId: string): E.Either<TicketRefusal, Photo> => {
  const photo = ticket.photos.find((candidate) => candidate.id === photoId)
  return photo === undefined ? E.left({ type: 'PhotoUnknown', photoId }) : E.right(photo)
}
