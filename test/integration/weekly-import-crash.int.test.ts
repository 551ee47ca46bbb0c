import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, it } from 'vitest'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { carryOutReports } from '../../src/application/weekly-report/carry-out.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { importing, MANAGER, notesBook, onPool, right } from '../support/importing.ts'
import { notesRows } from '../support/workbooks.ts'

type Place = {
  readonly where: string
  readonly open: () => Promise<{ readonly pool: Pool; readonly close: () => Promise<void> }>
  readonly tidy: () => Promise<void>
}

const onServer = async (): Promise<Place> => {
  const database = await testDatabase('postgres')
  const open = async () => {
    const pool = new pg.Pool({ connectionString: database.url ?? '' })
    pool.on('error', () => {})
    return { pool, close: () => pool.end() }
  }
  return { where: database.url ?? '', open, tidy: database.close }
}

const onDisk = async (): Promise<Place> => {
  const where = await mkdtemp(join(tmpdir(), 'import-'))
  const { pool, close } = await openPglite({ dataDir: where })
  await migrate(pool)
  await close()
  return { where, open: () => openPglite({ dataDir: where }), tidy: () => rm(where, { recursive: true, force: true }) }
}

for (const kind of ['postgres', 'pglite'] as const)
  describeOn(kind, 'A process that is killed in the middle of an import', () => {
    it('loses no row and doubles none', async () => {
      const place = kind === 'postgres' ? await onServer() : await onDisk()
      const first = await place.open()
      const before = importing(onPool(first.pool))
      const { report } = right(await before.upload(notesBook(notesRows()), 'Lawley WE251114.xlsx'))
      right(await before.commit(MANAGER, report.id, report.version)())
      await first.close()

      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'weekly-import-process.ts'), kind, place.where],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      for await (const chunk of child.stdout) if (String(chunk).includes('in the middle')) break
      child.kill('SIGKILL')
      await once(child, 'exit')

      const { pool, close } = await place.open()
      const stores = onPool(pool)
      const use = importing(stores)
      const halfway = right(await use.reads.one(MANAGER, report.id)()).report
      expect([halfway.status, halfway.done_count]).toEqual(['processing', 15])
      const queue = pgBossJobQueue({ pool, kind, onError: () => {} })
      await queue.start([carryOutReports(use.carryOutDeps)])
      for (;;) {
        if (right(await use.reads.one(MANAGER, report.id)()).report.status === 'completed') break
        await sleep(100)
      }
      expect(right(await use.reads.one(MANAGER, report.id)()).report).toMatchObject({
        imported_count: 81,
        skipped_count: 12,
        error_count: 0,
        done_count: 93,
      })
      expect(await stores.ticketIds()).toHaveLength(81)
      const lines = await use.linesOf(report.id)
      expect(new Set(lines.flatMap(({ ticket_id }) => ticket_id ?? [])).size).toBe(81)
      const { rows } = await pool.query('select count(*)::integer as steps from verification_steps')
      expect(rows[0]?.steps).toBe(81 * 12)
      await queue.stop()
      await close()
      await place.tidy()
    }, 90_000)
  })
