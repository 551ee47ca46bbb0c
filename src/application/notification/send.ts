import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Batch, batches, type Waiting, wordsOf } from '../../domain/notification/digest.ts'
import { expiredBefore, lookUpAt, nextSendAt, type Pace, recipientFreeAt } from '../../domain/notification/pace.ts'
import { type Instant, plusMs } from '../../domain/shared/time.ts'
import type { AppError } from '../errors.ts'
import type { Messenger, MessengerAway, SendAnswer } from '../ports/messenger.ts'
import type { SendingStore } from '../ports/sending-store.ts'
import { type Asking, asking } from './asking.ts'

export type SendDeps = {
  readonly sending: SendingStore
  readonly messenger: Messenger
  readonly pace: Pace
  /** The operator's own switch; the other one is people's, in the store. */
  readonly switchedOn: boolean
  readonly newId: () => string
  /** From 0 to 1. */
  readonly chance: () => number
}

/** Sends what is written down as leaving, and writes down what came of it. `away`: WAHA takes nothing just now. */
export type Leave = () => Promise<'done' | 'away'>

/** What one step did: got something out of the way, has something that leaves, or found nothing to do before `until`; null: nothing soon. */
export type Step =
  | { readonly type: 'Moved' }
  | { readonly type: 'Leaving'; readonly leave: Leave }
  | { readonly type: 'Idle'; readonly until: Instant | null }

type LookedUp = E.Either<MessengerAway, { readonly ack: number } | null>

const ADDRESSES_AT_ONCE = 200
/** How long what WhatsApp said of a number is believed. */
const CONTACT_DAYS_MS = 30 * 86_400_000
const NOBODY_THERE_MS = 3_600_000
/** More than the way to WAHA and our own database may take on top of the attempt itself. */
const LEASE_MARGIN_MS = 30_000

const moved: Step = { type: 'Moved' }
const nothingSoon: Step = { type: 'Idle', until: null }
const idleUntil = (until: Instant): Step => ({ type: 'Idle', until })

/**
 * Takes the next message that is due a step further: asks whether it may leave, and writes down that it does; who calls lets
 * it leave. Remembers from step to step which numbers got no answer.
 */
export const sendNext = (deps: SendDeps): (() => Promise<Step>) => {
  const questions = asking()
  return () => step(deps, questions)
}

const step = async (deps: SendDeps, questions: Asking): Promise<Step> => {
  const { sending, messenger, pace } = deps
  const now = await done(sending.now())
  const control = await done(sending.control())
  if (!deps.switchedOn || !control.on) return nothingSoon
  if (control.pausedUntil !== null && control.pausedUntil > now) return idleUntil(control.pausedUntil)
  const alsoFirst = control.restrictedUntil === null || control.restrictedUntil <= now
  const all = batches(await done(sending.waiting({ addresses: ADDRESSES_AT_ONCE, alsoFirst })))
  const [first] = all
  if (first === undefined) return nothingSoon
  const due = questions.inTurn(all.filter(({ dueAt }) => dueAt <= now))
  if (due.length === 0) return idleUntil(first.dueAt)
  if (control.nextSendAt !== null && control.nextSendAt > now) return idleUntil(control.nextSendAt)
  const state = await messenger.state()()
  if (state.type === 'Down') {
    await done(sending.noteSession(state.why, now))
    return nothingSoon
  }
  // No event says that what was out of reach is back: whoever sees it working says so.
  if (control.sessionStatus !== 'WORKING') await done(sending.noteSession('WORKING', now))
  const recent = await done(sending.sentSince(plusMs(now, -60_000)))
  const underWay = await done(sending.underWay(now))
  const free: Instant[] = []
  for (const batch of due) {
    if (underWay.has(batch.address)) continue
    const freeAt = recipientFreeAt(recent.get(batch.address) ?? [], now, pace.perRecipientPerMinute)
    if (freeAt !== null) {
      free.push(freeAt)
      continue
    }
    const chat = await chatFor(deps, questions, batch, now)
    if (chat === 'nobody') {
      await done(sending.fail(idsOf(batch), 'not_on_whatsapp'))
      return moved
    }
    if ('chatId' in chat) return attempt(deps, batch, chat)
    free.push(chat.askAt)
  }
  const [soonest] = free.toSorted()
  return soonest === undefined ? nothingSoon : idleUntil(soonest)
}

/** The chat to send to: `nobody` where there is none. WhatsApp is asked before the first message to a number; `askAt`: when again. */
const chatFor = async (
  { sending, messenger }: SendDeps,
  questions: Asking,
  { address }: Batch<Waiting>,
  now: Instant,
): Promise<{ readonly chatId: string } | { readonly askAt: Instant } | 'nobody'> => {
  if (!address.startsWith('+')) return { chatId: messenger.chatOf(address) }
  const known = await done(sending.contact(address))
  const believed = known?.onWhatsApp === false ? NOBODY_THERE_MS : CONTACT_DAYS_MS
  const fresh = known !== null && plusMs(known.checkedAt, believed) > now ? known : null
  if (fresh !== null) return fresh.onWhatsApp ? { chatId: fresh.chatId ?? messenger.chatOf(address) } : 'nobody'
  const askAt = questions.restsUntil(now)
  if (askAt !== null) return { askAt }
  const asked = await messenger.lookFor(address)()
  if (E.isLeft(asked)) return { askAt: questions.unanswered(address, now) }
  questions.answered(address)
  await done(sending.keepContact(address, { ...asked.right, checkedAt: now }))
  return asked.right.onWhatsApp ? { chatId: asked.right.chatId ?? messenger.chatOf(address) } : 'nobody'
}

