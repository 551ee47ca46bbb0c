import * as E from 'fp-ts/lib/Either.js'
import type { Json, JsonObject } from '../shared/json.ts'
import type { Instant } from '../shared/time.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { wordsIn } from './personal-words.ts'

/** What is personal of a ticket, by path: what is sealed as commitments, and erasable. */
export type Openings = Readonly<Record<string, Json>>

/** What belongs to a ticket and is kept beside it. */
export type Beside = {
  readonly client: { readonly name: string | null; readonly phone: string | null; readonly email: string | null } | null
  /** Notes that people wrote, of every type. */
  readonly notes: ReadonlyArray<{ readonly id: string; readonly content: string }>
  readonly events: ReadonlyArray<{ readonly id: string; readonly type: string; readonly data: Json }>
}

export type KeyedTools = {
  readonly canonicalBytes: (value: Json) => E.Either<unknown, Uint8Array>
  /** 32 bytes for one purpose out of a key. */
  readonly derivedKey: (key: Uint8Array, purpose: string) => Uint8Array
  /** HMAC-SHA-256 as 64 lower-case hexadecimal digits. */
  readonly hmac: (key: Uint8Array, bytes: Uint8Array) => string
}

/** Events whose words the ticket itself holds as well. */
const HELD_BY_TICKET: ReadonlySet<string> = new Set([
  'PhotoAdded',
  'PhotoJudgedAgain',
  'LookAlikeFound',
  'VerdictOverridden',
  'ReuseCleared',
  'RiskAccepted',
  'RiskReviewed',
  'RiskResolved',
  'TicketApproved',
  'TicketRejected',
  'ReturnedFromGate',
])

type Value = readonly [path: string, value: Json]

/** Everything personal and every text a person wrote, as it stands; what is not there has no path. */
export const personalOf = (ticket: Ticket, beside: Beside): Openings =>
  Object.fromEntries(
    [
      ...ticketValues(ticket),
      ...stepValues(ticket),
      ...photoValues(ticket),
      ...judgementValues(ticket),
      ...besideValues(beside),
    ].filter(([, value]) => value !== null),
  )

const ticketValues = (ticket: Ticket): ReadonlyArray<Value> => [
  ['/ticket/title', ticket.title],
  ['/ticket/description', ticket.description],
  ['/ticket/address', ticket.address],
  ['/ticket/gps', ticket.gps === null ? null : { lat: ticket.gps.lat, lon: ticket.gps.lon }],
  ['/ticket/place_confirmed/reason', ticket.placeConfirmed?.reason ?? null],
  ['/ticket/fault/details', ticket.fault.details],
  ['/ticket/as_built/document', ticket.asBuilt?.document ?? null],
  ['/ticket/hold/note', ticket.status === 'on_hold' ? ticket.hold.note : null],
  ['/ticket/cancelled/reason', ticket.status === 'cancelled' ? ticket.because.reason : null],
]

const stepValues = ({ steps }: Ticket): ReadonlyArray<Value> =>
  steps.flatMap(
    (step): ReadonlyArray<Value> => [
      [`/steps/${step.key}/signature`, step.key === 'customer_signature' ? step.value : null],
      [`/steps/${step.key}/notes`, step.notes],
      [`/steps/${step.key}/verdict/comment`, step.verdict?.comment ?? null],
    ],
  )

const photoValues = ({ photos }: Ticket): ReadonlyArray<Value> =>
  photos.flatMap(
    (photo): ReadonlyArray<Value> => [
      [`/photos/${photo.id}/filename`, photo.filename],
      [`/photos/${photo.id}/reuse_cleared/reason`, photo.reuseCleared?.reason ?? null],
      ...photo.overrides.map(({ reason }, i): Value => [`/photos/${photo.id}/overrides/${i}/reason`, reason]),
    ],
  )

