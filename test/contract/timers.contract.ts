import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { TimerQueries } from '../../src/application/ports/timer-queries.ts'
import type { Principal } from '../../src/application/principal.ts'
import { ticketChanges } from '../../src/application/ticket/changes.ts'
import { runCommand } from '../../src/application/ticket/lifecycle.ts'
import { runTimers } from '../../src/application/timers/run-timers.ts'
import type { NewRisk } from '../../src/domain/risk/new-risk.ts'
import { addDays, plusMs } from '../../src/domain/shared/time.ts'
import { DEFAULT_SLA_POLICY, type SlaPolicy } from '../../src/domain/sla/sla.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { changeDeps } from '../support/change-deps.ts'
import { newRisk } from '../support/lifecycle.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'
import { AT, LEAD, MANAGER } from '../support/tickets.ts'
import { fault, right } from './escalation.contract.ts'

export type TimersBench = {
  readonly tickets: TicketStore
  readonly timers: TimerQueries
  /** All events told so far, in order. */
  readonly told: () => Promise<ReadonlyArray<OutboxEvent>>
  readonly setSla: (projectId: string, sla: SlaPolicy) => Promise<void>
  readonly close: () => Promise<void>
}

const lead: Principal = { userId: LEAD, role: 'qa_lead', contractorId: null, teams: [] }
const manager: Principal = { userId: MANAGER, role: 'manager', contractorId: null, teams: [] }
const RISK_EVENTS = ['RiskWarning', 'FollowUpDue', 'RiskExpired', 'RiskEscalated']

