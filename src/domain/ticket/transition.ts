import * as E from 'fp-ts/lib/Either.js'
import type { Instant } from '../shared/time.ts'
import type { TicketEvent } from './events.ts'
import type { TicketRefusal } from './refusals.ts'
import {
  type Command,
  type Common,
  type From,
  type In,
  SYSTEM,
  type Ticket,
  type TicketStatus,
  type To,
  transitions,
} from './ticket.ts'

/** Who decided, when, and under which id: what every command carries. The id names whatever row the command makes. */
export type Stamp = { readonly id: string; readonly at: Instant; readonly by: string }

export type Outcome<T extends Ticket = Ticket> = readonly [T, ReadonlyArray<TicketEvent>]
export type Decided<T extends Ticket = Ticket> = E.Either<TicketRefusal, Outcome<T>>

export const refuseIf = (broken: boolean, refusal: TicketRefusal): E.Either<TicketRefusal, null> =>
  broken ? E.left(refusal) : E.right(null)

/** A command of the lifecycle table: refused in every state that the table does not name. */
export const transition =
  <C extends Command, T extends Ticket = To<C>>(command: C, decide: (ticket: From<C>) => Decided<T>) =>
  (ticket: Ticket): Decided<T> => {
    const allowedFrom: ReadonlyArray<TicketStatus> = transitions[command].from
    return allowedFrom.includes(ticket.status)
      ? decide(ticket as From<C>)
      : E.left({ type: 'TransitionNotAllowed', command, status: ticket.status, allowedFrom })
  }

const commonKeys: { readonly [K in keyof Common]: true } = {
  id: true,
  uid: true,
  projectId: true,
  type: true,
  source: true,
  externalId: true,
  importKey: true,
  priority: true,
  title: true,
  description: true,
  address: true,
  gps: true,
  place: true,
  placeConfirmed: true,
  equipment: true,
  fault: true,
  paperwork: true,
  weeklyNote: true,
  followUpOf: true,
  owner: true,
  qaReady: true,
  lastCheck: true,
  rectificationCount: true,
  asBuilt: true,
  workedBy: true,
  stepListVersion: true,
  stepOverrides: true,
  steps: true,
  photos: true,
  risks: true,
  waivers: true,
  decisions: true,
  history: true,
  sla: true,
  guarantee: true,
  billingByHand: true,
  createdAt: true,
  createdBy: true,
  sourceCreatedAt: true,
  deletedAt: true,
  erasedAt: true,
}

/** The facts a ticket has in every state, without those of its present one. */
export const commonOf = (ticket: Ticket): Common =>
  Object.fromEntries(Object.entries(ticket).filter(([key]) => key in commonKeys)) as unknown as Common

type Own<S extends TicketStatus> = Omit<In<S>, keyof Common | 'status'>

/** The ticket in a new state, with that state's own facts and none of the old state's. */
export const enter = <S extends TicketStatus>(
  ticket: Ticket,
  status: S,
  at: Instant,
  own: Own<S>,
  changed: Partial<Common> = {},
): In<S> =>
  ({
    ...commonOf(ticket),
    ...changed,
    ...own,
    status,
    history: [...ticket.history, { at, status }],
  }) as unknown as In<S>

/** The same list with a person added once; the system is no person. */
export const withWorker = (
  workers: ReadonlyArray<string>,
  ...added: ReadonlyArray<string | null>
): ReadonlyArray<string> => [
  ...new Set([...workers, ...added.filter((person): person is string => person !== null && person !== SYSTEM)]),
]

/** A text that someone must really have written. */
export const requireText = (field: string, text: string | null | undefined): E.Either<TicketRefusal, string> =>
  text != null && text.trim().length > 0 ? E.right(text.trim()) : E.left({ type: 'TextMissing', field })
