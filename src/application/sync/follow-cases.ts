import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { sentenceFor } from '../../domain/sync/sentences.ts'
import { giveUp, perTicket, type Reaction, retryAfter, type Setback } from '../ports/job-queue.ts'
import type { OutboxEvent } from '../ports/outbox.ts'
import { CASE_SEEN, type CaseOutcome } from '../ports/sync-store.ts'
import type { SyncDeps } from './setup.ts'
import { type CaseAsked, type CaseDone, syncCase } from './sync-case.ts'
import { isSyncError, reasonOf } from './sync-failure.ts'

/** What happens to a ticket and may be news to its case. */
const OUR_NEWS = [
  'TicketAssigned',
  'WorkStarted',
  'TicketHeld',
  'TicketResumed',
  'SubmittedForQa',
  'WithdrawnFromQa',
  'FellBackToInProgress',
  'QaStarted',
  'TicketApproved',
  'TicketRejected',
  'HandoverRequested',
  'ReturnedFromGate',
  'HandedToMaintenance',
  'MaintenanceCompleted',
  'TicketCancelled',
  'MarkedDuplicate',
  'UnmarkedDuplicate',
  'TicketDeleted',
  'NoteAdded',
] as const

/**
 * A case is seen to have changed, or its ticket has: the two are brought into step. One case at a time per ticket, in
 * the order of events; trouble with one holds up no other.
 */
export const followCases = (deps: SyncDeps): Reaction => ({
  name: 'follow_qcontact_case',
  eventTypes: [CASE_SEEN, ...OUR_NEWS],
  queue: 'outside',
  key: (event) => seenOf(event)?.ticketId ?? perTicket(event),
  concerns: async (events) => {
    const ours = events.flatMap((event) =>
      event.type !== CASE_SEEN && event.ticketId !== null && isNews(event) ? [event.ticketId] : [],
    )
    const linked = ours.length === 0 ? new Set<string>() : await done(deps.syncStore.linked([...new Set(ours)]))
    return new Set(
      events
        .filter(
          (event) =>
            event.type === CASE_SEEN || (isNews(event) && event.ticketId !== null && linked.has(event.ticketId)),
        )
        .map(({ id }) => id),
    )
  },
  handle: async (event, signal) => {
    const seen = seenOf(event)
    return seen === null ? tellNews(deps, event, signal) : look(deps, seen, signal)
  },
})

/** Of notes only those written for the client. */
const isNews = ({ type, body }: OutboxEvent): boolean => type !== 'NoteAdded' || body.noteType === 'client'

type Seen = {
  readonly caseId: string
  readonly ticketId: string | null
  readonly runId: string | null
  readonly repair: boolean
}

const seenOf = ({ type, body }: OutboxEvent): Seen | null =>
  type === CASE_SEEN && typeof body.caseId === 'string'
    ? {
        caseId: body.caseId,
        ticketId: typeof body.ticketId === 'string' ? body.ticketId : null,
        runId: typeof body.runId === 'string' ? body.runId : null,
        repair: body.repair === true,
      }
    : null

const tellNews = async (deps: SyncDeps, event: OutboxEvent, signal: AbortSignal): Promise<Setback | undefined> => {
  if (event.ticketId === null) return undefined
  const known = await done(deps.syncStore.find({ ticketId: event.ticketId }))
  if (known === null && !(await done(deps.syncStore.linked([event.ticketId]))).has(event.ticketId)) return undefined
  const sentence = sentenceFor({ type: event.type, reason: event.body.reason })
  if (event.type === 'NoteAdded' || sentence !== null)
    await done(deps.syncNotes.queue(event.id, event.ticketId, sentence, event.at))
  // Not linked yet: whoever links them says what waits by then.
  const caseId = (known ?? (await done(deps.syncStore.find({ ticketId: event.ticketId }))))?.caseId
  if (caseId === undefined) return undefined
  const outcome = await attempt(deps, { caseId, repair: false, onlyNews: true, believesGone: false }, signal)
  if (!('type' in outcome)) return undefined
  if (outcome.type === 'GiveUp') await done(deps.syncNotes.giveUp(event.id, deps.now()))
  return outcome
}

