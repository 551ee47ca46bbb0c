import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkRepeatFaults } from '../../src/application/escalation/check-repeat-faults.ts'
import { endEscalation } from '../../src/application/escalation/end-escalation.ts'
import { escalateRepeatFaults, faultsWorthWeighing } from '../../src/application/escalation/escalate-repeat-faults.ts'
import { followTicket, type Move } from '../../src/application/escalation/follow-ticket.ts'
import {
  listEscalations,
  listEscalationsAfter,
  viewEscalation,
} from '../../src/application/escalation/list-escalations.ts'
import type { EscalationQueries, EscalationStore } from '../../src/application/ports/escalation-store.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import { runCommand } from '../../src/application/ticket/lifecycle.ts'
import { plusDays, plusMs } from '../../src/domain/shared/time.ts'
import { createTicket, type NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../src/domain/verification/steps.ts'
import { changeDeps } from '../support/change-deps.ts'
import { newTicket, ok } from '../support/tickets.ts'

export type EscalationBench = {
  readonly tickets: TicketStore
  readonly escalations: EscalationStore
  readonly escalationQueries: EscalationQueries
  /** Types of the events told so far about a ticket. */
  readonly told: (ticketId: string) => Promise<ReadonlyArray<string>>
  /** Tickets linked with this one because of an escalation; null where links are not kept. */
  readonly linked: (ticketId: string) => Promise<ReadonlyArray<string> | null>
  readonly close: () => Promise<void>
}

export const NOW = '2026-07-20T10:00:00.000Z'
const manager: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }
const technician: Principal = { userId: 'thandi', role: 'technician', contractorId: null, teams: [] }

export const right = async <A>(work: TaskEither<unknown, A>): Promise<A> => {
  const answer = await work()
  if (E.isLeft(answer)) throw new Error(`refused: ${JSON.stringify(answer.left)}`)
  return answer.right
}
const left = async (work: TaskEither<unknown, unknown>): Promise<unknown> => {
  const answer = await work()
  if (E.isRight(answer)) throw new Error('was not refused')
  return answer.left
}

const NOWHERE = { dr: null, pole: null, pon: null, zone: null }

/** Stores a fault of a project; unless said otherwise an incident logged at {@link NOW}. */
export const fault = async (
  { tickets }: Pick<EscalationBench, 'tickets'>,
  said: Partial<NewTicket> = {},
  at: string = NOW,
): Promise<Ticket> => {
  const ticket = newTicket({
    type: 'incident',
    place: NOWHERE,
    ...said,
    id: randomUUID(),
    uid: null,
    stepIds: STEP_KEYS.map(() => randomUUID()),
  })
  const begun = ok(createTicket({ id: ticket.id, at, by: 'mpho', byAPerson: true, ticket }))
  const { facts } = await right(tickets.context(begun.projectId, null))
  await right(tickets.commit([{ ticket: begun, events: [], client: null, factsVersion: facts.version }], []))
  return begun
}

