import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { InstalledOn } from '../domain/guarantee/guarantee.ts'
import {
  type Beside,
  erasedPersonal,
  type KeyedTools,
  personalOf,
  sealedPersonal,
} from '../domain/handover/personal.ts'
import { snapshotOf } from '../domain/handover/snapshot.ts'
import type { Instant } from '../domain/shared/time.ts'
import type { SlaPolicy, SlaPolicyError, SlaTerms } from '../domain/sla/sla.ts'
import { isSealing, type SealingEvent, type TicketEvent } from '../domain/ticket/events.ts'
import { withFigures } from '../domain/ticket/figures.ts'
import type { TicketRefusal } from '../domain/ticket/refusals.ts'
import type { Ticket, TicketId } from '../domain/ticket/ticket.ts'
import type { Stamp } from '../domain/ticket/transition.ts'
import type { AppError, NotFound, Stale } from './errors.ts'
import { type Action, isWithin, reachOf } from './permissions.ts'
import type { CanonicalBytes } from './ports/canonical-bytes.ts'
import type { SubjectKey, SubjectKeys } from './ports/subject-keys.ts'
import type { Change, Client, Creation, PictureUse, Recorded, Seal, Stored, TicketStore } from './ports/ticket-store.ts'
import type { Principal } from './principal.ts'

/** What every use case that changes a ticket needs from the outside. */
export type ChangeDeps = {
  readonly tickets: TicketStore
  readonly now: () => Instant
  readonly newId: () => string
  readonly slaTerms: (policy: SlaPolicy) => E.Either<SlaPolicyError, SlaTerms>
  readonly canonicalBytes: CanonicalBytes
  readonly subjectKeys: SubjectKeys
  readonly keyed: Omit<KeyedTools, 'canonicalBytes'>
}

/** Which ticket, as whom, and by which version; without one the command is additive and tried again when it lost a race. */
export type Target = {
  readonly ticketId: TicketId
  readonly principal: Principal
  readonly version: number | null
}

type Decision<X> = E.Either<X, readonly [Ticket, ReadonlyArray<TicketEvent>]>

const ATTEMPTS = 8

export const notFound = (resource: string, id: string): NotFound => ({ type: 'NotFound', resource, id })

/** Whether the principal may do this to that ticket; a ticket out of its sight is not found, a command out of its reach is refused. */
export const permit = (principal: Principal, action: Action, ticket: Ticket): E.Either<AppError, null> => {
  if (!isWithin(reachOf(principal, 'read_ticket'), principal, ticket)) return E.left(notFound('Ticket', ticket.id))
  return isWithin(reachOf(principal, action), principal, ticket)
    ? E.right(null)
    : E.left({ type: 'NotAllowed', action, role: principal.role })
}

/** One ticket as read, when the principal may see it. */
export const loadOne = (
  { tickets }: Pick<ChangeDeps, 'tickets'>,
  id: TicketId,
  drs: ReadonlyArray<string> = [],
): TE.TaskEither<AppError, Stored> =>
  pipe(
    tickets.load([id], { drs }),
    TE.flatMap(([stored]) => (stored === undefined ? TE.left(notFound('Ticket', id)) : TE.right(stored))),
  )

/** What a change of ownership seals besides the ticket: as much of it as was read before the change is made. */
export type Personal = { readonly key: SubjectKey; readonly beside: Beside }

/** A decision's outcome as it is stored: SLA and guarantee computed anew, events with ids, a snapshot where ownership changed. */
export const toChange = (
  deps: ChangeDeps,
  before: Stored,
  [next, events]: readonly [Ticket, ReadonlyArray<TicketEvent>],
  now: Instant,
  {
    picture = null,
    personal = null,
  }: { readonly picture?: PictureUse | null; readonly personal?: Personal | null } = {},
): Change => {
  const settled = settle(deps, before, next, now)
  const recorded: ReadonlyArray<Recorded> = events.map((event) => ({ ...event, id: deps.newId() }))
  const sealing = recorded.find((event): event is SealingRecorded => isSealing(event))
  if (sealing === undefined) return { before, next: settled, events: recorded, seal: null, picture }
  if (personal === null) throw new Error(`ticket ${before.ticket.id} is to be sealed without its key`)
  return { before, next: settled, events: recorded, seal: sealOf(deps, settled, before, sealing, personal), picture }
}

