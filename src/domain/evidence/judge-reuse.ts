import { dayInJohannesburg, type Instant } from '../shared/time.ts'
import type { Judge, Verdict } from './evidence.ts'
import { REUSE_DISTANCE } from './likeness.ts'

export type JudgedPhoto = {
  readonly sha256: string
  readonly ticketId: string
  readonly stepKey: string
  readonly drNumber: string | null
  readonly paperwork: boolean
}

/** Another photo with the very same bytes, of any ticket: cancelled and deleted ones count too. */
export type EarlierUse = {
  readonly ticketId: string
  readonly ticketUid: string
  readonly stepKey: string
  readonly photoId: string
  readonly uploadedAt: Instant
  readonly drNumber: string | null
}

/** An earlier photo whose picture is not the same bytes: `distance` of the 256 bits of their hashes differ at least. */
export type AlikeUse = EarlierUse & { readonly distance: number }

/** How many uses a verdict lists; it always says how many there are. */
const LISTED_USES = 10

/**
 * The same picture may be sent again to the same step; anywhere else it proves nothing, and a QA lead must clear it. The
 * same are equal bytes and, of those alike, the ones at most 31 bits apart; without `alike` the picture could not be compared
 * yet, and only equal bytes are sure.
 */
export const judgeReuse = (
  photo: JudgedPhoto,
  sameBytes: ReadonlyArray<EarlierUse>,
  judge: Judge,
  alike: ReadonlyArray<AlikeUse> | null = [],
): Verdict => {
  const copies = (alike ?? []).filter(
    (use) => use.distance <= REUSE_DISTANCE && !sameBytes.some(({ photoId }) => photoId === use.photoId),
  )
  const elsewhere: ReadonlyArray<EarlierUse & { readonly distance?: number }> = [...sameBytes, ...copies]
    .filter((use) => !isResubmission(photo, use))
    .sort(oldestFirst)
  const offences = elsewhere.filter((use) => !isSharedPaperwork(photo, use))
  const named = offences[0] ?? elsewhere[0]
  const evidence = {
    sha256: photo.sha256,
    uses: elsewhere.length,
    earlier: [...offences, ...elsewhere.filter((use) => isSharedPaperwork(photo, use))]
      .slice(0, LISTED_USES)
      .map(listed),
  }
  if (alike === null && offences.length === 0) {
    const reason = 'The picture could not be compared with others yet'
    return { ...judge, check: 'reuse', outcome: 'unverifiable', reason, evidence }
  }
  if (named === undefined) {
    return { ...judge, check: 'reuse', outcome: 'pass', reason: 'No other use of this photo is known', evidence }
  }
  const same = named.distance === undefined ? 'The same photo' : 'The same picture'
  const reason = `${same} is ${whereAndWhen(photo, named)}`
  return { ...judge, check: 'reuse', outcome: offences.length > 0 ? 'block' : 'warn', reason, evidence }
}

/** An earlier use in the words of a verdict. */
export const whereAndWhen = (photo: Pick<JudgedPhoto, 'ticketId'>, use: EarlierUse): string =>
  `step ${use.stepKey} of ${use.ticketId === photo.ticketId ? 'this ticket' : `ticket ${use.ticketUid}`}, sent on ${dayInJohannesburg(use.uploadedAt)}`

/** An earlier use as a verdict keeps it. */
export const listed = ({
  ticketId,
  ticketUid,
  stepKey,
  photoId,
  uploadedAt,
  distance,
}: EarlierUse & { readonly distance?: number }) => ({
  ticketId,
  ticketUid,
  stepKey,
  photoId,
  uploadedAt,
  ...(distance === undefined ? {} : { distance }),
})

/** The uses that a verdict of reuse or likeness lists; those of the same bytes have no distance. */
export const usesListedIn = (verdict: Verdict | undefined): ReadonlyArray<ListedUse> =>
  (verdict?.evidence.earlier as ReadonlyArray<ListedUse> | undefined) ?? []
type ListedUse = Omit<EarlierUse, 'drNumber'> & { readonly distance?: number }

export const isResubmission = (
  photo: Pick<JudgedPhoto, 'ticketId' | 'stepKey'>,
  use: Pick<EarlierUse, 'ticketId' | 'stepKey'>,
): boolean => use.ticketId === photo.ticketId && use.stepKey === photo.stepKey

/** Paperwork redone for a job of the same drop may show the photo of that job: a reviewer looks at it. */
const isSharedPaperwork = (photo: JudgedPhoto, use: EarlierUse): boolean =>
  photo.paperwork &&
  use.ticketId !== photo.ticketId &&
  use.stepKey === photo.stepKey &&
  photo.drNumber !== null &&
  use.drNumber === photo.drNumber

const oldestFirst = (a: EarlierUse, b: EarlierUse): number =>
  a.uploadedAt < b.uploadedAt ? -1 : a.uploadedAt > b.uploadedAt ? 1 : a.photoId < b.photoId ? -1 : 1
