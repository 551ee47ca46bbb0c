import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryDashboardQueries } from '../../src/adapters/memory/dashboard-queries.ts'
import { memoryRiskQueries } from '../../src/adapters/memory/risk-queries.ts'
import { memoryTicketQueries } from '../../src/adapters/memory/ticket-queries.ts'
import { memoryTicketRecordQueries } from '../../src/adapters/memory/ticket-record-queries.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { readFaultTrends } from '../../src/application/dashboard/fault-trends.ts'
import { readDashboardSummary } from '../../src/application/dashboard/summary.ts'
import { readWorkload } from '../../src/application/dashboard/workload.ts'
import type { RiskFilters, RiskQueries } from '../../src/application/ports/risk-queries.ts'
import type { Principal } from '../../src/application/principal.ts'
import { listRisks, listRisksAfter, listTicketRisks } from '../../src/application/risk/list-risks.ts'
import {
  DEFAULT_SORT,
  type ListedTickets,
  listTickets,
  listTicketsAfter,
} from '../../src/application/ticket/list-tickets.ts'
import { searchWords } from '../../src/application/ticket/search-words.ts'
import { listAttachments, listLinks, listReadinessRuns, readTimeline } from '../../src/application/ticket/timeline.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'
import { AT, later, TECHNICIAN } from '../support/tickets.ts'

const who = (role: Principal['role'], userId = 'someone'): Principal => ({
  userId,
  role,
  contractorId: null,
  teams: [],
})
const asked = (over: Partial<ListedTickets> = {}): ListedTickets => ({
  principal: who('manager'),
  filters: {},
  q: '',
  sort: DEFAULT_SORT,
  ...over,
})

const world = async () => {
  const state = memoryState()
  const store = memoryTicketStore({ state, sha256, publish: () => {} })
  const tickets = [1, 2, 3].map((minute) => ({ ...aTicket('assigned'), createdAt: later(minute) }))
  for (const ticket of tickets) await done(store.commit([creationOf(ticket)], []))
  const now = () => AT
  return {
    id: tickets[0]?.id ?? '',
    lists: { ticketQueries: memoryTicketQueries({ state }), now },
    risks: { riskQueries: memoryRiskQueries(state), now },
    records: { recordQueries: memoryTicketRecordQueries({ state }) },
    figures: { dashboardQueries: memoryDashboardQueries({ state }), now },
  }
}

const nextPage = (lists: Parameters<typeof listTicketsAfter>[0], wanted: ListedTickets, cursor: string | null) =>
  done(listTicketsAfter(lists)({ ...wanted, cursor, limit: 2 }))

describe('A list', () => {
  it('goes on by its cursor to its end, and only in a list of the same filters and sort', async () => {
    const { lists } = await world()
    const first = await done(listTicketsAfter(lists)({ ...asked(), cursor: null, limit: 2 }))
    expect(first.rows).toHaveLength(2)
    const cursor = first.next_cursor
    const second = await done(listTicketsAfter(lists)({ ...asked(), cursor, limit: 2 }))
    expect([second.rows.length, second.next_cursor]).toEqual([1, null])
    for (const other of [
      asked({ filters: { status: ['open'] } }),
      asked({ q: 'red' }),
      asked({ sort: { by: 'created_at', direction: 'asc' } }),
    ])
      expect(await listTicketsAfter(lists)({ ...other, cursor, limit: 2 })()).toMatchObject({
        left: { type: 'FieldInvalid', field: 'cursor' },
      })
  })

  it.each(['', 'x', '%%', 'bnVsbA', btoa('["a","b"]'), 'A'.repeat(500), btoa('%E0%A4%A')])(
    'refuses %j, which is no cursor of ours',
    async (cursor) => {
      const { lists, risks } = await world()
      expect(await listTicketsAfter(lists)({ ...asked(), cursor, limit: 2 })()).toMatchObject({
        left: { field: 'cursor' },
      })
      expect(await listRisksAfter(risks)({ principal: who('qa'), filters: {}, cursor, limit: 2 })()).toMatchObject({
        left: { field: 'cursor' },
      })
    },
  )

  it('refuses a cursor whose position was altered into what its sort cannot hold', async () => {
    const { lists } = await world()
    const { next_cursor: cursor } = await done(listTicketsAfter(lists)({ ...asked(), cursor: null, limit: 1 }))
    const parts = JSON.parse(decodeURIComponent(atob(cursor ?? ''))) as [string, string, string]
    for (const [key, id] of [
      ['yesterday', parts[2]],
      [parts[1], "x' or true"],
    ] as const) {
      const altered = btoa(encodeURIComponent(JSON.stringify([parts[0], key, id]))).replaceAll('=', '')
      expect(await listTicketsAfter(lists)({ ...asked(), cursor: altered, limit: 1 })()).toMatchObject({
        left: { field: 'cursor' },
      })
    }
  })

  it.each(['priority', 'status', 'ticket_uid', 'dr_number', 'updated_at', 'sla_due_at'] as const)(
    'sorted by %s goes on by its cursor, each ticket once, both ways',
    async (by) => {
      const { lists } = await world()
      for (const direction of ['asc', 'desc'] as const) {
        const seen: string[] = []
        let cursor: string | null = null
        do {
          const wanted = asked({
            sort: { by, direction },
            filters: { status: ['assigned'], type: ['maintenance', 'incident', 'new_installation', 'modification'] },
          })
          const page: Awaited<ReturnType<typeof nextPage>> = await nextPage(lists, wanted, cursor)
          seen.push(...page.rows.map(({ id }) => id))
          cursor = page.next_cursor
        } while (cursor !== null)
        expect([seen.length, new Set(seen).size]).toEqual([3, 3])
      }
    },
  )

  it('of risks goes on by its cursor to its end, from a day and from nothing else', async () => {
    const id = '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a001'
    const after: unknown[] = []
    const walked = (key: string) =>
      listRisksAfter({
        now: () => AT,
        riskQueries: {
          slice: (_: unknown, from: { readonly after: unknown }) => {
            after.push(from.after)
            return TE.right({ rows: [], next: from.after === null ? { key, id } : null })
          },
        } as unknown as RiskQueries,
      })
    const filters = { status: ['active'], project: ['lawley'] } as unknown as RiskFilters
    const from = (key: string, cursor: string | null) =>
      walked(key)({ principal: who('qa'), filters, cursor, limit: 2 })()
    const first = await from('2026-03-10', null)
    if (E.isLeft(first)) throw new Error(first.left.type)
    expect(await from('2026-03-10', first.right.next_cursor)).toEqual(E.right({ rows: [], next_cursor: null }))
    expect(after).toEqual([null, { key: '2026-03-10', id }])
    for (const noDay of ['2026-13-10', 'tomorrow']) {
      const given = await from(noDay, null)
      if (E.isLeft(given)) throw new Error(given.left.type)
      expect(await from(noDay, given.right.next_cursor)).toMatchObject(E.left({ field: 'cursor' }))
    }
  })

  it('has pages of at most 100 and searches of at most 200 characters', async () => {
    const { lists } = await world()
    const page = (pageSize: number, q = '') => listTickets(lists)({ ...asked({ q }), page: 1, pageSize })()
    expect(await page(100, 'x'.repeat(200))).toMatchObject({ _tag: 'Right' })
    expect(await page(101)).toMatchObject({ left: { type: 'TooMany', field: 'pageSize', max: 100, actual: 101 } })
    expect(await page(100, 'x'.repeat(201))).toMatchObject({ left: { type: 'TooMany', field: 'q', max: 200 } })
  })

  it('holds only what its caller may see, without the client for a viewer', async () => {
    const { lists } = await world()
    const rows = async (principal: Principal) =>
      (await done(listTickets(lists)({ ...asked({ principal }), page: 1, pageSize: 9 }))).rows
    expect(await rows(who('technician', TECHNICIAN))).toHaveLength(3)
    expect(await rows(who('technician', 'stranger'))).toEqual([])
    expect(await rows(who('service', 'robot'))).toEqual([])
    expect(Object.keys((await rows(who('qa')))[0] ?? {})).toContain('client_name')
    expect(Object.keys((await rows(who('viewer')))[0] ?? {})).not.toContain('client_name')
  })
})

