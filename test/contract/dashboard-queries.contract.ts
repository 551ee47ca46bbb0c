import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFaultTrends } from '../../src/application/dashboard/fault-trends.ts'
import { readSlaCompliance } from '../../src/application/dashboard/sla-compliance.ts'
import { readDashboardSummary } from '../../src/application/dashboard/summary.ts'
import { readWorkload } from '../../src/application/dashboard/workload.ts'
import type { DashboardQueries } from '../../src/application/ports/dashboard-queries.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import type { NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import type { Common, Ticket, TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { newRisk } from '../support/lifecycle.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'
import { CONTRACTOR, later, PLACE, TECHNICIAN } from '../support/tickets.ts'

export type DashboardHarness = {
  readonly store: TicketStore
  readonly queries: DashboardQueries
  /** Leaves one open escalation, a completed import and a sync for the summary to show. */
  readonly office: () => Promise<void>
  readonly close: () => Promise<void>
}

const NOW = later(1_000)
const person = (role: Principal['role'], userId = 'someone'): Principal => ({
  userId,
  role,
  contractorId: null,
  teams: [],
})
const MANAGER = person('manager')
const clocks = (sla: Partial<Common['sla']>): Pick<Common, 'sla'> => ({
  sla: { dueAt: later(2_000), responseDueAt: later(500), firstResponseAt: later(400), breached: false, ...sla },
})
const fault = (cause: Common['fault']['cause']): Pick<Common, 'fault'> => ({
  fault: { cause, component: null, details: 'seen', confirmed: { by: 'mpho', at: later(1) } },
})
const failing = (...checks: ReadonlyArray<string>): Pick<Common, 'qaReady' | 'lastCheck'> => ({
  qaReady: false,
  lastCheck: {
    id: '2b1f7c1e-4f0a-4a53-8f2e-5f0f3c1d9a10',
    at: later(2),
    by: 'thandi',
    passed: checks.length === 0,
    results: ['photos_exist', 'pole_populated'].map((check) => ({
      check,
      outcome: checks.includes(check) ? 'failed' : 'passed',
      expected: 'x',
      actual: 'y',
      sentence: 'z',
    })),
  },
})