type SealingRecorded = Recorded & SealingEvent

const sealOf = (
  { canonicalBytes, keyed }: Pick<ChangeDeps, 'canonicalBytes' | 'keyed'>,
  settled: Ticket,
  { ticket: { id: ticketId, uid } }: Stored,
  event: SealingRecorded,
  { key, beside }: Personal,
): Seal => {
  const { id } = event
  const openings = key.state === 'held' ? personalOf(settled, beside) : null
  const personal =
    key.state === 'held' && openings !== null
      ? sealedPersonal({ ...keyed, canonicalBytes }, key.key, id, openings)
      : erasedPersonal(key.state === 'destroyed' ? key.at : event.at)
  const content = snapshotOf(settled, uid ?? '', event, id, personal)
  const bytes = canonicalBytes(content)
  if (E.isLeft(bytes)) throw new Error(`snapshot of ${ticketId} is no plain JSON at ${bytes.left.path}`)
  return { id, event, content, bytes: bytes.right, openings }
}

/** Read only when ownership changes; whoever erases it meanwhile makes the change lose its race. */
const personalFor = (
  { subjectKeys, tickets }: Pick<ChangeDeps, 'subjectKeys' | 'tickets'>,
  ticketId: TicketId,
  client: Client | null,
  events: ReadonlyArray<TicketEvent>,
): TE.TaskEither<AppError, Personal | null> =>
  events.some(isSealing)
    ? pipe(
        subjectKeys.keyOf(ticketId),
        TE.bindTo('key'),
        TE.bind('written', () => tickets.written(ticketId)),
        TE.map(({ key, written }) => ({ key, beside: { client, ...written } })),
      )
    : TE.right(null)

/** The ticket with SLA and guarantee computed from its history by the project's terms. */
export const settle = (
  deps: Pick<ChangeDeps, 'slaTerms'>,
  { settings, installed }: Pick<Stored, 'settings' | 'installed'>,
  ticket: Ticket,
  now: Instant,
): Ticket => {
  const terms = deps.slaTerms(settings.sla)
  if (E.isLeft(terms)) throw new Error(`stored SLA policy is unusable: ${terms.left.type}`)
  return withFigures(ticket, { terms: terms.right, periods: settings.guarantee, installed }, now)
}

/** One more look at the outside before a decision (storage, directory, other tickets); its answer goes into the decision. */
export type Gather<F> = (stored: Stored) => TE.TaskEither<AppError, F>

export type ChangeOptions<F> = {
  readonly action: Action | ((stored: Stored) => Action)
  readonly gather: Gather<F>
  readonly decide: (stored: Stored, stamp: Stamp, found: F) => Decision<TicketRefusal>
  readonly id?: string
  readonly drs?: ReadonlyArray<string>
  readonly picture?: (found: F) => PictureUse | null
  /**
   * Only photos are changed, in what no decision rests on: callers who read the ticket before are not told they are late, but
   * where there is an event. Such a caller may write a photo as it was read, so only what may be lost is written so.
   */
  readonly keepsVersion?: boolean
  /** When the drop it is moved to was installed; without it, its own drop's date goes on counting. */
  readonly installed?: (found: F) => InstalledOn | null
  /** The client's details as corrected by this change. */
  readonly client?: (stored: Stored) => Client | null
  /** Tickets that the same decision changes too, committed with it or not at all. */
  readonly also?: (stored: Stored, stamp: Stamp, found: F) => ReadonlyArray<Change>
  /** Tickets that the same decision makes, committed with it or not at all. */
  readonly creates?: (found: F) => ReadonlyArray<Creation>
}

