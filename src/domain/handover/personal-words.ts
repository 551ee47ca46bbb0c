import type { Json } from '../shared/json.ts'
import { HOLD_REASONS } from '../ticket/ticket.ts'

/** What stands where an erased text stood, so that a text that must be there is. */
export const ERASED = 'Erased'

/** The names under which people's own words stand in what is kept as JSON: events, verdicts, facts of a status. */
const WORDS: ReadonlySet<string> = new Set([
  'note',
  'notes',
  'reason',
  'details',
  'document',
  'comment',
  'description',
  'conditions',
  'resolution',
  'outcome',
  'filename',
])

/** Words of the program's own that stand under the same names: they are no person's. */
const OURS: ReadonlySet<string> = new Set([
  ...HOLD_REASONS,
  'pass',
  'block',
  'warn',
  'unverifiable',
  'not_judged',
  'correct',
  'incorrect',
  'missing',
  'passed',
  'failed',
  'not_applicable',
  ERASED,
])

const isWords = (name: string, value: Json): value is string =>
  WORDS.has(name) && typeof value === 'string' && !OURS.has(value)

type Found = { readonly path: string; readonly value: string }

/** Every text of a person inside, by its path. */
export const wordsIn = (value: Json, path = ''): ReadonlyArray<Found> => {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item: Json, i) => wordsIn(item, `${path}/${i}`))
  return Object.entries(value).flatMap(([name, inner]) =>
    isWords(name, inner) ? [{ path: `${path}/${name}`, value: inner }] : wordsIn(inner, `${path}/${name}`),
  )
}

/** The same without any person's text; whatever rests on its shape goes on working. */
export const withoutWords = (value: Json): Json => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => withoutWords(item))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isWords(name, inner) ? ERASED : withoutWords(inner)]),
  )
}
