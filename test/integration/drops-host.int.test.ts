import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { findHostInstallations } from '../../src/adapters/postgres/drops-host.ts'
import { postgresPlatformStore } from '../../src/adapters/postgres/platform-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { resettled } from '../../src/application/platform/recheck-touched.ts'
import type { Principal } from '../../src/application/principal.ts'
import { ticketChanges } from '../../src/application/ticket/changes.ts'
import { addDays, dayInJohannesburg } from '../../src/domain/shared/time.ts'
import { compose } from '../../src/infrastructure/compose.ts'
import { readConfig } from '../../src/infrastructure/config.ts'
import { changeDeps } from '../support/change-deps.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { importing, record } from '../support/platform-imports.ts'
import { done, only } from '../support/stored-tickets.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'
import { AT, later } from '../support/tickets.ts'

const PROJECT = '11111111-1111-4111-8111-111111111111'
const OTHER = '22222222-2222-4222-8222-222222222222'
const DR = 'DR1729500'
const MANAGER: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }

const DROPS = `
create table drops (id uuid primary key default gen_random_uuid(), drop_number varchar(100) unique, pole_number varchar(100),
  project_id uuid, installation_date date, status varchar(50) default 'planned', installed_at timestamptz)`

it('a program started beside them reads them, and one started before does not miss its tickets', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'host-drops-'))
  const config = readConfig({ DATA_DIR: dataDir, EXAMPLES: 'off' })
  if (E.isLeft(config)) throw new Error('no config')
  const seen = async (work: (pool: Pool) => Promise<unknown> = async () => {}) => {
    const { ports, close } = await compose(config.right, pino({ level: 'silent' }))
    try {
      await work(ports.database.pool)
      return (await done(ports.tickets.context(PROJECT, DR))).installed
    } finally {
      await close()
    }
  }
  const row = `insert into drops (project_id, drop_number, installation_date) values ('${PROJECT}', '${DR}', '2026-02-01')`
  expect(await seen((pool) => pool.query(`${DROPS}; ${row}`))).toBeNull()
  expect(await seen()).toEqual({ day: '2026-02-01', source: 'host_drops' })
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, "Installation dates of the host's own drops", () => {
    let database: TestDatabase
    beforeEach(async () => {
      database = await testDatabase(engine)
    })
    afterEach(() => database.close())

    const options = async () => {
      const hostInstallations = await findHostInstallations(database.pool)
      return {
        sow: 'platform_records' as const,
        sha256,
        nudge: () => {},
        ...(hostInstallations === null ? {} : { hostInstallations }),
      }
    }
    const installed = async (projectId = PROJECT, dr: string | null = DR) =>
      (await done(postgresTicketStore(database.pool, await options()).context(projectId, dr))).installed
    const query = (sql: string, values: unknown[] = []) => database.pool.query(sql, values)

    it('a database without them, or with drops of another kind, is judged by what else is known', async () => {
      for (const tables of [
        'create table other (id integer)',
        'create table drops (drop_number text, installation_date date)',
        'alter table drops add column project_id uuid, drop column installation_date',
        'alter table drops add column installation_date text',
      ]) {
        await query(tables)
        expect(await findHostInstallations(database.pool)).toBeNull()
        expect(await installed()).toBeNull()
      }
      await query('alter table drops alter column installation_date type date using installation_date::date')
      expect(await findHostInstallations(database.pool)).not.toBeNull()
    })

    it('drops that this application may not read are as good as absent', async () => {
      const role = `onlooker_${randomUUID().slice(0, 8)}`
      await query(`${DROPS}; create role ${role}; grant usage on schema public to ${role}`)
      const client = await database.pool.connect()
      try {
        await client.query(`set role ${role}`)
        expect(await findHostInstallations(client)).toBeNull()
        await client.query('reset role')
        expect(await findHostInstallations(client)).not.toBeNull()
      } finally {
        await client.query(`reset role; drop owned by ${role}; drop role ${role}`)
        client.release()
      }
    })

    it('the date counts below what a person entered and above what a tracker says', async () => {
      await query(DROPS)
      const store = postgresPlatformStore(database.pool, await options())
      const tracker = importing([record({ installedOn: '2026-02-03' })], { platform: 'tracker', projectId: PROJECT })
      await done(store.replace(tracker, () => null))
      expect(await installed()).toEqual({ day: '2026-02-03', source: 'tracker' })
      await query(`insert into drops (project_id, drop_number, installation_date) values ('${PROJECT}', '${DR}', null)`)
      expect(await installed()).toEqual({ day: '2026-02-03', source: 'tracker' })
      await query(`update drops set installation_date = '2026-01-20'`)
      expect(await installed()).toEqual({ day: '2026-01-20', source: 'host_drops' })
      expect(await installed(OTHER)).toBeNull()
      expect(await installed('unassigned')).toBeNull()
      expect(await installed(PROJECT, null)).toBeNull()
      const entry = { projectId: PROJECT, dr: DR, installedOn: '2026-01-05', source: 'job card' }
      await done(store.recordInstallation({ ...entry, recordedBy: 'mpho', recordedAt: AT, version: 1 }, () => null))
      expect(await installed()).toEqual({ day: '2026-01-05', source: 'entered' })
    })

    it('a day to come is a plan; a drop installed without a date was installed when it says so', async () => {
      await query(`${DROPS}; insert into drops (project_id, drop_number) values ('${PROJECT}', '${DR}')`)
      const today = dayInJohannesburg(new Date(Date.now()).toISOString())
      const dated = async (date: string | null, at: string | null = null) => {
        await query('update drops set installation_date = $1, installed_at = $2', [date, at])
        return (await installed())?.day ?? null
      }
      expect(await dated(today)).toBe(today)
      expect(await dated(addDays(today, 1))).toBeNull()
      expect(await dated('infinity')).toBeNull()
      expect(await dated('2000-01-01')).toBe('2000-01-01')
      expect(await dated('1999-12-31')).toBeNull()
      expect(await dated(null, '2026-01-19T21:59:59Z')).toBe('2026-01-19')
      expect(await dated(null, '2026-01-19T22:00:00Z')).toBe('2026-01-20')
      expect(await dated('2026-01-15', '2026-01-19T22:00:00Z')).toBe('2026-01-15')
      expect(await dated(addDays(today, 1), '2026-01-19T22:00:00Z')).toBe('2026-01-20')
    })

    it.each([
      ['integer', '4', '4'],
      ['bigint', '4', '4'],
      ['text', "'lawley'", 'lawley'],
      ['varchar(20)', "'lawley'", 'lawley'],
    ])('projects known by %s are found by it; of several rows of a drop the latest counts', async (type, key, id) => {
      await query(`
        create table drops (project_id ${type}, drop_number text, installation_date timestamp);
        insert into drops values (${key}, 'dr1729500', '2026-01-14 23:30'), (${key}, 'DR 1729500', '2026-01-16 00:10'),
          (${key}, '1729500', null), (${key}, 'DR17295001', '2026-01-20'), (null, '${DR}', '2026-01-21')`)
      expect(await installed(id)).toEqual({ day: '2026-01-16', source: 'host_drops' })
      expect(await installed('mohadin')).toBeNull()
    })

    it('drops known by a bare number are found by it', async () => {
      await query(`
        create table drops (project_id integer, drop_number integer, installation_date timestamptz);
        insert into drops values (4, 1729500, '2026-01-14 23:30Z')`)
      expect(await installed('4')).toEqual({ day: '2026-01-15', source: 'host_drops' })
    })

    it('the guarantee of a ticket starts there, whether it is read alone, among others or settled by an import', async () => {
      await query(`${DROPS}; insert into drops (project_id, drop_number, installation_date)
        values ('${PROJECT}', '${DR}', '2026-02-01')`)
      const given = await options()
      const tickets = postgresTicketStore(database.pool, given)
      const ticket = await storedIn(tickets, 'in_progress', { projectId: PROJECT })
      const another = await storedIn(tickets, 'open', {
        projectId: PROJECT,
        place: { ...ticket.place, dr: 'DR1729501' },
      })
      const both = await done(tickets.load([ticket.id, another.id]))
      expect(Object.fromEntries(both.map((one) => [one.ticket.place.dr, one.installed]))).toEqual({
        [DR]: { day: '2026-02-01', source: 'host_drops' },
        DR1729501: null,
      })
      const target = { ticketId: ticket.id, principal: MANAGER, version: null }
      const said = { component: 'ont', details: 'Dead', reason: 'Swapped' } as const
      await done(ticketChanges(changeDeps(tickets)).attributeFault(target, { cause: 'material_failure', ...said }))
      expect((await loaded(tickets, ticket)).ticket.guarantee).toMatchObject({ expiresOn: '2027-02-01' })
      await query(`update drops set installation_date = '2026-01-31'`)
      const settling = resettled(changeDeps(tickets), later(60))
      const tracker = importing([record({ installedOn: '2026-01-01' })], { platform: 'tracker', projectId: PROJECT })
      await done(postgresPlatformStore(database.pool, given).replace(tracker, settling))
      expect((await loaded(tickets, ticket)).ticket.guarantee).toMatchObject({ expiresOn: '2027-01-31' })
    })

    it('a drop among many is found by its index, also by a plan made once', async () => {
      await query(`${DROPS}; insert into drops (project_id, drop_number, installation_date)
        select '${PROJECT}', 'DR' || (1800000 + n), '2026-01-01' from generate_series(1, 24000) n; analyze drops`)
      const sql = (await findHostInstallations(database.pool))?.('t.project_id', 't.dr_number') ?? ''
      const client = await database.pool.connect()
      try {
        for (const mode of ['force_custom_plan', 'force_generic_plan']) {
          await client.query(`set plan_cache_mode = ${mode}`)
          const { rows } = await client.query(
            `explain select (select max(i.day) from (${sql}) i) from tickets t where t.id = any($1::uuid[])`,
            [[randomUUID()]],
          )
          const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
          expect(plan).toContain('drops_drop_number_key')
          expect(plan).not.toContain('Seq Scan on drops')
        }
      } finally {
        client.release(true)
      }
      expect(only([await installed(PROJECT, 'DR1800007')])).toEqual({ day: '2026-01-01', source: 'host_drops' })
    })
  })
