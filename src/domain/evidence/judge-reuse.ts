import { dayInJohannesburg, type Instant } from '../shared/time.ts'
import type { Judge, Verdict } from './evidence.ts'

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

/** How many uses a verdict lists; it always says how many there are. */
const LISTED_USES = 10

/** The same bytes may be sent again to the same step; anywhere else they prove nothing, and a QA lead must clear them. */
export const judgeReuse = (photo: JudgedPhoto, earlierUses: ReadonlyArray<EarlierUse>, judge: Judge): Verdict => {
  const elsewhere = earlierUses.filter((use) => !isResubmission(photo, use)).sort(oldestFirst)
  const offences = elsewhere.filter((use) => !isSharedPaperwork(photo, use))
  const named = offences[0] ?? elsewhere[0]
  const evidence = {
    sha256: photo.sha256,
    uses: elsewhere.length,
    earlier: [...offences, ...elsewhere.filter((use) => isSharedPaperwork(photo, use))]
      .slice(0, LISTED_USES)
      .map(({ ticketId, ticketUid, stepKey, photoId, uploadedAt }) => ({
        ticketId,
        ticketUid,
        stepKey,
        photoId,
        uploadedAt,
      })),
  }
  if (named === undefined) {
    return { ...judge, check: 'reuse', outcome: 'pass', reason: 'No other use of this photo is known', evidence }
  }
  const reason =
    named.ticketId === photo.ticketId
      ? `The same photo is step ${named.stepKey} of this ticket, sent on ${dayInJohannesburg(named.uploadedAt)}`
      : `The same photo is step ${named.stepKey} of ticket ${named.ticketUid}, sent on ${dayInJohannesburg(named.uploadedAt)}`
  return { ...judge, check: 'reuse', outcome: offences.length > 0 ? 'block' : 'warn', reason, evidence }
}

const isResubmission = (photo: JudgedPhoto, use: EarlierUse): boolean =>
  use.ticketId === photo.ticketId && use.stepKey === photo.stepKey

/** Paperwork redone for a job of the same drop may show the photo of that job: a reviewer looks at it. */
const isSharedPaperwork = (photo: JudgedPhoto, use: EarlierUse): boolean =>
  photo.paperwork &&
  use.ticketId !== photo.ticketId &&
  use.stepKey === photo.stepKey &&
  photo.drNumber !== null &&
  use.drNumber === photo.drNumber

const oldestFirst = (a: EarlierUse, b: EarlierUse): number =>
  a.uploadedAt < b.uploadedAt ? -1 : a.uploadedAt > b.uploadedAt ? 1 : a.photoId < b.photoId ? -1 : 1
