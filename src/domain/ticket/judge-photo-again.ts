import * as E from 'fp-ts/lib/Either.js'
import type { Verdict } from '../evidence/evidence.ts'
import type { Photo } from '../evidence/photo.ts'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { changingFacts } from './recheck.ts'
import type { Ticket } from './ticket.ts'
import type { Decided, Stamp } from './transition.ts'

export type JudgePhotoAgain = Stamp & {
  readonly photoId: string
  readonly found: Pick<Photo, 'width' | 'height' | 'capturedAt' | 'copies'>
  readonly verdicts: ReadonlyArray<Verdict>
}

/**
 * A photo is judged by a newer checker, or to the end. Its verdicts join the earlier ones, of which only the newest of each
 * check stands; judged again with the same outcome, or replaced meanwhile, it changes nothing.
 */
export const judgePhotoAgain = (command: JudgePhotoAgain, facts: ProjectFacts): ((ticket: Ticket) => Decided) =>
  changingFacts(facts, command, 'a photo was judged again', (ticket) => {
    const { photoId, found, verdicts, at, by } = command
    const photo = ticket.photos.find((candidate) => candidate.id === photoId)
    if (photo === undefined || !photo.current || verdicts.every((verdict) => isKnown(photo, verdict)))
      return E.right([ticket, []])
    const judged: Photo = {
      ...photo,
      ...found,
      copies: found.copies ?? photo.copies,
      verdicts: [
        ...photo.verdicts.filter((known) => !verdicts.some((verdict) => isSameRule(known, verdict))),
        ...verdicts,
      ],
    }
    return E.right([
      { ...ticket, photos: ticket.photos.map((other) => (other.id === photoId ? judged : other)) },
      [
        {
          type: 'PhotoJudgedAgain',
          photoId,
          blocks: verdicts.filter(({ outcome }) => outcome === 'block').map(({ check }) => check),
          at,
          by,
        },
      ],
    ])
  })

const isSameRule = (a: Verdict, b: Verdict): boolean =>
  a.check === b.check && a.checker === b.checker && a.version === b.version

const isKnown = ({ verdicts }: Photo, verdict: Verdict): boolean =>
  verdicts.some(
    (known) => isSameRule(known, verdict) && known.outcome === verdict.outcome && known.reason === verdict.reason,
  )