describe('What is typed into a search', () => {
  it.each([
    ['DR 1729500', [['dr1729500']]],
    ['drop no. 1729500 red', [['dr1729500'], ['red']]],
    ['1729500', [['1729500', 'dr1729500', 'ft1729500']]],
    ['ft-1000001', [['ft1000001']]],
    ['LAW.P.A002', [['law'], ['p'], ['a002']]],
    ['  ... ', []],
    ['Müller', [['müller']]],
  ])('%j is looked for as beginnings of words', (typed, words) => {
    expect(searchWords(typed)).toEqual(words)
  })
})

describe('Reading', () => {
  it('one ticket out of sight is not found, whatever is asked of it', async () => {
    const { id, records, risks } = await world()
    const one = { principal: who('contractor', 'stranger'), ticketId: id }
    for (const refused of [
      await readTimeline(records)({ ...one, before: null, limit: 9 })(),
      await listAttachments(records)(one)(),
      await listLinks(records)(one)(),
      await listReadinessRuns(records)(one)(),
      await listTicketRisks(risks)(one)(),
    ])
      expect(refused).toEqual(E.left({ type: 'NotFound', resource: 'Ticket', id }))
  })

  it('lists have their limits', async () => {
    const { id, records, risks } = await world()
    const principal = who('qa')
    expect(await readTimeline(records)({ principal, ticketId: id, before: null, limit: 101 })()).toMatchObject({
      left: { type: 'TooMany', field: 'limit' },
    })
    const tooMany = { left: { type: 'TooMany', field: 'pageSize', max: 100, actual: 101 } }
    expect(await listRisksAfter(risks)({ principal, filters: {}, cursor: null, limit: 101 })()).toMatchObject(tooMany)
    expect(await listRisks(risks)({ principal, filters: {}, page: 1, pageSize: 101 })()).toMatchObject(tooMany)
  })

  it('figures are not for a service, and trends have at most three dimensions', async () => {
    const { figures } = await world()
    const principal = who('service')
    const refused = { left: { type: 'NotAllowed', action: 'read_dashboard', role: 'service' } }
    expect(await readDashboardSummary(figures)({ principal, projects: [] })()).toMatchObject(refused)
    expect(await readWorkload(figures)({ principal, projects: [] })()).toMatchObject(refused)
    const trends = readFaultTrends(figures)
    const none = { principal: who('qa'), projects: [], from: null, before: null, causes: [] }
    expect(await trends({ ...none, by: ['month', 'fault_cause', 'zone_no'] })()).toMatchObject({ _tag: 'Right' })
    expect(await trends({ ...none, by: ['month', 'fault_cause', 'zone_no', 'dr_number'] })()).toMatchObject({
      left: { type: 'TooMany', field: 'by', max: 3 },
    })
  })
})
