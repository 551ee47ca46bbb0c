import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Platform, ProjectFacts } from '../readiness/readiness.ts'
import type { TicketEvent } from './events.ts'
import { frozen, isOpenToFacts, recheck } from './recheck.ts'
import type { TicketRefusal } from './refusals.ts'
import type { Ticket, Waiver } from './ticket.ts'
import { type Decided, refuseIf, requireText, type Stamp } from './transition.ts'

export type WaivePlatform = Stamp & { readonly platform: Platform; readonly reason: string }

const TOO_LATE = ['handed_to_maintenance', 'closed', 'cancelled']

/** A QA lead lets one platform disagree with one ticket, with a reason, in any state before maintenance has it. */
export const waivePlatform = (command: WaivePlatform, facts: ProjectFacts) => (ticket: Ticket) =>
  changeWaivers(command, facts, ticket, (reason) => {
    const { platform, at, by } = command
    return ticket.waivers.some((waiver) => waiver.platform === platform)
      ? E.left({ type: 'AlreadyWaived', platform })
      : E.right([
          [...ticket.waivers, { platform, at, by, reason }],
          { type: 'PlatformWaived', platform, reason, at, by },
        ])
  })

/** The waiver is taken back; a pending ticket is checked again. */
export const withdrawWaiver = (command: WaivePlatform, facts: ProjectFacts) => (ticket: Ticket) =>
  changeWaivers(command, facts, ticket, (reason) => {
    const { platform, at, by } = command
    return ticket.waivers.some((waiver) => waiver.platform === platform)
      ? E.right([
          ticket.waivers.filter((waiver) => waiver.platform !== platform),
          { type: 'WaiverWithdrawn', platform, reason, at, by },
        ])
      : E.left({ type: 'NotWaived', platform })
  })

const changeWaivers = (
  command: WaivePlatform,
  facts: ProjectFacts,
  ticket: Ticket,
  change: (reason: string) => E.Either<TicketRefusal, readonly [ReadonlyArray<Waiver>, TicketEvent]>,
): Decided =>
  pipe(
    refuseIf(TOO_LATE.includes(ticket.status), frozen(ticket)),
    E.flatMap(() => requireText('reason', command.reason)),
    E.flatMap(change),
    E.map(([waivers, event]) => {
      const next: Ticket = { ...ticket, waivers }
      if (next.status === 'pending_qa') {
        const [settled, more] = recheck(facts, command, `waiver of ${command.platform}`)(next)
        return [settled, [event, ...more]]
      }
      return [isOpenToFacts(next) ? { ...next, qaReady: false } : next, [event]]
    }),
  )
