import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AskedScope, EscalationStore, ScopeAsRead } from '../../application/ports/escalation-store.ts'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import type { TicketStore } from '../../application/ports/ticket-store.ts'
import { type Escalation, type EscalationEvent, isLive, type ScopeKey } from '../../domain/escalation/escalation.ts'
import { countsAsFault, type FaultTicket } from '../../domain/escalation/repeat-faults.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import type { MemoryState } from './ticket-state.ts'

export type KeptEscalation = {
  readonly escalation: Escalation
  readonly version: number
  readonly windowDays: number
  readonly investigatingSince: string | null
}

/** What the escalations in memory know; shared by their store and their queries. */
export type EscalationState = { readonly kept: Map<string, KeptEscalation>; readonly handled: Set<string> }
export const escalationState = (): EscalationState => ({ kept: new Map(), handled: new Set() })

const sameScope = (a: ScopeKey, b: ScopeKey): boolean =>
  a.projectId === b.projectId && a.scope === b.scope && a.value === b.value

const faultTicket = ({ type, source, status, deletedAt, fault, paperwork }: Ticket): FaultTicket => ({
  type,
  source,
  status,
  deletedAt,
  cause: fault.cause,
  paperwork,
})

export const counts = (ticket: Ticket): boolean => countsAsFault(faultTicket(ticket))

const escalationsOf = ({ kept }: EscalationState, key: ScopeKey): ReadonlyArray<Escalation> =>
  [...kept.values()].map(({ escalation }) => escalation).filter((one) => sameScope(one.key, key))

export const read =
  (tickets: MemoryState, state: EscalationState) =>
  ({ key, windowFrom, until }: AskedScope): ScopeAsRead => {
    const known = escalationsOf(state, key)
    return {
      key,
      live: known.find(isLive) ?? null,
      countingSince:
        known
          .flatMap((one) => (isLive(one) ? [] : [one.ended.at]))
          .toSorted()
          .at(-1) ?? null,
      faults: [...tickets.tickets.values()]
        .map(({ ticket }) => ticket)
        .filter(
          (ticket) => counts(ticket) && ticket.projectId === key.projectId && ticket.place[key.scope] === key.value,
        )
        .filter(({ createdAt }) => createdAt >= windowFrom && createdAt <= until)
        .map(({ id, createdAt, place }) => ({ ticketId: id, createdAt, place })),
    }
  }

export type MemoryEscalationOptions = {
  readonly state: EscalationState
  /** What the ticket store in memory keeps, and that store itself. */
  readonly ticketState: MemoryState
  readonly tickets: TicketStore
  /** Takes the events of each write, in order. */
  readonly publish: (events: ReadonlyArray<OutboxEvent>) => void
}

/** Escalations in memory, with the promises of the database. Links between tickets are kept by nobody here. */
export const memoryEscalationStore = ({
  state,
  ticketState,
  tickets,
  publish,
}: MemoryEscalationOptions): EscalationStore => {
  const keep = (
    escalation: Escalation,
    windowDays: number | null,
    events: ReadonlyArray<EscalationEvent & { readonly id: string }>,
  ): void => {
    const before = state.kept.get(escalation.id)
    state.kept.set(escalation.id, {
      escalation,
      version: (before?.version ?? 0) + 1,
      windowDays: before?.windowDays ?? windowDays ?? 0,
      investigatingSince:
        escalation.status === 'investigating' ? escalation.investigatingSince : (before?.investigatingSince ?? null),
    })
    const { ticketId, key } = escalation
    publish(
      events.map((event) => ({
        id: event.id,
        type: event.type,
        ticketId,
        body: { ...event, escalationTicketId: ticketId, projectId: key.projectId },
        at: event.at,
      })),
    )
  }
  const ticketOf = ({ ticketId }: Escalation): Ticket => {
    const kept = ticketState.tickets.get(ticketId)
    if (kept === undefined) throw new Error(`escalation's ticket ${ticketId} is not there`)
    return kept.ticket
  }
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <A>(work: () => Promise<A>): Promise<A> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }

  return {
    faults: (ids) =>
      pipe(
        tickets.load(ids),
        TE.map((found) =>
          found.map(({ ticket, settings }) => ({
            ...faultTicket(ticket),
            ticketId: ticket.id,
            projectId: ticket.projectId,
            place: ticket.place,
            limits: settings.repeatFaults,
          })),
        ),
      ),

    read: (scopes) => TE.fromIO(() => scopes.map(read(ticketState, state))),

    weigh: (event, scopes, judge) => () =>
      inTurn(async () => {
        if (state.handled.has(event.id)) return E.right([])
        const outcomes = scopes.map(read(ticketState, state)).flatMap((scope) => judge(scope) ?? [])
        const committed = await tickets.commit(
          outcomes.flatMap(({ creation }) => creation ?? []),
          [],
        )()
        if (E.isLeft(committed)) return committed
        for (const { escalation, windowDays, events } of outcomes) keep(escalation, windowDays, events)
        state.handled.add(event.id)
        return E.right(outcomes)
      }),

    follow: (ticketId, decide, recorded) => () =>
      inTurn(async () => {
        const found = [...state.kept.values()].find(({ escalation }) => escalation.ticketId === ticketId)
        if (found === undefined) return E.right(null)
        const decision = decide(found.escalation)
        if (decision[0] !== found.escalation) keep(decision[0], null, recorded(decision))
        return E.right(decision[0])
      }),

    change: (id, version, decide, recorded) => () =>
      inTurn(async () => {
        const found = state.kept.get(id)
        if (found === undefined) return E.left({ type: 'NotFound', resource: 'Escalation', id })
        if (found.version !== version) return E.left({ type: 'Stale', id, version: found.version })
        const { status, deletedAt } = ticketOf(found.escalation)
        const decision = decide({ ...found, ticket: { status, deletedAt } })
        if (E.isLeft(decision)) return decision
        keep(decision.right[0], null, recorded(decision.right))
        return E.right(null)
      }),
  }
}
