import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { NOT_OF_A_SUBJECT, SUBJECT_TABLES } from '../../src/adapters/postgres/subject-tables.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

/** How a column names a ticket or a drop, whatever it refers to. */
const NAMES_ONE = '(^|_)ticket_ids?$|^(dr|dr_number|drop|drop_number|line|scope_value|tickets)$'

vi.setConfig({ hookTimeout: 120_000 })

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'What is given to a client and erased', () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())
    const listed = SUBJECT_TABLES.map(({ table }) => table)
    const columns = async (): Promise<ReadonlyArray<string>> => {
      const { rows } = await database.pool.query<{ name: string }>(
        `select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'`,
      )
      return rows.map(({ name }) => name)
    }

    it('is decided for every table that names a ticket or a drop', async () => {
      const { rows } = await database.pool.query<{ name: string }>(
        `select distinct c.table_name as name from information_schema.columns c
      where c.table_schema = 'public' and c.column_name ~ $1
      union
      select distinct conrelid::regclass::text from pg_constraint
      where contype = 'f' and confrelid = 'tickets'::regclass`,
        [NAMES_ONE],
      )
      const decided = [...listed, ...Object.keys(NOT_OF_A_SUBJECT)]
      expect(rows.length).toBeGreaterThan(20)
      expect(rows.map(({ name }) => name).filter((name) => !decided.includes(name))).toEqual([])
    })

    it('names each table once, and none that is not there', async () => {
      const decided = [...listed, ...Object.keys(NOT_OF_A_SUBJECT)]
      expect(decided.toSorted()).toEqual([...new Set(decided)].toSorted())
      const tables = new Set((await columns()).map((name) => name.split('.')[0]))
      expect(decided.filter((table) => !table.includes('.') && !tables.has(table))).toEqual([])
    })

    it('leaves no column empty that must not be', async () => {
      const { rows } = await database.pool.query<{ name: string }>(
        `select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and is_nullable = 'NO'`,
      )
      const must = rows.map(({ name }) => name)
      const emptied = SUBJECT_TABLES.flatMap(({ table, erased }) =>
        erased === 'rows' || 'apart' in erased
          ? []
          : Object.entries(erased.columns).flatMap(([column, how]) => (how === 'gone' ? [`${table}.${column}`] : [])),
      )
      expect(emptied.length).toBeGreaterThan(10)
      expect(emptied.filter((name) => must.includes(name))).toEqual([])
    })

    it('says whose the rows are, and names columns that are there', async () => {
      const known = await columns()
      for (const { table, ofTickets, ofDrop, erased } of SUBJECT_TABLES) {
        expect([table, ofTickets ?? ofDrop]).not.toEqual([table, null])
        if (erased === 'rows' || 'apart' in erased || table.includes('.')) continue
        const named = Object.entries(erased.columns)
        expect(named.map(([column]) => `${table}.${column}`).filter((name) => !known.includes(name))).toEqual([])
        if (named.some(([, how]) => how === 'words')) expect(known).toContain(`${table}.id`)
      }
    })
  })
