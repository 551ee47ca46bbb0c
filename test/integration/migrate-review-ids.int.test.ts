import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrate, migrationsFolder } from '../../src/adapters/postgres/migrate.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

const RISK = `
with ticket as (
  insert into tickets (source, title, ticket_type, project_id, status, assigned_to)
  values ('manual', 'x', 'incident', 'p', 'assigned', 'thabo') returning id
)
insert into qa_risk_acceptances (ticket_id, risk_type, risk_description, risk_expiry_date, accepted_by, reviews)
select id, 'other', 'x', '2026-03-10', 'zanele', $1::jsonb from ticket`

describeOn('postgres', 'Reviews from before they had ids', () => {
  it('are given theirs, in their order, and nothing else changes', async () => {
    const { pool, close } = await testDatabase('postgres')
    const dir = await mkdtemp(join(tmpdir(), 'review-ids-'))
    try {
      await pool.query('drop schema public cascade; create schema public; drop schema if exists pgboss cascade')
      const files = (await readdir(migrationsFolder())).filter((name) => name.endsWith('.sql'))
      const copy = (names: ReadonlyArray<string>) =>
        Promise.all(names.map((name) => copyFile(join(migrationsFolder(), name), join(dir, name))))
      await copy(files.filter((name) => name < '0007'))
      await migrate(pool, { dir })
      const reviews = ['First', 'Second'].map((outcome) => ({ at: 'x', by: 'zanele', outcome, nextOn: null }))
      await pool.query(RISK, [JSON.stringify(reviews)])
      await pool.query(RISK, ['[]'])
      await copy(files.filter((name) => name >= '0007'))
      await migrate(pool, { dir })
      const { rows } = await pool.query('select reviews from qa_risk_acceptances order by seq')
      expect(rows).toEqual([
        { reviews: reviews.map((review) => ({ ...review, id: expect.stringMatching(/^[0-9a-f-]{36}$/) })) },
        { reviews: [] },
      ])
    } finally {
      await rm(dir, { recursive: true })
      await close()
    }
  })
})