const judgementValues = ({ risks, waivers, decisions }: Ticket): ReadonlyArray<Value> => [
  ...risks.flatMap(
    (risk): ReadonlyArray<Value> => [
      [`/risks/${risk.id}/description`, risk.description],
      [`/risks/${risk.id}/conditions`, risk.conditions],
      [`/risks/${risk.id}/resolution`, risk.resolution],
      ...risk.reviews.map(({ id, outcome }): Value => [`/risks/${risk.id}/reviews/${id}/outcome`, outcome]),
    ],
  ),
  ...waivers.map(({ platform, reason }): Value => [`/waivers/${platform}/reason`, reason]),
  ...decisions.flatMap(
    ({ id, reason, verdicts }): ReadonlyArray<Value> => [
      [`/decisions/${id}/reason`, reason],
      ...verdicts.map(({ step, comment }): Value => [`/decisions/${id}/verdicts/${step}/comment`, comment]),
    ],
  ),
]

const besideValues = ({ client, notes, events }: Beside): ReadonlyArray<Value> => [
  ['/client/name', client?.name ?? null],
  ['/client/phone', client?.phone ?? null],
  ['/client/email', client?.email ?? null],
  ...notes.map(({ id, content }): Value => [`/notes/${id}`, content]),
  ...events
    .filter(({ type }) => !HELD_BY_TICKET.has(type))
    .flatMap(({ id, data }) => wordsIn(data).map(({ path, value }): Value => [`/events/${id}${path}`, value])),
]

/** By what a snapshot's personal values are sealed: derived from its ticket's key, and good for this one snapshot. */
export const commitmentKey = ({ derivedKey }: Pick<KeyedTools, 'derivedKey'>, key: Uint8Array, snapshotId: string) =>
  derivedKey(key, `commitment:${snapshotId}`)

const encoder = new TextEncoder()

/** HMAC-SHA-256 over the path, one zero byte and the value's canonical JSON; `key` is that of {@link commitmentKey}. */
const commitmentTo = (
  { canonicalBytes, hmac }: Pick<KeyedTools, 'canonicalBytes' | 'hmac'>,
  key: Uint8Array,
  path: string,
  value: Json,
): string => {
  const [said, canonical] = [encoder.encode(path), canonicalBytes(value)]
  if (E.isLeft(canonical)) throw new Error(`${path} is no plain JSON`)
  const bytes = new Uint8Array(said.length + 1 + canonical.right.length)
  bytes.set(said)
  bytes.set(canonical.right, said.length + 1)
  return hmac(key, bytes)
}

/** What is sealed in place of what is personal. After an erasure there is nothing to commit to any more. */
export const sealedPersonal = (
  tools: KeyedTools,
  key: Uint8Array,
  snapshotId: string,
  openings: Openings,
): JsonObject => {
  const own = commitmentKey(tools, key, snapshotId)
  return {
    algorithm: ALGORITHM,
    commitments: Object.fromEntries(
      Object.entries(openings).map(([path, value]) => [path, commitmentTo(tools, own, path, value)]),
    ),
  }
}
export const erasedPersonal = (at: Instant): JsonObject => ({ erased_at: at })

const ALGORITHM = 'HMAC-SHA-256'

/** The commitments of sealed content; null where it has none: in format 1, and after an erasure. */
export const commitmentsIn = (content: Json): Readonly<Record<string, Json>> | null => {
  const commitments = memberOf(memberOf(content, 'personal'), 'commitments')
  return isObject(commitments) ? commitments : null
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const memberOf = (value: Json, name: string): Json =>
  isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null

/** Paths at which what can be read is not what was sealed: changed, gone or added. */
export const openingsThatDiffer = (
  tools: Pick<KeyedTools, 'canonicalBytes' | 'hmac'>,
  key: Uint8Array,
  commitments: Readonly<Record<string, Json>>,
  openings: Openings,
): ReadonlyArray<string> =>
  [...new Set([...Object.keys(commitments), ...Object.keys(openings)])].filter((path) => {
    const value = Object.hasOwn(openings, path) ? openings[path] : undefined
    return value === undefined || commitmentTo(tools, key, path, value) !== commitments[path]
  })