/** What every place that keeps escalations must do. */
export const escalationContract = (name: string, make: () => Promise<EscalationBench>): void => {
  describe(`repeat-fault escalations: ${name}`, () => {
    let bench: EscalationBench
    let projectId: string
    beforeAll(async () => {
      bench = await make()
    })
    afterAll(() => bench.close())
    beforeEach(() => {
      projectId = `project-${randomUUID()}`
    })

    const deps = (now = NOW) => ({ ...changeDeps(bench.tickets, now), ...bench })
    const worthWeighing = async (ticketId: string, at: string): Promise<boolean> =>
      (await right(faultsWorthWeighing(deps(at))([{ id: 'e', at, ticketId }]))).has('e')
    /** What is worth weighing never leaves out a fault that moves a scope. */
    const weigh = async (ticket: Ticket, at = ticket.createdAt, id: string = randomUUID()) => {
      const worth = await worthWeighing(ticket.id, at)
      const outcomes = await right(escalateRepeatFaults(deps(at))({ id, at }, ticket.id))
      if (outcomes.length > 0) expect(worth).toBe(true)
      return outcomes
    }
    const arrive = async (said: Partial<NewTicket>, at = NOW) => {
      const ticket = await fault(bench, { projectId, ...said }, at)
      return { ticket, outcomes: await weigh(ticket) }
    }
    const moved = (ticketId: string, type: Move, at: string) => right(followTicket(deps())({ type, at }, ticketId))
    const escalations = async () =>
      (
        await right(
          listEscalationsAfter(bench)(manager, { filters: { project: [projectId] }, cursor: null, limit: 100 }),
        )
      ).rows
    const load = async (id: string) => (await right(bench.tickets.load([id])))[0]?.ticket
    const onDrop = { place: { ...NOWHERE, dr: 'DR1', zone: '4' } }
    const third = async () => {
      await arrive(onDrop, plusMs(NOW, -2))
      await arrive(onDrop, plusMs(NOW, -1))
      return arrive(onDrop)
    }

    it('as many faults as the threshold are none; one more makes an escalation with its infrastructure ticket', async () => {
      const first = await arrive(onDrop, plusMs(NOW, -2))
      const second = await arrive(onDrop, plusMs(NOW, -1))
      expect([first.outcomes, second.outcomes]).toEqual([[], []])
      const { ticket, outcomes } = await arrive(onDrop)
      expect(outcomes).toHaveLength(1)
      const [view, ...others] = await escalations()
      expect(others).toEqual([])
      expect(view).toMatchObject({
        scope_type: 'dr',
        scope_value: 'DR1',
        status: 'open',
        escalation_type: 'investigation',
        fault_count: 3,
        fault_threshold: 2,
        window_days: 90,
        contributing_count: 3,
        version: 1,
      })
      const made = await load(view?.escalation_ticket_id ?? '')
      expect(made).toMatchObject({
        uid: view?.escalation_ticket_uid,
        type: 'infrastructure',
        source: 'system',
        priority: 'high',
        owner: 'build',
        status: 'open',
        projectId,
        createdBy: 'system',
        place: { dr: 'DR1', pole: null, pon: null, zone: '4' },
      })
      expect(made?.sla.dueAt).not.toBeNull()
      expect(await bench.told(made?.id ?? '')).toEqual(['TicketCreated', 'RepeatFaultEscalated'])
      const detail = await right(viewEscalation(bench)(manager, view?.id ?? ''))
      expect(detail.ticket).toMatchObject({ id: made?.id, ticket_type: 'infrastructure' })
      expect(detail.contributing_tickets.map(({ id }) => id)).toEqual([first.ticket.id, second.ticket.id, ticket.id])
      const links = await bench.linked(made?.id ?? '')
      if (links !== null) {
        expect([...links].toSorted()).toEqual(detail.contributing_tickets.map(({ id }) => id).toSorted())
        expect(await bench.linked(ticket.id)).toEqual([made?.id])
      }
    })

    it('of many faults one look tells which may move a scope: neither a first one nor one that is not there', async () => {
      const [first, second, next] = [(await arrive(onDrop)).ticket, (await arrive(onDrop)).ticket, randomUUID()]
      const lonely = await fault(bench, { projectId, place: { ...NOWHERE, dr: 'DR2' } })
      const told = (ids: ReadonlyArray<string>) =>
        right(faultsWorthWeighing(deps())(ids.map((ticketId) => ({ id: `of ${ticketId}`, at: NOW, ticketId }))))
      expect(await told([])).toEqual(new Set())
      expect(await told([first.id, second.id, lonely.id, next])).toEqual(new Set())
      const { id } = await fault(bench, { projectId, ...onDrop })
      expect(await told([lonely.id, id, id, next])).toEqual(new Set([`of ${id}`]))
      await weigh(first, NOW)
      expect(await told([lonely.id, id])).toEqual(new Set([`of ${id}`]))
    })

    it('the same event again changes nothing, and so does another event of a fault that is in it already', async () => {
      const { ticket } = await third()
      const id = randomUUID()
      const next = await fault(bench, { projectId, ...onDrop }, plusMs(NOW, 1))
      expect(await weigh(next, next.createdAt, id)).toHaveLength(1)
      const before = await escalations()
      expect(await weigh(next, next.createdAt, id)).toEqual([])
      expect(await weigh(ticket, plusMs(NOW, 5))).toEqual([])
      expect(await escalations()).toEqual(before)
    })

    it('while it lives a further fault joins it, without a second ticket', async () => {
      await third()
      const { ticket, outcomes } = await arrive(onDrop, plusMs(NOW, 1))
      expect(outcomes.map(({ creation }) => creation)).toEqual([null])
      const [view] = await escalations()
      expect(view).toMatchObject({ fault_count: 3, contributing_count: 4, version: 2 })
      expect(await bench.told(view?.escalation_ticket_id ?? '')).toEqual([
        'TicketCreated',
        'RepeatFaultEscalated',
        'FaultJoinedEscalation',
      ])
      const links = await bench.linked(ticket.id)
      if (links !== null) expect(links).toEqual([view?.escalation_ticket_id])
    })

    it('a fault that was stored after a later one was weighed is still counted with it', async () => {
      const [first, late, last] = [plusMs(NOW, -2), plusMs(NOW, -1), NOW]
      await arrive(onDrop, first)
      expect((await arrive(onDrop, last)).outcomes).toEqual([])
      const slow = await fault(bench, { projectId, ...onDrop }, late)
      const now = deps(plusMs(NOW, 1))
      expect(await right(faultsWorthWeighing(now)([{ id: 'e', at: late, ticketId: slow.id }]))).toEqual(new Set('e'))
      const outcomes = await right(escalateRepeatFaults(now)({ id: randomUUID(), at: late }, slow.id))
      expect(outcomes).toMatchObject([{ escalation: { key: { scope: 'dr', value: 'DR1' }, faultCount: 3 } }])
    })

    it('an old fault that is moved to the place by hand is none of its spate', async () => {
      await third()
      const old = await fault(bench, { projectId, ...onDrop }, plusDays(NOW, -91))
      expect(await weigh(old, NOW)).toEqual([])
    })

    it('each scope counts by itself, and one fault can escalate two', async () => {
      const place = (dr: string) => ({ place: { ...NOWHERE, dr, pole: 'P7' } })
      await arrive(place('A'), plusMs(NOW, -5))
      for (const n of [3, 2]) await arrive(place('B'), plusMs(NOW, -n))
      const { outcomes } = await arrive(place('B'))
      expect(outcomes.map(({ escalation }) => escalation.key.scope)).toEqual(['dr', 'pole'])
      expect((await escalations()).map(({ contributing_count }) => contributing_count).toSorted()).toEqual([3, 4])
    })

    it('other projects, paperwork, what a client broke, what is cancelled, and what the system made are not counted', async () => {
      await arrive({ ...onDrop, projectId: `${projectId}-b` })
      await arrive({ ...onDrop, paperwork: true })
      await arrive({ ...onDrop, cause: 'client_damage' })
      await arrive({ ...onDrop, source: 'system' })
      await arrive({ ...onDrop, type: 'modification' })
      const { ticket } = await arrive(onDrop, plusMs(NOW, -1))
      await right(
        runCommand(lifecycle())(
          { ticketId: ticket.id, principal: manager, version: null },
          { command: 'cancel', reason: 'x' },
        ),
      )
      await arrive(onDrop)
      await arrive(onDrop)
      expect(await escalations()).toEqual([])
    })
    const lifecycle = () => ({ ...deps(), directory: null as never, evidence: null as never })

    it('it is investigated when its ticket starts work, resolved when that closes, and counting starts again', async () => {
      await third()
      const [view] = await escalations()
      const ticketId = view?.escalation_ticket_id ?? ''
      const started = plusDays(NOW, 1)
      await moved(ticketId, 'WorkStarted', started)
      await moved(ticketId, 'WorkStarted', plusDays(NOW, 2))
      expect(await escalations()).toMatchObject([{ status: 'investigating', investigating_since: started, version: 2 }])
      const closed = plusDays(NOW, 3)
      await moved(ticketId, 'MaintenanceCompleted', closed)
      await moved(ticketId, 'TicketCancelled', plusDays(NOW, 4))
      expect(await escalations()).toMatchObject([
        { status: 'resolved', resolved_at: closed, resolved_by: null, investigating_since: started, version: 3 },
      ])
      for (const n of [0, 1]) expect((await arrive(onDrop, plusMs(closed, n))).outcomes).toEqual([])
      expect((await arrive(onDrop, plusMs(closed, 2))).outcomes).toEqual([])
      expect((await arrive(onDrop, plusMs(closed, 3))).outcomes).toHaveLength(1)
      expect((await escalations()).map(({ status, fault_count }) => [status, fault_count])).toEqual([
        ['open', 3],
        ['resolved', 3],
      ])
    })

    it.each(['TicketCancelled', 'TicketDeleted', 'MarkedDuplicate'] as const)(
      'after %s it is no action',
      async (type) => {
        await third()
        const [view] = await escalations()
        await moved(view?.escalation_ticket_id ?? '', type, plusMs(NOW, 1))
        expect(await escalations()).toMatchObject([{ status: 'no_action' }])
        expect(await bench.told(view?.escalation_ticket_id ?? '')).toContain('EscalationEnded')
      },
    )

    it('a ticket of no escalation moves none', async () => {
      expect(await moved(randomUUID(), 'WorkStarted', NOW)).toBeNull()
    })

    it('a person ends it with notes once its ticket is out of the way, by the version read', async () => {
      await third()
      const [view] = await escalations()
      const id = view?.id ?? ''
      const end = (version: number, notes = 'Splice tray replaced', by = manager) =>
        endEscalation(deps())(by, { id, version, outcome: 'resolved', notes })
      expect(await left(end(1, 'x', technician))).toMatchObject({ type: 'NotAllowed' })
      expect(await left(end(1))).toMatchObject({ type: 'InfrastructureTicketStillRunning', ticketStatus: 'open' })
      await right(
        runCommand(lifecycle())(
          { ticketId: view?.escalation_ticket_id ?? '', principal: manager, version: null },
          { command: 'cancel', reason: 'Done by the neighbour' },
        ),
      )
      expect(await left(end(7))).toEqual({ type: 'Stale', id, version: 1 })
      expect(await left(end(1, '  '))).toEqual({ type: 'EscalationNotesMissing' })
      expect(await right(end(1))).toMatchObject({
        status: 'resolved',
        resolved_by: 'mpho',
        resolution_notes: 'Splice tray replaced',
        version: 2,
      })
      expect(await left(end(2))).toMatchObject({ type: 'EscalationAlreadyEnded' })
      const nobody = randomUUID()
      expect(
        await left(endEscalation(deps())(manager, { id: nobody, version: 1, outcome: 'resolved', notes: 'x' })),
      ).toEqual({
        type: 'NotFound',
        resource: 'Escalation',
        id: nobody,
      })
    })

    it('they are listed newest first, by filters, and on by cursor', async () => {
      for (const dr of ['A', 'B', 'C'])
        for (const n of [2, 1, 0])
          await arrive({ place: { ...NOWHERE, dr: `DR${dr}` } }, plusMs(NOW, dr.charCodeAt(0) * 10 - n))
      const filters = { project: [projectId], scope: ['dr'], status: ['open', 'investigating'] } as const
      const first = await right(listEscalationsAfter(bench)(manager, { filters, cursor: null, limit: 2 }))
      expect(first.rows.map(({ scope_value }) => scope_value)).toEqual(['DRC', 'DRB'])
      const rest = await right(listEscalationsAfter(bench)(manager, { filters, cursor: first.next_cursor, limit: 2 }))
      expect(rest.rows.map(({ scope_value }) => scope_value)).toEqual(['DRA'])
      expect(rest.next_cursor).toBeNull()
      const page = (wanted: number) => listEscalations(bench)(manager, { filters, page: wanted, pageSize: 2 })
      const [one, two, three] = [await right(page(1)), await right(page(2)), await right(page(3))]
      expect([...one.rows, ...two.rows]).toEqual([...first.rows, ...rest.rows])
      expect([one, two, three].map(({ total, totalIsEstimate }) => [total, totalIsEstimate])).toEqual(
        Array.from({ length: 3 }, () => [3, false]),
      )
      expect(three.rows).toEqual([])
      expect(await left(listEscalations(bench)(manager, { filters, page: 1, pageSize: 101 }))).toMatchObject({
        type: 'TooMany',
      })
      expect(await left(listEscalations(bench)(technician, { filters, page: 1, pageSize: 2 }))).toMatchObject({
        type: 'NotAllowed',
      })
      const other = { ...filters, status: ['resolved'] } as const
      expect(
        await left(listEscalationsAfter(bench)(manager, { filters: other, cursor: first.next_cursor, limit: 2 })),
      ).toMatchObject({
        type: 'FieldInvalid',
        field: 'cursor',
      })
      expect(
        (await right(listEscalationsAfter(bench)(manager, { filters: other, cursor: null, limit: 2 }))).rows,
      ).toEqual([])
      expect(await left(listEscalationsAfter(bench)(technician, { filters, cursor: null, limit: 2 }))).toMatchObject({
        type: 'NotAllowed',
      })
      expect(await left(viewEscalation(bench)(manager, randomUUID()))).toMatchObject({ type: 'NotFound' })
    })

    it('a check shows how near a place is, and without one which places are nearest', async () => {
      const place = { ...NOWHERE, dr: 'DR5', pole: 'P5' }
      const tickets = []
      for (const n of [3, 2, 1]) tickets.push((await arrive({ place }, plusMs(NOW, -n))).ticket)
      await arrive({ place: { ...NOWHERE, zone: '3' } }, NOW)
      const check = checkRepeatFaults(deps())
      const at = await right(check(manager, projectId, { ...NOWHERE, dr: 'DR5', pole: 'P5', pon: '9' }))
      expect(at.scopes).toMatchObject([
        {
          scope: 'dr',
          count: 3,
          threshold: 2,
          window_days: 90,
          over_threshold: true,
          live_escalation: { status: 'open' },
        },
        { scope: 'pole', count: 3, threshold: 3, over_threshold: false, live_escalation: null },
        { scope: 'pon', count: 0, threshold: 5, window_days: 30, contributing_tickets: [] },
      ])
      expect(at.scopes[1]?.contributing_tickets.map(({ id }) => id)).toEqual(tickets.map(({ id }) => id))
      expect(at.patterns).toEqual([])
      const everywhere = await right(check(manager, projectId, NOWHERE))
      expect(everywhere.scopes).toEqual([])
      expect(everywhere.patterns).toMatchObject([
        { scope: 'dr', value: 'DR5', count: 3, threshold: 2, live_escalation: { status: 'open' } },
        { scope: 'pole', value: 'P5', count: 3, threshold: 3, live_escalation: null },
        { scope: 'zone', value: '3', count: 1, threshold: 15, window_days: 30, latest_at: NOW },
      ])
      await moved(at.scopes[0]?.live_escalation?.escalation_ticket_id ?? '', 'TicketCancelled', NOW)
      expect((await right(check(manager, projectId, NOWHERE))).patterns.map(({ scope }) => scope)).toEqual([
        'pole',
        'zone',
      ])
      expect(await left(check(technician, projectId, NOWHERE))).toMatchObject({ type: 'NotAllowed' })
    })
  })
}