/** Another version of this very ticket than the caller read; when only the facts or a second ticket moved, it is not lost. */
const isLost = ({ ticketId, version }: Target, stale: Stale): boolean =>
  version !== null && stale.id === ticketId && stale.version !== version

/**
 * Load, permit, decide, commit: the shape of every use case that changes one ticket. Who read an older version of it
 * gets Stale; whatever else moved meanwhile, and everything without a version, is decided again on what the winner left.
 */
export const changeTicket =
  (deps: ChangeDeps) =>
  <F>(target: Target, options: ChangeOptions<F>): TE.TaskEither<AppError, Stored> => {
    const attempt = (left: number): TE.TaskEither<AppError, Stored> =>
      pipe(
        once(deps, target, options),
        TE.orElse((error) =>
          error.type === 'Stale' && !isLost(target, error) && left > 1 ? attempt(left - 1) : TE.left(error),
        ),
      )
    return attempt(ATTEMPTS)
  }

const once = <F>(
  deps: ChangeDeps,
  { ticketId, principal, version }: Target,
  { action, gather, decide, id, drs, picture, keepsVersion, installed, client, also, creates }: ChangeOptions<F>,
): TE.TaskEither<AppError, Stored> => {
  const stamp: Stamp = { id: id ?? deps.newId(), at: deps.now(), by: principal.userId }
  return pipe(
    loadOne(deps, ticketId, drs),
    TE.tap((stored) =>
      TE.fromEither(permit(principal, typeof action === 'function' ? action(stored) : action, stored.ticket)),
    ),
    TE.tap((stored) => TE.fromEither(asRead(stored, version))),
    TE.bindTo('stored'),
    TE.bind('found', ({ stored }) => gather(stored)),
    TE.bind('outcome', ({ stored, found }) => TE.fromEither<AppError, Decided>(decide(stored, stamp, found))),
    TE.map(({ stored, found, outcome }) => ({
      stored: installed === undefined ? stored : { ...stored, installed: installed(found) },
      found,
      outcome,
    })),
    TE.bind('personal', ({ stored, outcome }) =>
      personalFor(deps, ticketId, client?.(stored) ?? stored.client, outcome[1]),
    ),
    TE.flatMap(({ stored, found, outcome, personal }) =>
      outcome[1].length === 0 && outcome[0] === stored.ticket
        ? TE.right(stored)
        : pipe(
            deps.tickets.commit(creates?.(found) ?? [], [
              withClient(
                {
                  ...toChange(deps, stored, outcome, stamp.at, { picture: picture?.(found) ?? null, personal }),
                  ...(keepsVersion === true && outcome[1].length === 0 ? { keepsVersion } : {}),
                },
                client?.(stored) ?? null,
              ),
              ...(also?.(stored, stamp, found) ?? []),
            ]),
            TE.map(({ changed }) =>
              afterCommit(
                deps,
                { ...stored, client: client?.(stored) ?? stored.client },
                outcome[0],
                stamp.at,
                changed,
              ),
            ),
          ),
    ),
  )
}

const withClient = (change: Change, client: Client | null): Change => (client === null ? change : { ...change, client })

type Decided = readonly [Ticket, ReadonlyArray<TicketEvent>]

const afterCommit = (
  deps: ChangeDeps,
  stored: Stored,
  next: Ticket,
  at: Instant,
  changed: ReadonlyArray<{ readonly id: TicketId; readonly version: number }>,
): Stored => ({
  ...stored,
  ticket: settle(deps, stored, next, at),
  version: changed.find((one) => one.id === stored.ticket.id)?.version ?? stored.version,
})

const asRead = (stored: Stored, version: number | null): E.Either<Stale, null> =>
  version === null || version === stored.version
    ? E.right(null)
    : E.left({ type: 'Stale', id: stored.ticket.id, version: stored.version })

/** For decisions that need nothing more than the ticket as read. */
export const nothingMore: Gather<null> = () => TE.right(null)