const look = async (
  deps: SyncDeps,
  { caseId, runId, repair }: Seen,
  signal: AbortSignal,
): Promise<Setback | undefined> => {
  const outcome = await attempt(deps, { caseId, repair, onlyNews: false, believesGone: false }, signal)
  const setback = 'type' in outcome ? outcome : null
  const said: { readonly outcome: CaseOutcome; readonly drift: number; readonly why: string | null } =
    'type' in outcome
      ? { outcome: outcome.type === 'GiveUp' ? 'failed' : 'waiting', drift: 0, why: outcome.why }
      : { ...outcome, why: null }
  if (runId !== null) await done(deps.syncFeed.done(runId, caseId, said, deps.now()))
  return setback ?? undefined
}

/** So often one case may go wrong while others go well, before a person is asked. Together that is some hours. */
const TRIES = 16
/** So often it may say yes and do nothing, or not know what it knows, before that is believed. Together half a minute. */
const FEW_TRIES = 5
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 15 * 60_000
const SIGN_IN_WAIT_MS = 5 * 60_000
const RACE_WAIT_MS = 500

const attempt = async (deps: SyncDeps, asked: CaseAsked, signal: AbortSignal): Promise<CaseDone | Setback> => {
  const answer = await syncCase(deps)(asked, signal)()
  // A lost race of our own is no trouble with the case.
  if (E.isLeft(answer) && (answer.left.type === 'Stale' || answer.left.type === 'Unavailable'))
    return retryAfter(RACE_WAIT_MS, answer.left.type)
  const trouble = E.isLeft(answer) ? { type: answer.left.type, why: reasonOf(answer.left) } : null
  const settled = await deps.syncStore.settle(asked.caseId, trouble, deps.now())()
  if (E.isRight(answer)) return answer.right
  if (E.isLeft(settled)) return retryAfter(RACE_WAIT_MS, settled.left.type)
  const { times, othersWentWell } = settled.right
  const failure = answer.left
  const why = reasonOf(failure)
  if (!isSyncError(failure)) return giveUp(why)
  switch (failure.type) {
    case 'Transient':
      return times >= TRIES && othersWentWell
        ? giveUp(`${why} (${times} times)`)
        : retryAfter(failure.retryAfterMs ?? backoff(deps, times), why)
    case 'RateLimited':
      return retryAfter(failure.retryAfterMs, why)
    case 'AuthExpired':
      return retryAfter(SIGN_IN_WAIT_MS, why)
    case 'Gone':
    case 'Missing': {
      // Where nothing is found of any case it is QContact that is unwell.
      if (!othersWentWell && times < TRIES) return retryAfter(backoff(deps, times), why)
      if (times % FEW_TRIES > 0) return retryAfter(backoff(deps, times % FEW_TRIES), why)
      return failure.type === 'Missing'
        ? giveUp(`${why} (${times} times)`)
        : attempt(deps, { ...asked, believesGone: true }, signal)
    }
    case 'SilentlyIgnored':
      // Counted on over a dead letter, so that what comes after it is tried as often.
      return times % FEW_TRIES === 0
        ? giveUp(`${why} (${times} times)`)
        : retryAfter(backoff(deps, times % FEW_TRIES), why)
    case 'Rejected':
      return giveUp(why)
  }
}

const backoff = ({ jitter }: SyncDeps, attempts: number): number => {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempts - 1))
  return Math.round(wait * (0.5 + jitter() / 2))
}

const done = async <A>(work: TE.TaskEither<{ readonly type: string }, A>): Promise<A> =>
  pipe(
    await work(),
    E.getOrElseW((error) => {
      throw new Error(error.type)
    }),
  )
