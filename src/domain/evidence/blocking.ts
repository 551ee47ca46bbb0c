import { blockingChecks, type PhotoCheck, type Verdict } from './evidence.ts'
import { usesListedIn } from './judge-reuse.ts'
import type { Photo } from './photo.ts'

export type PhotoBlock = { readonly check: PhotoCheck | 'analysis'; readonly reason: string }

type Judged = Pick<Photo, 'verdicts' | 'overrides' | 'reuseCleared'>

/** Why a photo cannot serve as evidence; empty when it can. Overrides and a cleared reuse do not count, a check without a verdict does. */
export const blockingVerdicts = (photo: Judged): ReadonlyArray<PhotoBlock> => {
  const latest = blockingChecks.map((check) => ({ check, verdict: newestOf(check, photo.verdicts) }))
  const standing = latest.flatMap(({ check, verdict }) =>
    verdict?.outcome === 'block' && !excused(verdict, photo) ? [{ check, reason: verdict.reason }] : [],
  )
  const unfinished = latest.filter(({ verdict }) => verdict === undefined || verdict.outcome === 'unverifiable')
  return unfinished.length === 0
    ? standing
    : [
        ...standing,
        { check: 'analysis', reason: `analysis unfinished: ${unfinished.map(({ check }) => check).join(', ')}` },
      ]
}

/** Photos are judged again by better checkers: only the newest verdict of each check stands. */
export const newestOf = (check: PhotoCheck, verdicts: ReadonlyArray<Verdict>): Verdict | undefined =>
  verdicts
    .filter((verdict) => verdict.check === check)
    .reduce<Verdict | undefined>((newest, next) => (newest && newest.at > next.at ? newest : next), undefined)

/** Reuse is cleared, never overridden: clearing names the ticket whose photo it is. */
const excused = (verdict: Verdict, photo: Judged): boolean =>
  verdict.check === 'reuse'
    ? photo.reuseCleared !== null && usesListedIn(verdict).every((use) => clearedUses(photo).includes(use.photoId))
    : photo.overrides.some((override) => override.check === verdict.check)

/** The photos that it was cleared to share its picture with; earlier builds did not keep them, and meant those known by then. */
export const clearedUses = ({ reuseCleared, verdicts }: Judged): ReadonlyArray<string> =>
  reuseCleared === null
    ? []
    : (reuseCleared.photoIds ??
      verdicts
        .filter(({ check, at }) => check === 'reuse' && at <= reuseCleared.at)
        .flatMap((verdict) => usesListedIn(verdict).map(({ photoId }) => photoId)))