/** What timed rules promise wherever tickets are kept: each thing once, in time, and whoever runs them. */
export const timersContract = (name: string, make: () => Promise<TimersBench>): void => {
  describe(`timed rules: ${name}`, () => {
    let bench: TimersBench
    let projectId: string
    beforeAll(async () => {
      bench = await make()
    })
    afterAll(() => bench.close())
    beforeEach(() => {
      projectId = `project-${randomUUID()}`
    })

    const run = (now: string) =>
      right(runTimers({ ...changeDeps(bench.tickets, AT), timers: bench.timers, onTrouble: () => {} })(now))
    const eventsOf = async (ticketId: string, types: ReadonlyArray<string>) =>
      (await bench.told()).filter((event) => event.ticketId === ticketId && types.includes(event.type))
    const withRisk = async (risk: Partial<NewRisk>): Promise<{ ticket: Ticket; riskId: string }> => {
      const ticket = await storedIn(bench.tickets, 'qa_in_progress', { projectId })
      const riskId = randomUUID()
      await right(
        ticketChanges(changeDeps(bench.tickets, AT)).acceptRisk(
          { ticketId: ticket.id, principal: lead, version: null },
          newRisk({ ...risk, id: riskId }),
        ),
      )
      return { ticket, riskId }
    }
    const cancel = (ticketId: string, at: string) =>
      right(
        runCommand({ ...changeDeps(bench.tickets, at), directory: null as never, evidence: null as never })(
          { ticketId, principal: manager, version: null },
          { command: 'cancel', reason: 'Client moved away' },
        ),
      )

    it('a risk warns 14, 7 and 1 days before, its review falls due, it expires and three days later escalates, each once', async () => {
      const { ticket, riskId } = await withRisk({
        expiresOn: '2026-03-20',
        followUpOn: '2026-03-10',
        description: 'Duct cover missing',
        conditions: 'Cover ordered',
      })
      const told: Array<readonly [string, string, unknown]> = []
      for (let day = '2026-03-02'; day <= '2026-03-28'; day = addDays(day, 1)) {
        const before = (await eventsOf(ticket.id, RISK_EVENTS)).length
        await run(`${day}T06:00:00.000Z`)
        await run(`${day}T06:00:00.000Z`)
        for (const { type, body } of (await eventsOf(ticket.id, RISK_EVENTS)).slice(before))
          told.push([day, type, body.daysLeft])
      }
      expect(told).toEqual([
        ['2026-03-06', 'RiskWarning', 14],
        ['2026-03-10', 'FollowUpDue', undefined],
        ['2026-03-13', 'RiskWarning', 7],
        ['2026-03-19', 'RiskWarning', 1],
        ['2026-03-21', 'RiskExpired', undefined],
        ['2026-03-23', 'RiskEscalated', undefined],
      ])
      const { ticket: after } = await loaded(bench.tickets, ticket)
      const [risk] = after.risks
      expect(risk).toMatchObject({ id: riskId, status: 'escalated' })
      expect(after.status).toBe('qa_in_progress')
      const followUp = await loaded(bench.tickets, { id: risk?.escalationTicket ?? '' })
      expect(followUp.ticket).toMatchObject({
        type: 'maintenance',
        source: 'system',
        priority: 'normal',
        owner: 'build',
        status: 'open',
        projectId,
        place: ticket.place,
        followUpOf: ticket.id,
        createdBy: 'system',
        createdAt: '2026-03-23T06:00:00.000Z',
        fault: { cause: 'unknown', details: 'Duct cover missing\nCover ordered', confirmed: null },
      })
    })

    it('a risk is good until the end of its day in Johannesburg', async () => {
      const { ticket } = await withRisk({ expiresOn: '2026-03-20' })
      await run('2026-03-20T21:59:59.999Z')
      expect((await loaded(bench.tickets, ticket)).ticket.risks).toMatchObject([{ status: 'active' }])
      await run('2026-03-20T22:00:00.000Z')
      expect((await loaded(bench.tickets, ticket)).ticket.risks).toMatchObject([{ status: 'expired' }])
      await run('2026-03-22T21:59:59.999Z')
      expect((await loaded(bench.tickets, ticket)).ticket.risks).toMatchObject([{ status: 'expired' }])
      await run('2026-03-22T22:00:00.000Z')
      expect((await loaded(bench.tickets, ticket)).ticket.risks).toMatchObject([{ status: 'escalated' }])
    })

    it('of warnings missed while nobody looked only the latest is made up for, and one before its time is not given', async () => {
      const { ticket } = await withRisk({ expiresOn: '2026-03-20' })
      const soon = await withRisk({ expiresOn: '2026-03-12' })
      await run('2026-03-03T06:00:00.000Z')
      expect(await eventsOf(soon.ticket.id, ['RiskWarning'])).toEqual([])
      await run('2026-03-18T06:00:00.000Z')
      expect(await eventsOf(ticket.id, ['RiskWarning'])).toMatchObject([{ body: { warning: 7, daysLeft: 2 } }])
    })

    it('after a long sleep a risk expires and escalates in one run, with one follow-up', async () => {
      const { ticket } = await withRisk({ expiresOn: '2026-03-20' })
      const [one, two] = await Promise.all([run('2026-05-01T06:00:00.000Z'), run('2026-05-01T06:00:00.000Z')])
      expect((await eventsOf(ticket.id, RISK_EVENTS)).map(({ type }) => type)).toEqual(['RiskExpired', 'RiskEscalated'])
      expect(one.risks.expired + two.risks.expired).toBeGreaterThanOrEqual(1)
      const followUps = (await bench.told()).filter(
        ({ type, body }) => type === 'TicketCreated' && body.followUpOf === ticket.id,
      )
      expect(followUps).toHaveLength(1)
    })

    it('on a cancelled ticket a risk escalates without a follow-up, and a resolved one says nothing more', async () => {
      const cancelled = await withRisk({ expiresOn: '2026-03-20' })
      await cancel(cancelled.ticket.id, AT)
      const resolved = await withRisk({ expiresOn: '2026-03-20', followUpOn: '2026-03-10' })
      await right(
        ticketChanges(changeDeps(bench.tickets, AT)).resolveRisk(
          { ticketId: resolved.ticket.id, principal: lead, version: null },
          resolved.riskId,
          'Cover fitted',
        ),
      )
      await run('2026-03-15T06:00:00.000Z')
      await run('2026-04-15T06:00:00.000Z')
      expect((await loaded(bench.tickets, cancelled.ticket)).ticket.risks).toMatchObject([
        { status: 'escalated', escalationTicket: null },
      ])
      expect(await eventsOf(resolved.ticket.id, RISK_EVENTS)).toEqual([])
    })

    const marksOf = async ({ id }: Ticket) =>
      (await eventsOf(id, ['SlaMarkReached']))
        .map(({ at, body }) => [at.slice(5, 16), body.clock, body.priority, body.mark].join(' '))
        .toSorted()

    it('a ticket nobody touches is warned of at 50, 75 and 90 percent and at breach, each once per clock', async () => {
      const ticket = await fault(bench, { projectId }, AT)
      for (let at = AT; at < '2026-03-05T10:00:00.000Z'; at = plusMs(at, 15 * 60_000))
        if (at.slice(11, 13) > '05' && at.slice(11, 13) < '16') await run(at)
      // 30 working hours from Monday 10:00 in Johannesburg, response a quarter of it
      expect(await marksOf(ticket)).toEqual([
        '03-02T11:45 response normal 50',
        '03-02T13:45 response normal 75',
        '03-02T14:45 response normal 90',
        '03-02T15:45 response normal breach',
        '03-03T13:00 resolution normal 50',
        '03-04T10:30 resolution normal 75',
        '03-04T15:00 resolution normal 90',
        '03-05T08:15 resolution normal breach',
      ])
      expect((await loaded(bench.tickets, ticket)).ticket.sla).toMatchObject({
        dueAt: '2026-03-05T08:00:00.000Z',
        breached: true,
      })
    }, 60_000)

    it('the stored breach turns true one moment after the due time and not before', async () => {
      const ticket = await fault(bench, { projectId }, AT)
      await run(AT)
      await run('2026-03-05T08:00:00.000Z')
      const { version, ticket: before } = await loaded(bench.tickets, ticket)
      expect(before.sla.breached).toBe(false)
      await run('2026-03-05T08:00:00.001Z')
      const after = await loaded(bench.tickets, ticket)
      expect(after.ticket.sla.breached).toBe(true)
      expect(after.version).toBe(version)
    })

    it('of several marks passed at once only the highest is told, also by two processes', async () => {
      const ticket = await fault(bench, { projectId }, AT)
      await Promise.all([run('2026-03-04T10:45:00.000Z'), run('2026-03-04T10:45:00.000Z')])
      await run('2026-03-04T10:45:00.000Z')
      expect(await marksOf(ticket)).toEqual(['03-04T10:45 resolution normal 75', '03-04T10:45 response normal breach'])
    })

    it('a new priority is a new promise with marks of its own', async () => {
      const ticket = await fault(bench, { projectId }, AT)
      await run('2026-03-03T14:00:00.000Z')
      await right(
        ticketChanges(changeDeps(bench.tickets, '2026-03-03T15:00:00.000Z')).edit(
          { ticketId: ticket.id, principal: manager, version: null },
          { priority: 'critical' },
        ),
      )
      await run('2026-03-03T15:00:00.000Z')
      expect((await marksOf(ticket)).slice(2)).toEqual([
        '03-03T15:00 resolution critical breach',
        '03-03T15:00 response critical breach',
      ])
    })

    it('a ticket on hold is not warned of, and its stored due time moves on', async () => {
      const ticket = await storedIn(bench.tickets, 'on_hold', { projectId })
      await run('2026-03-02T09:00:00.000Z')
      const { dueAt } = (await loaded(bench.tickets, ticket)).ticket.sla
      await run('2026-03-20T09:00:00.000Z')
      const moved = (await loaded(bench.tickets, ticket)).ticket.sla
      expect(moved.breached).toBe(false)
      const looked = '2026-03-20T09:00:00.000Z'
      expect([(dueAt ?? '') < looked, (moved.dueAt ?? '') > looked]).toEqual([true, true])
      expect(await marksOf(ticket)).toEqual([])
    })

    it('when a project promises other times, the stored figures follow with the next run', async () => {
      const ticket = await fault(bench, { projectId }, AT)
      await run(AT)
      await bench.setSla(projectId, {
        ...DEFAULT_SLA_POLICY,
        normal: { calendar: 'around_the_clock', resolution: { hours: 8 }, response: null },
      })
      const { sla } = await run(plusMs(AT, 1))
      expect(sla.refreshed).toBeGreaterThanOrEqual(1)
      expect((await loaded(bench.tickets, ticket)).ticket.sla).toMatchObject({
        dueAt: plusMs(AT, 8 * 3_600_000),
        responseDueAt: plusMs(AT, 2 * 3_600_000),
      })
    })

    it('a run with nothing to do does nothing', async () => {
      await fault(bench, { projectId }, AT)
      await run('2026-06-01T06:00:00.000Z')
      const before = (await bench.told()).length
      const again = await run('2026-06-01T06:00:00.000Z')
      expect(again).toEqual({
        at: '2026-06-01T06:00:00.000Z',
        risks: { warned: 0, expired: 0, escalated: 0, failed: 0, followUpsDue: 0 },
        sla: { looked: 0, told: 0, refreshed: 0 },
      })
      expect((await bench.told()).length).toBe(before)
    })
  })
}