/** What the dashboard's figures promise. */
export const dashboardContract = (title: string, open: () => Promise<DashboardHarness>): void => {
  describe(`The dashboard ${title}`, () => {
    let harness: DashboardHarness
    const keep = async (
      status: TicketStatus,
      over: Partial<Common> = {},
      said: Partial<NewTicket> = {},
    ): Promise<void> => {
      const ticket = { ...aTicket(status, said), ...over } as Ticket
      await done(harness.store.commit([creationOf(ticket)], []))
    }
    const deps = () => ({ dashboardQueries: harness.queries, now: () => NOW })

    beforeAll(async () => {
      harness = await open()
      await harness.office()
      await keep('open', { ...clocks({ firstResponseAt: null, responseDueAt: later(999) }), ...fault('unknown') })
      await keep(
        'open',
        { ...clocks({ firstResponseAt: null, responseDueAt: later(1_001) }) },
        { source: 'weekly_report', cause: null },
      )
      await keep('in_progress', {
        ...clocks({ dueAt: later(999) }),
        ...failing('photos_exist', 'pole_populated'),
        ...fault('workmanship'),
      })
      await keep('on_hold', { ...clocks({ dueAt: later(999) }), ...failing('photos_exist'), priority: 'critical' })
      await keep('qa_rejected', { ...clocks({}), ...failing(), rectificationCount: 2, ...fault('vandalism') })
      await keep('pending_qa', { ...clocks({ breached: true }), ...fault('vandalism') })
      const risk = { ...newRisk({ expiresOn: '2026-03-16' }), id: '7a0b1c2d-1111-4222-8333-444455556666' }
      await keep('qa_approved', {
        ...clocks({ firstResponseAt: later(501) }),
        risks: [
          {
            ...risk,
            status: 'active',
            acceptedBy: 'lerato',
            acceptedAt: later(1),
            resolvedBy: null,
            resolvedAt: null,
            resolution: null,
            escalationTicket: null,
            reviews: [],
          },
        ],
      })
      await keep('pending_handover', clocks({}))
      await keep('closed', { ...clocks({ dueAt: later(10) }), ...fault('workmanship'), photos: [] })
      await keep('closed', {
        ...clocks({ breached: true }),
        ...fault('workmanship'),
        sourceCreatedAt: '2026-01-31T22:30:00.000Z',
      })
      await keep('closed', clocks({}), { projectId: 'mohadin' })
      await keep('closed', { ...clocks({}), paperwork: true, ...fault('workmanship') })
      await keep('cancelled', { ...clocks({ breached: true }), ...fault('workmanship') })
      await keep('closed', { ...clocks({}), ...fault('unknown') }, { source: 'system' })
    })
    afterAll(() => harness.close())

    it('says where the work stands', async () => {
      const summary = await done(readDashboardSummary(deps())({ principal: MANAGER, projects: ['lawley'] }))
      expect(summary).toMatchObject({
        tickets: 13,
        by_status: { open: 2, in_progress: 1, closed: 4, cancelled: 1, handed_to_maintenance: 0 },
        by_type: { maintenance: 13, incident: 0 },
        by_priority: { critical: 1, normal: 12, low: 0 },
        by_source: { manual: 11, weekly_report: 1, system: 1 },
        overdue: 1,
        unassigned: 2,
        rejected_more_than_twice: 1,
        pending_handovers: 1,
        not_qa_ready: {
          tickets: 5,
          by_check: { photos_exist: 2, pole_populated: 1, not_checked: 2, check_outdated: 1 },
        },
        risks_expiring: 1,
      })
    })

    it('shows escalations, imports and sync to the office, and not to the field', async () => {
      const all = await done(readDashboardSummary(deps())({ principal: MANAGER, projects: [] }))
      expect(all.tickets).toBe(14)
      expect(all).toMatchObject({
        open_escalations: 1,
        last_import: { report_uid: 'WR2026-W10-LAW', imported_at: later(5), imported_count: 90 },
        last_sync: { synced_at: later(6), status: 'success' },
      })
      const own = await done(
        readDashboardSummary(deps())({ principal: person('technician', TECHNICIAN), projects: [] }),
      )
      expect(own).toMatchObject({ open_escalations: null, last_import: null, last_sync: null, unassigned: 0 })
      expect(own.tickets).toBe(11)
      const none = await done(readDashboardSummary(deps())({ principal: person('technician', 'nobody'), projects: [] }))
      expect([none.tickets, none.risks_expiring, none.not_qa_ready.tickets]).toEqual([0, 0, 0])
    })

    it('counts a risk until the end of its last day, and not a day earlier than 14 before', async () => {
      const at = async (now: string) =>
        (await done(readDashboardSummary({ ...deps(), now: () => now })({ principal: MANAGER, projects: [] })))
          .risks_expiring
      expect(await at('2026-03-01T21:59:59.999Z')).toBe(0)
      expect(await at('2026-03-01T22:00:00.000Z')).toBe(1)
      expect(await at('2026-03-16T21:59:59.999Z')).toBe(1)
      expect(await at('2026-03-16T22:00:00.000Z')).toBe(0)
    })

    it('says how much was done in time, and what has not yet failed or held', async () => {
      const { all, by_priority } = await done(
        readSlaCompliance(deps())({ principal: MANAGER, projects: ['lawley'], from: null, before: null }),
      )
      expect(all).toEqual({
        met: 3,
        breached: 3,
        running: 6,
        response_met: 9,
        response_late: 2,
        response_waiting: 1,
        compliance_percent: 50,
        response_percent: 81,
      })
      expect(by_priority.map((row) => [row.priority, row.running, row.compliance_percent])).toEqual([
        ['critical', 1, null],
        ['urgent', 0, null],
        ['high', 0, null],
        ['normal', 5, 50],
        ['low', 0, null],
      ])
      const none = await done(
        readSlaCompliance(deps())({ principal: MANAGER, projects: [], from: later(1), before: later(2) }),
      )
      expect(none.all).toMatchObject({ met: 0, compliance_percent: null })
    })

    it('says who carries how much live work', async () => {
      const rows = await done(readWorkload(deps())({ principal: MANAGER, projects: [] }))
      const carried = { open: 6, overdue: 1, in_qa: 1, rejected: 1 }
      expect(rows).toEqual([
        { kind: 'contractor', id: CONTRACTOR, ...carried },
        { kind: 'technician', id: TECHNICIAN, ...carried },
      ])
      expect(await done(readWorkload(deps())({ principal: person('technician', 'nobody'), projects: [] }))).toEqual([])
    })

    const trends = (over: Partial<Parameters<ReturnType<typeof readFaultTrends>>[0]> = {}) =>
      done(
        readFaultTrends(deps())({
          principal: MANAGER,
          projects: ['lawley'],
          from: null,
          before: null,
          by: [],
          causes: ['workmanship', 'vandalism', 'unknown'],
          ...over,
        }),
      )

    it('shows what breaks by cause, with the share of workmanship that had evidence, paperwork left out', async () => {
      const none = { workmanship: 0, workmanship_with_evidence: 0, workmanship_evidence_share: null }
      expect(await trends()).toEqual([
        { fault_cause: 'unknown', faults: 5, ...none },
        {
          fault_cause: 'workmanship',
          faults: 3,
          workmanship: 3,
          workmanship_with_evidence: 2,
          workmanship_evidence_share: 2 / 3,
        },
        { fault_cause: 'vandalism', faults: 2, ...none },
      ])
    })

    it('keys places with their project, and puts a fault into the month it began in Johannesburg', async () => {
      expect(await trends({ by: ['pole_number'], causes: ['vandalism'] })).toMatchObject([
        { project_id: 'lawley', pole_number: PLACE.pole, faults: 2 },
      ])
      expect(await trends({ by: ['month'], causes: ['workmanship'] })).toMatchObject([
        { month: '2026-03', faults: 2 },
        { month: '2026-02', faults: 1 },
      ])
      expect(await trends({ by: ['month'], causes: ['workmanship'], before: later(0) })).toMatchObject([
        { month: '2026-02' },
      ])
      expect(await trends({ by: ['assigned_contractor_id', 'fault_cause'], causes: ['unknown'] })).toMatchObject([
        { assigned_contractor_id: CONTRACTOR, fault_cause: 'unknown', faults: 3 },
        { assigned_contractor_id: null, fault_cause: 'unknown', faults: 2 },
      ])
    })
  })
}
