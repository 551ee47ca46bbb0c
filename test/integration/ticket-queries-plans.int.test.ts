import * as E from 'fp-ts/lib/Either.js'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Queryable, textOf } from '../../src/adapters/contract/pool.ts'
import { pageStatement, postgresTicketQueries, sliceStatement } from '../../src/adapters/postgres/ticket-queries.ts'
import { TICKET_SORTS, type TicketFilters, type Wanted } from '../../src/application/ports/ticket-queries.ts'
import { searchWords } from '../../src/application/ticket/search-words.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { LOOKED_AT, manyTickets } from '../support/many-tickets.ts'

const TICKETS = 50_000

const wanted = (filters: TicketFilters, q = '', over: Partial<Wanted> = {}): Wanted => ({
  sight: { type: 'all' },
  filters,
  words: searchWords(q),
  sort: { by: 'created_at', direction: 'desc' },
  now: LOOKED_AT,
  client: true,
  ...over,
})

type Node = { 'Node Type': string; 'Relation Name'?: string; Plans?: Node[] }

/** Every step of a plan that reads all tickets one after the other. */
const seqScans = (node: Node): ReadonlyArray<string> => [
  ...(node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'tickets' ? [node['Node Type']] : []),
  ...(node.Plans ?? []).flatMap(seqScans),
]

describeOn('postgres', `With ${TICKETS} tickets`, () => {
  let database: TestDatabase
  let pool: pg.Pool
  beforeAll(async () => {
    database = await testDatabase('postgres')
    pool = database.pool
    await manyTickets(pool, TICKETS)
  })
  afterAll(() => database.close())

  const planOf = async ({ text, values }: { text: string; values: unknown[] }): Promise<ReadonlyArray<string>> => {
    const { rows } = await pool.query(`explain (format json) ${text}`, values)
    return seqScans(rows[0]['QUERY PLAN'][0].Plan)
  }

  it.each<{ readonly by: string; readonly filters: TicketFilters; readonly q?: string }>([
    { by: 'a state and a project', filters: { status: ['in_progress'], project: ['project-2'] } },
    {
      by: 'several states and a priority',
      filters: { status: ['open', 'assigned'], priority: ['critical', 'urgent'] },
    },
    { by: 'an assignee', filters: { assignee: ['technician-7'], status: ['assigned', 'in_progress'] } },
    { by: 'a contractor and a state', filters: { contractor: ['contractor-3'], status: ['qa_rejected'] } },
    { by: 'a team', filters: { team: ['team-4'], status: ['in_progress'] } },
    { by: 'a DR', filters: { dr: ['DR1700123'] } },
    { by: 'a pole', filters: { pole: ['LAW.P.A0042'] } },
    { by: 'a PON of a project', filters: { pon: ['17'], project: ['project-5'] } },
    { by: 'what is overdue', filters: { overdue: true, project: ['project-1'] } },
    { by: 'what nobody has', filters: { unassigned: true } },
    { by: 'a week', filters: { createdFrom: '2026-11-02T00:00:00.000Z', createdBefore: '2026-11-09T00:00:00.000Z' } },
    { by: 'a weekly report', filters: { weeklyReport: ['6f1c0cde-6c1f-4b7e-9f0e-0c1a2b3c4d5e'] } },
    { by: 'duplicates of a ticket', filters: { duplicateOf: ['6f1c0cde-6c1f-4b7e-9f0e-0c1a2b3c4d5e'] } },
    { by: 'a number', filters: {}, q: '1700123' },
    { by: 'words', filters: { status: ['open'] }, q: 'case 4999' },
  ])('a list by $by reads no ticket that an index can leave out', async ({ filters, q }) => {
    expect(await planOf(pageStatement(wanted(filters, q), { page: 1, pageSize: 25 }, 'platform_records'))).toEqual([])
  })

  it.each([
    ['own', { type: 'own', userId: 'technician-7', contractorId: null, teams: ['team-99'] }],
    ['own of a contractor', { type: 'own', userId: 'boss', contractorId: 'contractor-3', teams: [] }],
    ['made', { type: 'made', userId: 'nobody' }],
  ] as const)('what a caller may see (%s) is found by index', async (_, sight) => {
    const list = wanted({ status: ['assigned', 'in_progress'] }, '', { sight })
    const page = pageStatement(list, { page: 1, pageSize: 25 }, 'platform_records')
    expect(await planOf(page)).toEqual([])
  })

  it.each([
    ['1700123', true],
    ['storm 4999', true],
    ['storm 4999', false],
  ])('what is typed (%s, the client seen: %s) is looked up in the index of words first', async (q, client) => {
    const { text, values } = pageStatement(wanted({}, q, { client }), { page: 1, pageSize: 25 }, 'platform_records')
    const { rows } = await pool.query(`explain ${text}`, values)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan.match(/Bitmap Index Scan on idx_tickets_search/g)).toHaveLength(2)
  })

  it.each(TICKET_SORTS.flatMap((by) => [[by, 'asc'] as const, [by, 'desc'] as const]))(
    'pages by %s %s walk along its index, from the start and from any position',
    async (by, direction) => {
      const list = wanted({}, '', { sort: { by, direction } })
      const first = await postgresTicketQueries(pool, 'platform_records').slice(list, { after: null, limit: 25 })()
      if (E.isLeft(first) || first.right.next === null) throw new Error('there is a next page')
      for (const after of [null, first.right.next]) {
        const { text, values } = sliceStatement(list, { after, limit: 25 }, 'platform_records')
        const { rows } = await pool.query(`explain ${text}`, values)
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
        expect(plan).toMatch(/Index (Only )?Scan( Backward)? using (?!tickets_pkey)\w+ on tickets/)
        expect(plan).not.toMatch(/Seq Scan on tickets/)
        if (after !== null) expect(plan).toMatch(/Index Cond: \(ROW\(/)
      }
    },
  )

  it('25 tickets by two filters are one statement, and a total beyond 10,000 is an estimate near the truth', async () => {
    const statements: string[] = []
    const counting: Queryable = {
      query: (text, values) => {
        statements.push(textOf(text))
        return pool.query(text, values)
      },
    }
    const queries = postgresTicketQueries(counting, 'platform_records')
    const few = await queries.page(wanted({ status: ['in_progress'], project: ['project-2'] }), {
      page: 1,
      pageSize: 25,
    })()
    expect(statements).toHaveLength(1)
    expect(few).toMatchObject({ right: { totalIsEstimate: false } })
    const many = await queries.page(wanted({ status: ['closed'] }), { page: 1, pageSize: 25 })()
    if (E.isLeft(many)) throw new Error('unavailable')
    expect(many.right.totalIsEstimate).toBe(true)
    expect(many.right.rows).toHaveLength(25)
    expect(Math.abs(many.right.total - 40_000)).toBeLessThan(4_000)
    expect(statements).toHaveLength(3)
  })
})
