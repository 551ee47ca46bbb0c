import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../errors.ts'
import { type EscalationDeps, escalateRepeatFaults, faultsWorthWeighing } from '../escalation/escalate-repeat-faults.ts'
import { followTicket, isMove, MOVES } from '../escalation/follow-ticket.ts'
import { type AnchorDeps, anchorAfterHandover } from '../handover/anchor-heads.ts'
import { type NotifyDeps, tellPeople } from '../notification/notify.ts'
import { type SettleDropDeps, settleInstalledDrop } from '../platform/settle-drop.ts'
import { perTicket, type Reaction } from '../ports/job-queue.ts'
import type { OutboxEvent } from '../ports/outbox.ts'
import { type SyncReactionDeps, syncReactions } from '../sync/sync-uses.ts'
import { type LookAlikeDeps, noteLookAlikes } from '../ticket/note-look-alikes.ts'
import { type CarryOutDeps, carryOutReports } from '../weekly-report/carry-out.ts'

export type ReactionDeps = EscalationDeps &
  CarryOutDeps &
  LookAlikeDeps &
  SettleDropDeps &
  AnchorDeps &
  NotifyDeps &
  SyncReactionDeps

/** Every reaction there is: which events, and what is done about them. Each may come again for the same event. */
export const reactions = (deps: ReactionDeps): ReadonlyArray<Reaction> => [
  {
    // A fault arrives, moves, is found to count after all, or comes back: its scopes are counted, and may escalate.
    name: 'escalate_repeat_faults',
    eventTypes: ['TicketCreated', 'FactsChanged', 'FaultAttributed', 'UnmarkedDuplicate'],
    queue: 'reactions',
    key: perTicket,
    concerns: async (events) => {
      const faults = events.flatMap((event) =>
        event.ticketId !== null && canMakeAFault(event) ? [{ ...event, ticketId: event.ticketId }] : [],
      )
      return faults.length === 0 ? new Set() : done(faultsWorthWeighing(deps)(faults))
    },
    handle: async (event) => {
      if (event.ticketId !== null) await done(escalateRepeatFaults(deps)(event, event.ticketId))
    },
  },
  {
    // An infrastructure ticket starts work, closes, or ends otherwise: its escalation follows it.
    name: 'escalation_follows_its_ticket',
    eventTypes: Object.keys(MOVES),
    queue: 'reactions',
    key: perTicket,
    handle: async ({ type, at, ticketId }) => {
      if (ticketId === null || !isMove(type)) return
      await done(followTicket(deps)({ type, at }, ticketId))
    },
  },
  noteLookAlikes(deps),
  {
    // An installation is handed over: where no other date is known, the guarantee of its drop starts.
    name: 'settle_guarantees_of_drop',
    eventTypes: ['HandedToMaintenance'],
    queue: 'reactions',
    key: perTicket,
    handle: async ({ ticketId }) => {
      if (ticketId !== null) await done(settleInstalledDrop(deps)(ticketId))
    },
  },
  // A snapshot is sealed: the head of its project's chain is anchored outside the database.
  anchorAfterHandover(deps),
  // Somebody is to be told: see the table of who is told what.
  tellPeople(deps),
  // A ticket or its case in QContact has changed: the two are brought into step.
  ...syncReactions(deps),
  // A weekly report is committed: its lines become tickets.
  carryOutReports(deps),
]

const WHERE_AND_WHAT = ['dr_number', 'pole_number', 'pon_number', 'zone_no', 'ticket_type']

/** Of all edits only those of place and type can make a fault where there was none. */
const canMakeAFault = ({ type, body }: OutboxEvent): boolean => {
  if (type !== 'FactsChanged') return true
  const changes: unknown = body.changes
  return (
    Array.isArray(changes) &&
    changes.some((change: { field?: unknown }) => WHERE_AND_WHAT.includes(String(change.field)))
  )
}

/** A refusal or an absent database is tried again, and ends among the dead letters with its name. */
const done = async <A>(work: TE.TaskEither<AppError, A>): Promise<A> => {
  const answer = await work()
  if (E.isLeft(answer)) throw new Error(answer.left.type)
  return answer.right
}
