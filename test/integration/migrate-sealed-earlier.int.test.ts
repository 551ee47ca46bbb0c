import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { memoryAnchorStore } from '../../src/adapters/memory/anchor-store.ts'
import { migrate, migrationsFolder } from '../../src/adapters/postgres/migrate.ts'
import { postgresProofRecords } from '../../src/adapters/postgres/proof-records.ts'
import { postgresSnapshotOpenings } from '../../src/adapters/postgres/snapshot-openings.ts'
import { postgresSnapshotQueries } from '../../src/adapters/postgres/snapshot-queries.ts'
import { verifySnapshots } from '../../src/application/handover/verify-snapshots.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { anyTimestamp, aSigner, tools } from '../support/proof.ts'
import { done } from '../support/stored-tickets.ts'

/** Two handovers sealed by the build of migration 0007: format 1, not signed yet. */
const FIXTURE = join(import.meta.dirname, '../fixtures/database-at-0007.json')

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Handovers sealed before they were signed', () => {
    it('verify after the upgrade, untouched', async () => {
      const { pool, close } = await testDatabase(engine)
      const dir = await mkdtemp(join(tmpdir(), 'sealed-earlier-'))
      try {
        await pool.query('drop schema public cascade; create schema public; drop schema if exists pgboss cascade')
        const files = (await readdir(migrationsFolder())).filter((name) => name.endsWith('.sql'))
        const copy = (names: ReadonlyArray<string>) =>
          Promise.all(names.map((name) => copyFile(join(migrationsFolder(), name), join(dir, name))))
        await copy(files.filter((name) => name < '0008'))
        await migrate(pool, { dir })
        const tables: Readonly<Record<string, ReadonlyArray<object>>> = JSON.parse(await readFile(FIXTURE, 'utf8'))
        for (const [table, rows] of Object.entries(tables))
          for (const row of rows)
            await pool.query(
              `insert into ${table} (${Object.keys(row).join(', ')})
              select ${Object.keys(row).join(', ')} from jsonb_populate_record(null::${table}, $1::jsonb)`,
              [JSON.stringify(row)],
            )
        await copy(files.filter((name) => name >= '0008'))
        expect((await migrate(pool, { dir })).length).toBeGreaterThan(1)
        const verify = () =>
          done(
            verifySnapshots({
              snapshotQueries: postgresSnapshotQueries(pool),
              snapshotOpenings: postgresSnapshotOpenings(pool),
              proofRecords: postgresProofRecords(pool),
              anchorStore: memoryAnchorStore(),
              signer: aSigner(),
              readTimestamp: anyTimestamp,
              tools,
            })({ principal: { userId: 'm', role: 'manager', contractorId: null, teams: [] }, scope: { type: 'all' } }),
          )
        expect(await verify()).toMatchObject({ snapshots: 2, faults: 0, not_yet_anchored: 2 })
        await pool.query('alter table handover_snapshots disable trigger all')
        await pool.query(`update handover_snapshots set handover_by = 'mallory' where seq = 1`)
        expect((await verify()).findings.map(({ what }) => what)).toEqual([
          { type: 'ColumnDiffers', seq: 1, column: 'handover_by' },
        ])
      } finally {
        await rm(dir, { recursive: true })
        await close()
      }
    })
  })