const attempt = async (
  deps: SendDeps,
  batch: Batch<Waiting>,
  { chatId }: { readonly chatId: string },
): Promise<Step> => {
  const { sending, messenger, pace } = deps
  const ids = idsOf(batch)
  const text = wordsOf(batch.kind, await done(sending.words(ids)))
  const named = await messenger.newMessageId()()
  if (E.isLeft(named)) return nothingSoon
  const at = await done(sending.now())
  const sendId = deps.newId()
  const leaseUntil = plusMs(at, messenger.timeoutMs + LEASE_MARGIN_MS)
  const claimed = await done(
    sending.claim({
      sendId,
      session: messenger.session,
      messageId: named.right,
      address: batch.address,
      notificationIds: ids,
      at,
      leaseUntil,
      nextSendAt: nextSendAt(at, pace.perMinute, deps.chance()),
      perRecipientPerMinute: pace.perRecipientPerMinute,
    }),
  )
  if (!claimed) return idleUntil(plusMs(at, 1_000))
  // A process that slept since (a laptop, a debugger) has lost its claim, or soon will while the message is under way.
  if (plusMs(await done(sending.now()), messenger.timeoutMs) > leaseUntil) {
    await done(sending.release(sendId))
    return moved
  }
  return {
    type: 'Leaving',
    leave: async () => {
      const answer = await messenger.send({ chatId, text, messageId: named.right })()
      await keep(deps, sendId, answer)
      return answer.type === 'Down' ? 'away' : 'done'
    },
  }
}

/** Writes down what came of an attempt. Only where nothing left does the message wait again. */
const keep = async ({ sending }: SendDeps, sendId: string, answer: SendAnswer): Promise<void> => {
  const at = await done(sending.now())
  switch (answer.type) {
    case 'Down':
      await done(sending.noteSession(answer.why, at))
      return done(sending.release(sendId))
    case 'Accepted':
      await done(
        sending.learn(sendId, {
          evidence:
            answer.messageId === null
              ? [{ type: 'Unclear', error: 'accepted_without_id' }]
              : [{ type: 'Acked', ack: answer.ack, at, error: null }],
          messageId: answer.messageId,
          lookUpAt: lookUpAt(at, 0),
        }),
      )
      return (await done(sending.control())).isTroubled ? done(sending.noteClear()) : undefined
    case 'Restricted':
      await done(sending.noteRestriction(at))
      return done(sending.release(sendId))
    case 'Refused':
      await done(
        sending.learn(sendId, { evidence: [{ type: 'Refused', error: answer.why }], messageId: null, lookUpAt: null }),
      )
      return
    case 'Unclear':
      await done(
        sending.learn(sendId, {
          evidence: [{ type: 'Unclear', error: answer.why }],
          messageId: null,
          lookUpAt: lookUpAt(at, 0),
        }),
      )
      return done(sending.noteUnclear(sendId, at))
  }
}

/** What needs no message to leave: the too old has failed, dead senders' attempts become unknown, what is unheard of is looked up. */
export const tidyUp = (deps: SendDeps) => async (): Promise<void> => {
  const { sending, messenger, pace } = deps
  const now = await done(sending.now())
  await done(sending.expire(expiredBefore(now, pace.expireHours)))
  await done(sending.abandon(now))
  await done(sending.applyEvents(EVENTS, plusMs(now, -UNMATCHED_MS)))
  let isAway = false
  for (const one of await done(sending.toLookUp(now, LOOK_UPS))) {
    const chatId: string | null = one.address === null || isAway ? null : messenger.chatOf(one.address)
    const found: LookedUp = chatId === null ? E.right(null) : await messenger.lookUp(one.messageId, chatId)()
    // Who does not answer one question is not asked twenty: messages wait meanwhile.
    isAway ||= E.isLeft(found)
    const ack = E.isRight(found) ? found.right : null
    await done(
      sending.lookedUp(one.sendId, {
        // What WAHA took and never spoke of again may have gone out or not.
        evidence: [
          { type: 'Unclear', error: one.delivery.error ?? 'no_ack' },
          ...(ack === null ? [] : [{ type: 'Acked' as const, ack: ack.ack, at: now, error: null }]),
        ],
        lookUpAt: lookUpAt(now, one.lookUps + 1),
      }),
    )
  }
  await done(sending.prune(plusMs(now, -EVENT_DAYS_MS)))
}

const EVENTS = 500
const LOOK_UPS = 20
/** WAHA may tell of a message before the answer that names it is read. */
const UNMATCHED_MS = 120_000
const EVENT_DAYS_MS = 30 * 86_400_000

const idsOf = ({ parts }: Batch<Waiting>): ReadonlyArray<string> => parts.map(({ id }) => id)

/** The database is away: the run ends with its name and is tried again by the clock. */
export const done = async <A>(work: TaskEither<AppError, A>): Promise<A> => {
  const answer = await work()
  if (E.isLeft(answer)) throw new Error(answer.left.type)
  return answer.right
}
