/** Monday first, as ISO and luxon count. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** Times are `HH:mm` in the calendar's zone; `24:00` ends a day, so a night shift is two intervals. */
export type WorkingInterval = { readonly day: Weekday; readonly from: string; readonly to: string }

export type CalendarDefinition = {
  readonly name: string
  /** IANA zone, e.g. `Africa/Johannesburg`. */
  readonly zone: string
  /** ISO 3166 code of the country whose public holidays are free; null for none. */
  readonly country: string | null
  readonly week: ReadonlyArray<WorkingInterval>
}

export type CalendarError =
  | { readonly type: 'ZoneUnknown'; readonly zone: string }
  | { readonly type: 'CountryUnknown'; readonly country: string }
  | { readonly type: 'WeekWithoutWork' }
  | { readonly type: 'TimeUnreadable'; readonly interval: WorkingInterval }
  | { readonly type: 'IntervalEndsBeforeItStarts'; readonly interval: WorkingInterval }
  | { readonly type: 'IntervalsOverlap'; readonly day: Weekday }

/** Monday to Friday, 08:00 to 18:00 in Johannesburg, without South African public holidays. */
export const southAfricanWorkingHours: CalendarDefinition = {
  name: 'working_hours',
  zone: 'Africa/Johannesburg',
  country: 'ZA',
  week: WEEKDAYS.slice(0, 5).map((day) => ({ day, from: '08:00', to: '18:00' })),
}
