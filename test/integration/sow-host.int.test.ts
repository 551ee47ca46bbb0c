import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import {
  findHostSow,
  type HostSow,
  hostSowCarries,
  hostSowProjects,
  hostSowSql,
} from '../../src/adapters/postgres/sow-host.ts'
import { postgresSowSource } from '../../src/adapters/postgres/sow-source.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { platformAnswers } from '../../src/domain/readiness/platforms-aligned.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'

const PROJECT = '11111111-1111-4111-8111-111111111111'
const OTHER = '22222222-2222-4222-8222-222222222222'

/** (a) drops that carry pole, PON and zone themselves, and poles beside them. */
const WITH_PLACES = `
create table sow_drops (id uuid default gen_random_uuid() primary key, project_id uuid not null, drop_number varchar(255) not null,
  pole_number varchar(255), latitude numeric, longitude numeric, address text, pon_no integer, zone_no integer, raw_data jsonb,
  unique (project_id, drop_number));
create table sow_poles (id uuid default gen_random_uuid() primary key, project_id uuid not null, pole_number varchar(255) not null,
  latitude numeric, longitude numeric, status varchar(50), pon_no integer, zone_no integer, unique (project_id, pole_number));
insert into sow_drops (project_id, drop_number, pole_number, latitude, longitude, address, pon_no, zone_no, raw_data) values
  ('${PROJECT}', 'DR1729500', 'LAW.P.A002', -26.31, 27.81, '1 Main Road', 7, 12, null),
  ('${PROJECT}', 'DR 1729501', 'law.p.a003 ', null, null, '', 8, 12, '{"comments": "Spare"}'),
  ('${PROJECT}', 'DR1729502', 'LAW.P.A002', null, null, null, 9, 13, null),
  ('${PROJECT}', '1729503', null, null, null, null, null, null, '{"strtfeat": "LAW.P.A003", "pon_no": "08"}'),
  ('${OTHER}', 'DR1729500', 'MOH.P.A001', null, null, null, 1, 1, null),
  ('${OTHER}', 'DR1729504', 'MOH.P.A009', null, null, null, null, null, null),
  ('${PROJECT}', 'DRTEST001', 'LAW.P.A002', null, null, null, 7, 12, null);
insert into sow_poles (project_id, pole_number, latitude, longitude, pon_no, zone_no) values
  ('${PROJECT}', 'LAW.P.A002', -26.3, 27.8, 7, 12), ('${OTHER}', 'MOH.P.A009', -26.4, 27.9, 4, 2)`

/** (b) drops that say nothing of their place: the pole is on the home's own row, PON and zone on the pole. */
const WITHOUT_PLACES = `
create table projects (id uuid primary key);
create table sow_drops (id uuid primary key default gen_random_uuid(), project_id uuid, drop_number varchar(255) not null,
  address varchar(500), customer_name varchar(255), latitude decimal(10, 8), longitude decimal(11, 8),
  status varchar(50) default 'pending', notes text, metadata jsonb default '{}');
create index on sow_drops (drop_number);
create table sow_poles (id uuid primary key default gen_random_uuid(), project_id uuid, pole_number varchar(255) not null,
  latitude decimal(10, 8), longitude decimal(11, 8), pon_no integer, zone_no integer);
create table drops (id uuid primary key default gen_random_uuid(), drop_number varchar(100) unique, pole_number varchar(100), project_id uuid);
insert into sow_drops (project_id, drop_number, address, metadata, notes) values
  ('${PROJECT}', 'DR1729500', '1 Main Road', '{}', null), ('${PROJECT}', 'DR1729501', null, '{"pole_number": "LAW.P.A003"}', 'spare'),
  ('${PROJECT}', 'DR1729502', null, '{}', null), ('${PROJECT}', 'DR1729503', null, '{}', null);
insert into drops (project_id, drop_number, pole_number) values
  ('${PROJECT}', 'DR1729500', 'LAW.P.A002'), ('${PROJECT}', 'DR1729503', 'LAW.P.A004');
insert into sow_poles (project_id, pole_number, latitude, longitude, pon_no, zone_no) values
  ('${PROJECT}', 'LAW.P.A002', -26.3, 27.8, 7, 12), ('${PROJECT}', 'LAW.P.A003', null, null, 8, 12),
  ('${PROJECT}', 'LAW.P.A004', -26.3, 27.8, 7, 12), ('${PROJECT}', 'LAW.P.A004', -26.3, 27.8, 9, 12)`

