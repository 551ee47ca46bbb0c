import type { Common } from '../ticket/ticket.ts'
import {
  PLATFORM_FIELDS,
  PLATFORMS,
  type Platform,
  type PlatformField,
  type PlatformRow,
  type ProjectFacts,
} from './readiness.ts'

type Located = Pick<Common, 'place' | 'placeConfirmed' | 'waivers'>

export type Disagreement = {
  readonly platform: Platform
  readonly field: 'dr' | PlatformField
  readonly ticket: string | null
  /** What the platform holds; several rows are joined by ` or `. */
  readonly platformValue: string | null
}

export type PlatformAnswer = {
  readonly platform: Platform
  readonly status: 'aligned' | 'disagrees' | 'not_connected' | 'required_not_connected' | 'waived' | 'confirmed_by_hand'
  readonly disagreements: ReadonlyArray<Disagreement>
}

const agrees = (ticket: Located, row: PlatformRow, carried: ReadonlyArray<PlatformField>): boolean =>
  carried.every((field) => row[field] === ticket.place[field])

/** What one platform says of the ticket's place. With several rows for a DR the ticket must equal one of them. */
const answerOf = (ticket: Located, facts: ProjectFacts, platform: Platform): PlatformAnswer => {
  const answer = (
    status: PlatformAnswer['status'],
    disagreements: ReadonlyArray<Disagreement> = [],
  ): PlatformAnswer => ({ platform, status, disagreements })
  const state = facts.platforms[platform]
  if (ticket.waivers.some((waiver) => waiver.platform === platform)) return answer('waived')
  if (!state.connected)
    return answer(facts.requiredPlatforms.includes(platform) ? 'required_not_connected' : 'not_connected')
  const rows = facts.rows.filter((row) => row.platform === platform && row.dr === ticket.place.dr)
  if (rows.length === 0)
    return platform === 'sow' && ticket.placeConfirmed !== null
      ? answer('confirmed_by_hand')
      : answer('disagrees', [{ platform, field: 'dr', ticket: ticket.place.dr, platformValue: null }])
  const carried = PLATFORM_FIELDS.filter((field) => state.carries.includes(field))
  if (rows.some((row) => agrees(ticket, row, carried))) return answer('aligned')
  const differing = carried.filter((field) => !rows.some((row) => row[field] === ticket.place[field]))
  const fields = differing.length > 0 ? differing : carried
  return answer(
    'disagrees',
    fields.map((field) => ({
      platform,
      field,
      ticket: ticket.place[field],
      platformValue: rows.map((row) => row[field] ?? 'nothing').join(' or '),
    })),
  )
}

/** SharePoint, SOW and tracker, each with its answer and its disagreements. */
export const platformAnswers = (ticket: Located, facts: ProjectFacts): ReadonlyArray<PlatformAnswer> =>
  PLATFORMS.map((platform) => answerOf(ticket, facts, platform))

/** A connected SOW does not hold the ticket's DR and no manager has confirmed the place by hand. */
export const drIsUnknown = (ticket: Located, facts: ProjectFacts): boolean =>
  ticket.place.dr !== null &&
  ticket.placeConfirmed === null &&
  facts.platforms.sow.connected &&
  !facts.rows.some((row) => row.platform === 'sow' && row.dr === ticket.place.dr)
