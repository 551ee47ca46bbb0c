/** A moment, always in the form `2026-11-22T20:15:00.000Z`: UTC with milliseconds, so that text order is time order. */
export type Instant = string

/** A calendar day `YYYY-MM-DD`, read in Africa/Johannesburg unless a calendar says otherwise. */
export type Day = string

const DAY_MS = 86_400_000

/** The moment `ms` milliseconds later (earlier when negative). */
export const plusMs = (at: Instant, ms: number): Instant => new Date(Date.parse(at) + ms).toISOString()

/** The moment `days` times 24 hours later; for calendar days use {@link addDays}. */
export const plusDays = (at: Instant, days: number): Instant => plusMs(at, days * DAY_MS)

/** The calendar day `days` later. */
export const addDays = (day: Day, days: number): Day =>
  new Date(Date.parse(`${day}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10)

/** Whole calendar days from one day to another; negative when `to` is earlier. */
export const daysBetween = (from: Day, to: Day): number =>
  Math.round((Date.parse(`${to}T00:00:00.000Z`) - Date.parse(`${from}T00:00:00.000Z`)) / DAY_MS)

/** The day in Africa/Johannesburg (UTC+2 all year: South Africa keeps no summer time). */
export const dayInJohannesburg = (at: Instant): Day => plusMs(at, 2 * 3_600_000).slice(0, 10)