/** (c) views over imported SharePoint sheets; numbers come as texts, and a drop stands once per joined row. */
const VIEWS = `
create table sharepoint_hld_home (id integer, project_id text, label text, strtfeat text, lat text, lon text, address text,
  pon_no text, zone_no text, comments text, raw_data jsonb);
create table sharepoint_nokia_exp (home_reference text);
create table sharepoint_hld_pole (project_id text, label_1 text, lat text, lon text, pon_no text, zone_no text);
create view sow_poles as select project_id, label_1 as pole_number, lat as latitude, lon as longitude, pon_no, zone_no from sharepoint_hld_pole;
create view sow_drops as select hld.id, hld.project_id, hld.label as drop_number, hld.strtfeat as pole_number, hld.lat as latitude,
  hld.lon as longitude, hld.address, hld.pon_no, hld.zone_no, hld.comments, hld.raw_data
  from sharepoint_hld_home hld left join sharepoint_nokia_exp nokia on nokia.home_reference = hld.label;
insert into sharepoint_hld_home values
  (1, 'lawley', 'DR1729500', 'LAW.P.A002', '-26.31', '27.81', '1 Main Road', '7.0', 'Zone 12', null, null),
  (2, 'lawley', 'DR1753202', 'LAW.P.C175', '', '', null, '110', '10', null, null),
  (3, 'lawley', 'DR1753202', 'LAW.P.C698', '', '', null, '137', '11', 'Spare', null);
insert into sharepoint_nokia_exp values ('DR1729500'), ('DR1729500');
insert into sharepoint_hld_pole values ('lawley', 'LAW.P.A002', '-26.3', '27.8', 'PON 07', '12')`

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, "The host's own design", () => {
    let database: TestDatabase
    beforeEach(async () => {
      database = await testDatabase(engine)
    })
    afterEach(() => database.close())

    const hostWith = async (tables: string): Promise<HostSow> => {
      await database.pool.query(tables)
      const host = await findHostSow(database.pool)
      if (host === null) throw new Error('the tables were not found')
      return host
    }
    const lookUp = async (host: HostSow, dr: string, project: string | null = null) => {
      const answer = await postgresSowSource(database.pool, host).rowsOf(dr, project)()
      if (E.isLeft(answer)) throw new Error('away')
      return answer.right
    }

    it('a host without design tables has none', async () => {
      expect(await findHostSow(database.pool)).toBeNull()
      await database.pool.query('create table sow_drops (id integer)')
      expect(await findHostSow(database.pool)).toBeNull()
    })

    it('drops that carry pole, PON and zone answer for themselves, and a pole that says otherwise is shown beside them', async () => {
      const host = await hostWith(WITH_PLACES)
      expect(hostSowCarries(host)).toEqual(['pole', 'pon', 'zone'])
      expect(await lookUp(host, 'DR1729500', PROJECT)).toEqual({
        connected: [PROJECT],
        rows: [
          {
            projectId: PROJECT,
            dr: 'DR1729500',
            pole: 'LAW.P.A002',
            pon: '7',
            zone: '12',
            address: '1 Main Road',
            latitude: -26.31,
            longitude: 27.81,
            status: null,
            spare: false,
            source: 'host',
            asOf: null,
            poleSays: { pons: ['7'], zones: ['12'] },
          },
        ],
      })
      expect((await lookUp(host, 'DR1729500')).rows.map(({ pole }) => pole)).toEqual(['LAW.P.A002', 'MOH.P.A001'])
      expect((await lookUp(host, 'DR1729501')).rows).toMatchObject([
        { dr: 'DR1729501', pole: 'LAW.P.A003', spare: true, address: null },
      ])
      expect((await lookUp(host, 'DR1729502')).rows).toMatchObject([
        { pon: '9', zone: '13', latitude: -26.3, poleSays: { pons: ['7'], zones: ['12'] } },
      ])
      expect((await lookUp(host, 'DR1729503')).rows).toMatchObject([
        { dr: 'DR1729503', pole: 'LAW.P.A003', pon: '8', zone: null },
      ])
      expect((await lookUp(host, 'DR1729504')).rows).toMatchObject([{ pole: 'MOH.P.A009', pon: '4', zone: '2' }])
      expect(await lookUp(host, 'DR9999999')).toEqual({ rows: [], connected: [PROJECT, OTHER] })
      expect(await lookUp(host, 'DR1729500', 'unassigned')).toEqual({ rows: [], connected: [] })
    })

    it('drops without a place have it from their home and its pole; a pole with two PONs decides nothing', async () => {
      const host = await hostWith(WITHOUT_PLACES)
      expect(hostSowCarries(host)).toEqual(['pole', 'pon', 'zone'])
      expect((await lookUp(host, 'DR1729500', PROJECT)).rows).toMatchObject([
        { pole: 'LAW.P.A002', pon: '7', zone: '12', latitude: -26.3, longitude: 27.8, spare: false, status: 'pending' },
      ])
      expect((await lookUp(host, 'DR1729501', PROJECT)).rows).toMatchObject([
        { pole: 'LAW.P.A003', pon: '8', spare: true },
      ])
      expect((await lookUp(host, 'DR1729502', PROJECT)).rows).toMatchObject([{ pole: null, pon: null, poleSays: null }])
      expect((await lookUp(host, 'DR1729503', PROJECT)).rows).toMatchObject([
        { pole: 'LAW.P.A004', pon: null, zone: '12', poleSays: { pons: ['7', '9'], zones: ['12'] } },
      ])
    })

    it('a pole stands where its own row says, within its project; where poles have no coordinates it stands nowhere', async () => {
      const placesOf = async (host: HostSow | null, pole: string, project: string) => {
        const answer = await postgresSowSource(database.pool, host).placesOfPole(pole, project)()
        if (E.isLeft(answer)) throw new Error('away')
        return answer.right
      }
      const host = await hostWith(WITHOUT_PLACES)
      const there = [{ lat: -26.3, lon: 27.8 }]
      expect(await placesOf(host, 'LAW.P.A002', PROJECT)).toEqual(there)
      expect(await placesOf(host, 'LAW.P.A004', PROJECT)).toEqual(there)
      expect(await placesOf(host, 'LAW.P.A003', PROJECT)).toEqual([])
      expect(await placesOf(host, 'LAW.P.A002', OTHER)).toEqual([])
      expect(await placesOf(host, 'LAW.P.A002', 'lawley')).toEqual([])
      await database.pool.query('drop table sow_drops, sow_poles, drops')
      const views = await hostWith(VIEWS)
      expect(await placesOf(views, 'LAW.P.A002', 'lawley')).toEqual(there)
      await database.pool.query('drop view sow_poles')
      const without = await findHostSow(database.pool)
      expect(await placesOf(without, 'LAW.P.A002', 'lawley')).toEqual([])
      await database.pool.query(
        `insert into platform_records (project_id, platform, dr_number, row_no, pole_number, latitude, longitude, as_of) values
          ('lawley', 'sow', 'DR1', 1, 'LAW.P.A002', -26.3, 27.8, now()), ('lawley', 'sow', 'DR2', 1, 'LAW.P.A002', -26.2, null, now()),
          ('mohadin', 'sow', 'DR1', 1, 'LAW.P.A002', 1, 1, now()), ('lawley', 'tracker', 'DR1', 1, 'LAW.P.A002', 1, 1, now())`,
      )
      expect(await placesOf(null, 'LAW.P.A002', 'lawley')).toEqual(there)
      expect(await placesOf(null, 'LAW.P.A009', 'lawley')).toEqual([])
    })

    it('drops without a place and no poles carry nothing that could be compared', async () => {
      const host = await hostWith(
        "create table sow_drops (project_id integer, drop_number text); insert into sow_drops values (4, 'DR1729500')",
      )
      expect(hostSowCarries(host)).toEqual([])
      expect((await lookUp(host, 'DR1729500', '4')).rows).toMatchObject([
        { projectId: '4', pole: null, pon: null, poleSays: null },
      ])
      expect((await lookUp(host, 'DR1729500', '5')).rows).toEqual([])
      expect((await lookUp(host, 'DR1729500', 'lawley')).rows).toEqual([])
    })

    it('views over sheets answer in the same words, each row once', async () => {
      const host = await hostWith(VIEWS)
      expect((await lookUp(host, 'DR1729500')).rows).toMatchObject([
        {
          projectId: 'lawley',
          pole: 'LAW.P.A002',
          pon: '7',
          zone: '12',
          latitude: -26.31,
          poleSays: { pons: ['7'], zones: ['12'] },
        },
      ])
      expect(
        (await lookUp(host, 'DR1753202', 'lawley')).rows.map(({ pole, pon, spare }) => [pole, pon, spare]),
      ).toEqual([
        ['LAW.P.C175', '110', false],
        ['LAW.P.C698', '137', true],
      ])
    })

    it.each([
      ['drops that carry their place', WITH_PLACES, PROJECT],
      ['drops without a place', WITHOUT_PLACES, PROJECT],
      ['views', VIEWS, 'lawley'],
    ])(
      'a ticket is judged by the design of %s, where the host has one of its project',
      async (_, tables, projectId) => {
        const host = await hostWith(tables)
        const tickets = postgresTicketStore(database.pool, {
          sow: {
            rows: (project, drops) => hostSowSql(host, { project, drops }),
            connected: (project) => `exists (${hostSowProjects(host, project)})`,
            carries: hostSowCarries(host),
          },
          sha256,
          nudge: () => {},
        })
        const pending = await storedIn(tickets, 'pending_qa', { projectId })
        const { facts } = await loaded(tickets, pending)
        expect(facts.platforms.sow).toEqual({ connected: true, carries: ['pole', 'pon', 'zone'] })
        expect(facts.rows).toMatchObject([
          { platform: 'sow', dr: 'DR1729500', pole: 'LAW.P.A002', pon: '7', zone: '12' },
        ])
        expect(platformAnswers(pending, facts)[0]).toMatchObject({ platform: 'sow', status: 'aligned' })
        expect(await tickets.context('elsewhere', 'DR1729500')()).toMatchObject(
          E.right({ facts: { platforms: { sow: { connected: false } }, rows: [] } }),
        )
      },
    )

    it('a drop of a large design is found by its index', async () => {
      const host = await hostWith(WITH_PLACES)
      await database.pool.query(`
        insert into sow_drops (project_id, drop_number, pole_number, pon_no, zone_no)
        select '${PROJECT}', 'DR' || (1800000 + n), 'LAW.P.' || n % 3000, n % 200, n % 20 from generate_series(1, 6000) n;
        insert into sow_poles (project_id, pole_number) select '${PROJECT}', 'LAW.P.' || n from generate_series(1, 3000) n`)
      await database.pool.query('analyze')
      const sql = hostSowSql(host, { project: '$1::text', drops: '$2::text[]' })
      const { rows } = await database.pool.query(`explain ${sql}`, [PROJECT, ['DR1800007']])
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toContain('sow_drops_project_id_drop_number_key')
      expect(plan).not.toMatch(/Seq Scan on sow_(drops|poles)/)
    })
  })
