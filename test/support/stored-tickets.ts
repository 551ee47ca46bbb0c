import { createHash, randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import { keyed } from '../../src/adapters/signing/keyed.ts'
import type { Change, Creation, PictureUse, Recorded, Seal, Stored } from '../../src/application/ports/ticket-store.ts'
import { personalOf, sealedPersonal } from '../../src/domain/handover/personal.ts'
import { snapshotOf } from '../../src/domain/handover/snapshot.ts'
import type { NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import { isSealing, type SealingEvent, type TicketEvent } from '../../src/domain/ticket/events.ts'
import type { TicketRefusal } from '../../src/domain/ticket/refusals.ts'
import type { In, Ticket, TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { ticketIn } from './lifecycle.ts'

/** Of every ticket whose change is made here rather than by a use case. */
export const TICKET_KEY = new Uint8Array(32).fill(7)

const tools = { ...keyed, canonicalBytes }

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const mapStrings = (value: unknown, map: (text: string) => string): unknown => {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, map)]))
}

const ownIds = (ticket: Ticket): ReadonlyArray<string> =>
  [ticket, ...ticket.steps, ...ticket.photos, ...ticket.risks, ...ticket.decisions, ticket.lastCheck].flatMap((part) =>
    part === null ? [] : [part.id],
  )

/** Other tickets that this one names. */
const otherIds = (ticket: Ticket): ReadonlyArray<string> =>
  [
    ticket.followUpOf,
    ...ticket.risks.map((risk) => risk.escalationTicket),
    ticket.status === 'cancelled' && ticket.because.kind === 'duplicate' ? ticket.because.survivor : null,
  ].filter((id): id is string => id !== null)

/**
 * The ticket of a story as a database takes it: new UUIDs for its readable ids, real SHA-256 for its pictures, no
 * number yet. The other tickets it names become `existing`.
 */
export const storable = <T extends Ticket>(ticket: T, existing: string | null = null): T => {
  const ids = new Map<string, string>(ownIds(ticket).map((id) => [id, randomUUID()]))
  if (existing !== null) for (const id of otherIds(ticket)) ids.set(id, existing)
  const salt = randomUUID()
  const mapped = mapStrings(ticket, (text) =>
    text.startsWith('sha-of-') ? hashOf(text + salt) : (ids.get(text) ?? text),
  )
  return { ...(mapped as T), uid: null }
}

/** A ticket in that state with all its evidence, ready to be stored; every call gives another one. */
export const aTicket = <S extends TicketStatus = 'open'>(
  status: S = 'open' as S,
  said: Partial<NewTicket> = {},
): In<S> => storable<In<S>>(ticketIn(status, said), said.followUpOf ?? null)

const recorded = (events: ReadonlyArray<TicketEvent>): ReadonlyArray<Recorded> =>
  events.map((event) => ({ ...event, id: randomUUID() }))

export const creationOf = (ticket: Ticket, changed: Partial<Creation> = {}): Creation => ({
  ticket,
  events: recorded([
    {
      type: 'TicketCreated',
      source: ticket.source,
      followUpOf: ticket.followUpOf,
      at: ticket.createdAt,
      by: ticket.createdBy,
    },
  ]),
  client: null,
  factsVersion: 1,
  ...changed,
})

const sealOf = (before: Ticket, next: Ticket, events: ReadonlyArray<Recorded>): Seal | null => {
  const event = events.find((one): one is Recorded & SealingEvent => isSealing(one))
  if (event === undefined) return null
  const { id } = event
  const openings = personalOf(next, { client: null, notes: [], events: [] })
  const content = snapshotOf(next, before.uid ?? '', event, id, sealedPersonal(tools, TICKET_KEY, id, openings))
  const bytes = canonicalBytes(content)
  if (E.isLeft(bytes)) throw new Error(`no plain JSON at ${bytes.left.path}`)
  return { id, event, content, bytes: bytes.right, openings }
}

type Outcome = readonly [Ticket, ReadonlyArray<TicketEvent>]

/** A decision's outcome as a commit takes it, sealed where ownership changed. */
export const changeOf = (
  before: Stored,
  decided: E.Either<TicketRefusal, Outcome> | Outcome,
  picture: PictureUse | null = null,
): Change => {
  const [next, events] = '_tag' in decided ? right(decided) : decided
  const told = recorded(events)
  return { before, next, events: told, seal: sealOf(before.ticket, next, told), picture }
}

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`refused: ${JSON.stringify(either.left)}`)
  return either.right
}

/** What a port answered, when it answered well. */
export const done = async <A>(task: TaskEither<unknown, A>): Promise<A> => right(await task())

/** The first of a list that must have one. */
export const only = <A>(list: ReadonlyArray<A>): A => {
  const [first] = list
  if (first === undefined) throw new Error('nothing was found')
  return first
}
