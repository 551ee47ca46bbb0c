import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOn, type Engine, type TestDatabase, testDatabase } from '../support/databases.ts'

for (const engine of ['postgres', 'pglite', 'neon'] as const satisfies ReadonlyArray<Engine>) {
  describeOn(engine, 'a test database', () => {
    let one: TestDatabase
    let other: TestDatabase
    beforeAll(async () => {
      one = await testDatabase(engine)
      other = await testDatabase(engine)
    })
    afterAll(async () => {
      await one?.close()
      await other?.close()
    })

    it('is migrated', async () => {
      const { rows } = await one.pool.query("select to_regclass('public.tickets') is not null as migrated")
      expect(rows).toEqual([{ migrated: true }])
    })

    it('starts without rows', async () => {
      const { rows } = await one.pool.query('select count(*)::int as tickets from tickets')
      expect(rows).toEqual([{ tickets: 0 }])
    })

    it('does not see what another one holds', async () => {
      await one.pool.query('create table here_only (id int primary key)')
      const { rows } = await other.pool.query("select to_regclass('here_only') as found")
      expect(rows).toEqual([{ found: null }])
    })

    it('names a broken uniqueness by its SQLSTATE', async () => {
      await one.pool.query('create table once (id int primary key)')
      await one.pool.query('insert into once values (1)')
      await expect(one.pool.query('insert into once values (1)')).rejects.toMatchObject({ code: '23505' })
    })
  })
}
