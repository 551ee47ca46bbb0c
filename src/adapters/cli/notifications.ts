import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NotificationFilters, Settlement } from '../../application/ports/notification-queries.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'

type Speak = { readonly terminal: Terminal; readonly explain: Explain }

const AT_ONCE = 100

/** Lists what was told and what became of it, newest first; nobody's number, name or words. */
export const listNotifications =
  ({ terminal, explain }: Speak) =>
  async (filters: NotificationFilters, { principal, notifications }: Application): Promise<Exit> => {
    const listed = await notifications.list(principal, { filters, cursor: null, limit: AT_ONCE })()
    if (E.isLeft(listed)) return refuse(terminal, explain(listed.left))
    const { rows, next_cursor: next } = listed.right
    if (rows.length === 0) terminal.say('There are none.')
    for (const line of table(
      rows.map((one) => [
        one.id,
        one.happened_at,
        one.kind,
        one.ticket_uid ?? '',
        `${one.recipient_type} ${one.recipient_id}`,
        one.waiting_for === null ? one.status : `${one.status}, waits: ${one.waiting_for}`,
        one.error_message ?? '',
      ]),
    ))
      terminal.say(line)
    if (next !== null) terminal.say(`Only the newest ${AT_ONCE} are shown.`)
    return EXIT.ok
  }

/** Decides what nobody can know. */
export const settleNotification =
  ({ terminal, explain }: Speak) =>
  async (id: string, as: Settlement, { principal, notifications }: Application): Promise<Exit> => {
    const settled = await notifications.settle(principal, id, as)()
    if (E.isLeft(settled)) return refuse(terminal, explain(settled.left))
    terminal.say(as === 'send_again' ? 'It goes out once more; it may then come twice.' : `It counts as ${as} now.`)
    return EXIT.ok
  }

/** Shows whether messages go out; with a switch, throws it first. */
export const sendingState =
  ({ terminal, explain }: Speak) =>
  async (
    to: { readonly on: boolean; readonly reason: string } | null,
    { principal, notifications }: Application,
  ): Promise<Exit> => {
    const state = await pipe(
      notifications.sending(principal),
      TE.flatMap((now) =>
        to === null ? TE.right(now) : notifications.switchTo(principal, { ...to, version: now.version }),
      ),
    )()
    if (E.isLeft(state)) return refuse(terminal, explain(state.left))
    const { on, channel, waiting, unknown, sessionStatus, pausedUntil, restrictedUntil, switchReason } = state.right
    for (const line of table([
      ['Sending', on ? 'on' : `off: ${switchReason ?? ''}`],
      ['WhatsApp', channel],
      ['Session', sessionStatus ?? 'not seen yet'],
      ['Paused until', pausedUntil ?? '-'],
      ['No first messages until', restrictedUntil ?? '-'],
      ['Waiting', String(waiting)],
      ['Unknown', String(unknown)],
    ]))
      terminal.say(line)
    return EXIT.ok
  }
