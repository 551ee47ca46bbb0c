import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Queryable } from '../../src/adapters/contract/pool.ts'
import { postgresNotificationQueries } from '../../src/adapters/postgres/notification-queries.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { done } from '../support/stored-tickets.ts'

const TOLD = 50_000

type Node = {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  Plans?: Node[]
}

const steps = (node: Node): ReadonlyArray<Node> => [node, ...(node.Plans ?? []).flatMap(steps)]

describeOn('postgres', `With ${TOLD} notifications told`, () => {
  let database: TestDatabase
  const said: { text: string; values: unknown[] }[] = []
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await database.pool.query(
      `insert into notification_ledger (id, event_id, kind, recipient_type, recipient_id, happened_at, created_at, status, sent_at)
       select gen_random_uuid(), gen_random_uuid(), 'assignment', 'technician', 'thabo', at, at,
         case when n % 5000 = 0 then 'unknown' else 'read' end, at
       from generate_series(1, $1::integer) n, lateral (select now() - make_interval(mins => n) as at) t`,
      [TOLD],
    )
    await database.pool.query('vacuum analyze notification_ledger')
  })
  afterAll(() => database.close())

  const listening = (): Queryable => ({
    query: (statement, values = []) => {
      said.push({ text: typeof statement === 'string' ? statement : statement.text, values })
      return database.pool.query(statement as string, values)
    },
  })

  /** The most rows of the ledger that any step of the last statement read. */
  const readOf = async (ask: (queries: ReturnType<typeof postgresNotificationQueries>) => Promise<unknown>) => {
    await ask(postgresNotificationQueries(listening() as typeof database.pool))
    const { text, values } = said.at(-1) ?? { text: '', values: [] }
    const { rows } = await database.pool.query(`explain (analyze, format json) ${text}`, values)
    const ofLedger = steps(rows[0]['QUERY PLAN'][0].Plan).filter(
      (step) => step['Relation Name'] === 'notification_ledger' || step['Node Type'].startsWith('Bitmap Index'),
    )
    expect(ofLedger.length).toBeGreaterThan(0)
    expect(ofLedger.filter((step) => step['Node Type'] === 'Seq Scan')).toEqual([])
    return Math.max(...ofLedger.map((step) => step['Actual Rows'] * step['Actual Loops']))
  }

  it('the state of sending reads what waits and what nobody knows, not all that was told', async () => {
    expect(await readOf((queries) => done(queries.sending()))).toBeLessThan(100)
  })

  it('those nobody knows are found without the rest', async () => {
    const window = { after: null, limit: 50 }
    expect(await readOf((queries) => done(queries.list({ status: ['unknown'] }, window)))).toBeLessThan(100)
    expect(await readOf((queries) => done(queries.list({}, window)))).toBeLessThan(100)
  })
})
