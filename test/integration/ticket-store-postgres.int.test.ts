import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { type Pool, type Prepared, textOf } from '../../src/adapters/contract/pool.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { Stored, TicketStore } from '../../src/application/ports/ticket-store.ts'
import { addPhoto } from '../../src/domain/ticket/add-photo.ts'
import { assign } from '../../src/domain/ticket/assign.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { manyTickets } from '../support/many-tickets.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { chainIn, eventsIn } from '../support/ticket-rows.ts'
import { later, MANAGER, photo, REVIEWER, stamp, TECHNICIAN } from '../support/tickets.ts'

describeOn('postgres', 'Tickets in their tables', () => {
  let database: TestDatabase
  let pool: pg.Pool
  let store: TicketStore
  const options = { sow: 'platform_records', sha256, nudge: () => {} } as const

  beforeAll(async () => {
    database = await testDatabase('postgres')
    pool = database.pool
    store = postgresTicketStore(pool, options)
  })
  afterAll(() => database.close())

  const load = async (id: string): Promise<Stored> => only(await done(store.load([id])))
  const keep = async (ticket: Ticket): Promise<Stored> => {
    await done(store.commit([creationOf(ticket)], []))
    return load(ticket.id)
  }
  const rowOf = async (table: string, where: string, value: unknown) =>
    only((await pool.query(`select * from ${table} where ${where} = $1`, [value])).rows)
  const startingQa = (before: Stored) =>
    changeOf(before, startQa(stamp(REVIEWER, later(5), randomUUID()), before.facts)(before.ticket))
  const assigning = (before: Stored, technician: string) =>
    changeOf(before, assign({ ...stamp(MANAGER, later(1)), assignment: { technician } })(before.ticket))

  it("keeps the specification's own columns in step with the state", async () => {
    const { ticket } = await keep(aTicket('closed', { gps: { lat: -26.38, lon: 27.81 } }))
    const row = await rowOf('tickets', 'id', ticket.id)
    expect(row).toMatchObject({
      ticket_uid: ticket.uid,
      status: 'closed',
      assigned_to: TECHNICIAN,
      assigned_contractor_id: 'contractor-1',
      dr_number: 'DR1729500',
      gps_coordinates: { x: 27.81, y: -26.38 },
      qa_ready: true,
      qa_readiness_failed_reasons: [],
      closed_by: MANAGER,
      guarantee_status: 'pending_classification',
      is_billable: null,
      owner_type: 'maintenance',
      ont_rx_level: '-18.250',
    })
    expect(row.closed_at).toBeInstanceOf(Date)
    expect(row.qa_readiness_check_at).toBeInstanceOf(Date)
  })

  it('keeps the last day of the guarantee to its last moment in Johannesburg', async () => {
    const ticket = aTicket()
    const guarantee = { ...ticket.guarantee, expiresOn: '2026-05-31' }
    await keep({ ...ticket, guarantee })
    expect((await rowOf('tickets', 'id', ticket.id)).guarantee_expires_at.toISOString()).toBe(
      '2026-05-31T21:59:59.999Z',
    )
  })

  it('shows for each step whether its photo is required, where it is and whether it can serve', async () => {
    const { ticket } = await keep(aTicket('pending_qa'))
    const { rows } = await pool.query('select * from verification_steps where ticket_id = $1 order by step_number', [
      ticket.id,
    ])
    expect(rows).toHaveLength(12)
    const current = only(ticket.photos.filter((one) => one.step === 'green_lights'))
    expect(rows[10]).toMatchObject({
      step_key: 'green_lights',
      step_name: 'Green lights',
      is_complete: true,
      photo_required: true,
      photo_url: `/api/ticketing/attachments/${current.id}/content`,
      photo_verified: true,
    })
    expect(rows[0]).toMatchObject({ photo_required: false, photo_url: null, photo_verified: false })
  })

  it('logs a readiness run check by check, with what does not apply as neither true nor false', async () => {
    const before = await keep(aTicket('pending_qa'))
    const change = startingQa(before)
    await done(store.commit([], [change]))
    const row = await rowOf('qa_readiness_checks', 'ticket_id', before.ticket.id)
    expect(row).toMatchObject({
      id: change.next.lastCheck?.id,
      passed: true,
      checked_by: REVIEWER,
      photos_exist: true,
      photos_count: 3,
      photos_required_count: 3,
      platforms_aligned: null,
      fault_attributed: true,
      failed_checks: [],
    })
    expect(row.results).toHaveLength(11)
  })

  it('tells each event in the timeline, once and in order', async () => {
    const before = await keep(aTicket('pending_qa'))
    await done(store.commit([], [startingQa(before)]))
    const { rows } = await pool.query('select * from ticket_notes where ticket_id = $1 order by seq', [
      before.ticket.id,
    ])
    const events = await eventsIn(pool, before.ticket.id)
    expect(rows.map((row) => [row.id, row.note_type, row.system_event])).toEqual(
      events.map((event) => [event.id, 'system', event.type]),
    )
    expect(rows.map((row) => row.content)).toEqual(['Created from manual.', 'Readiness check passed.', 'QA started.'])
  })

  it('seals bytes, copy and links of a snapshot under the id of its event', async () => {
    const before = await keep(aTicket('pending_qa'))
    const change = startingQa(before)
    await done(store.commit([], [change]))
    const row = await rowOf('handover_snapshots', 'ticket_id', before.ticket.id)
    expect(row).toMatchObject({
      id: change.events.find((event) => event.type === 'QaStarted')?.id,
      handover_type: 'build_to_qa',
      from_owner_type: 'build',
      to_owner_type: 'qa',
      to_owner_id: REVIEWER,
      is_locked: true,
      decisions: [],
    })
    expect(Buffer.from(change.seal?.bytes ?? []).equals(row.snapshot_bytes)).toBe(true)
    expect(row.snapshot_data).toEqual(change.seal?.content)
    expect(row.evidence_links).toHaveLength(3)
    expect(row.evidence_links[0].url).toBe(`/api/ticketing/attachments/${row.evidence_links[0].id}/content`)
  })

  it.each([
    'update handover_snapshots set handover_by = $$someone$$ where ticket_id = $1',
    'delete from handover_snapshots where ticket_id = $1',
    'delete from tickets where id = $1',
    'update tickets set deleted_at = now() where id = $1',
  ])('refuses on a sealed ticket: %s', async (statement) => {
    const before = await keep(aTicket('pending_qa'))
    await done(store.commit([], [startingQa(before)]))
    await expect(pool.query(statement, [before.ticket.id])).rejects.toMatchObject({ code: '23001' })
    expect((await load(before.ticket.id)).snapshots).toBe(1)
  })

  it('refuses to truncate snapshots, also by way of their tickets', async () => {
    await expect(pool.query('truncate handover_snapshots')).rejects.toMatchObject({ code: '23001' })
    await expect(pool.query('truncate tickets cascade')).rejects.toMatchObject({ code: '23001' })
  })

  it.each(['insert into snapshot_chains', 'with sealed as', 'commit'])(
    'leaves nothing when the process is killed before: %s',
    async (statement) => {
      const projectId = randomUUID()
      const before = await keep(aTicket('pending_qa', { projectId }))
      const script = fileURLToPath(new URL('./ticket-store-process.ts', import.meta.url))
      const child = spawn(process.execPath, [script, database.url ?? '', before.ticket.id, statement])
      const errors: string[] = []
      child.stderr.on('data', (data: Buffer) => errors.push(String(data)))
      await Promise.race([
        once(child.stdout, 'data'),
        once(child, 'exit').then(() => expect.unreachable(errors.join(''))),
      ])
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(await load(before.ticket.id)).toEqual(before)
      expect(await eventsIn(pool, before.ticket.id)).toHaveLength(1)
      expect(await chainIn(pool, projectId)).toEqual([])
      await done(store.commit([], [startingQa(before)]))
      expect(await chainIn(pool, projectId)).toHaveLength(1)
    },
  )

  it('still finds the use of a picture whose attachment the host has pruned', async () => {
    const before = await keep(aTicket('in_progress'))
    const { id: _, object, ...rest } = photo('house_front')
    const [photoId, sha] = [randomUUID(), sha256(new TextEncoder().encode(randomUUID()))]
    const decided = addPhoto(
      {
        ...stamp(TECHNICIAN),
        photo: { ...rest, id: photoId, object: { ...object, sha256: sha } },
        limitBytes: 1_000_000,
        usedBytes: 0,
      },
      before.facts,
    )(before.ticket)
    await done(store.commit([], [changeOf(before, decided, { photoId, sha256: sha, seen: 0, likeness: null })]))
    await pool.query('delete from ticket_attachments where ticket_id = $1', [before.ticket.id])
    expect(await done(store.usesOf(sha))).toHaveLength(1)
    expect((await load(before.ticket.id)).ticket.photos).toEqual([])
  })

  it('reads settings over the defaults, and the guarantee from its own table', async () => {
    const projectId = randomUUID()
    await pool.query('insert into project_settings (project_id, settings, facts_version) values ($1, $2, 7)', [
      projectId,
      { rx: { max: -12 }, sla: { urgent: { calendar: 'working_hours', resolution: { hours: 4 }, response: null } } },
    ])
    await pool.query('insert into guarantee_periods (project_id, installation_guarantee_days) values ($1, 30)', [
      projectId,
    ])
    const { settings, facts } = await done(store.context(projectId, null))
    expect(settings.rx).toEqual({ min: -25, max: -12 })
    expect(settings.sla.urgent.resolution).toEqual({ hours: 4 })
    expect(settings.sla.critical.resolution).toEqual({ hours: 6 })
    expect(settings.guarantee).toMatchObject({ installationDays: 30, materialDays: 365 })
    expect(facts).toMatchObject({ version: 7, rxMax: -12 })
    await pool.query(`update project_settings set settings = '{"maxRiskDays": "many"}' where project_id = $1`, [
      projectId,
    ])
    await expect(store.context(projectId, null)()).rejects.toThrow()
  })

  const importPlatform = async (projectId: string, platform: string, carries: ReadonlyArray<string>): Promise<void> => {
    const id = randomUUID()
    await pool.query(
      `insert into platform_imports (id, project_id, platform, filename, file_sha256, layout, carries, rows_read, rows_kept,
        drops, repeated_drops, spares, problem_count, imported_by, imported_at)
       values ($1, $2, $3, 'x.xlsx', repeat('0', 64), '{}', $4, 1, 1, 1, 0, 0, 0, 'mpho', now())`,
      [id, projectId, platform, carries],
    )
    await pool.query(
      'insert into platform_connections (project_id, platform, carries, import_id, imported_at) values ($1, $2, $3, $4, now())',
      [projectId, platform, carries, id],
    )
  }
  const RECORD = `
    insert into platform_records (project_id, platform, dr_number, row_no, pole_number, installed_on, as_of)
    values ($1, $2, $3, $4, $5, $6, '2026-03-01T00:00:00Z')`

  it("reads what the platforms say of the ticket's drop, and of one it may be moved to", async () => {
    const projectId = randomUUID()
    await importPlatform(projectId, 'sow', ['pole', 'pon', 'zone'])
    await pool.query(RECORD, [projectId, 'sow', 'DR1729500', 1, 'LAW.P.A002', null])
    await pool.query(RECORD, [projectId, 'sow', 'DR1729500', 2, 'LAW.P.A003', null])
    await pool.query(RECORD, [projectId, 'sow', 'DR1729501', 1, 'LAW.P.A004', null])
    const { ticket, facts } = await keep(aTicket('open', { projectId }))
    expect(facts.platforms.sow).toEqual({ connected: true, carries: ['pole', 'pon', 'zone'] })
    expect(facts.platforms.tracker).toEqual({ connected: false, carries: [] })
    expect(facts.rows.map((row) => row.pole)).toEqual(['LAW.P.A002', 'LAW.P.A003'])
    const [also] = await done(store.load([ticket.id], { drs: ['DR1729501'] }))
    expect(also?.facts.rows.map((row) => row.pole)).toEqual(['LAW.P.A002', 'LAW.P.A003', 'LAW.P.A004'])
    expect((await done(store.context(projectId, 'DR1729501'))).facts.rows[0]?.asOf).toBe('2026-03-01T00:00:00.000Z')
  })

  it('takes the installation date from the most trusted source that has one', async () => {
    const projectId = randomUUID()
    const said = { projectId, type: 'new_installation', cause: null, causeDetails: null } as const
    const installed = async () => (await done(store.context(projectId, 'DR1729500'))).installed
    expect(await installed()).toBeNull()
    const pending = await keep(aTicket('pending_handover', said))
    const handed = { ...aTicket('handed_to_maintenance', said), id: pending.ticket.id }
    const event = {
      type: 'HandedToMaintenance',
      handover: 'qa_to_maintenance',
      fromOwner: 'qa',
      fromOwnerId: REVIEWER,
      toOwner: 'maintenance',
      toOwnerId: null,
      evidenceRetention: [],
      at: '2026-03-31T22:30:00.000Z',
      by: MANAGER,
    } as const
    const { uid, steps, photos, decisions } = pending.ticket
    const next: Ticket = { ...handed, uid, steps, photos, decisions }
    await done(store.commit([], [changeOf(pending, [next, [event]])]))
    expect(await installed()).toEqual({ day: '2026-04-01', source: 'installation_handover' })
    await pool.query(RECORD, [projectId, 'tracker', 'DR1729500', 1, null, '2026-02-01'])
    await pool.query(RECORD, [projectId, 'tracker', 'DR1729500', 2, null, '2026-02-03'])
    expect(await installed()).toEqual({ day: '2026-02-03', source: 'tracker' })
    await pool.query(
      `insert into drop_installations (project_id, dr_number, installed_on, said_source, recorded_by, recorded_at)
       values ($1, 'DR1729500', '2026-01-15', 'job card', 'mpho', now())`,
      [projectId],
    )
    expect(await installed()).toEqual({ day: '2026-01-15', source: 'entered' })
  })

  it("reads the design from the host's own tables where the installation says so", async () => {
    await pool.query(`create table host_design (project text, drop_no text, pole text, pon integer)`)
    await pool.query(
      `insert into host_design values ('lawley', 'DR1729500', 'LAW.P.A002', 7), ('far', 'DR1729500', 'X', 1)`,
    )
    const hosted = postgresTicketStore(pool, {
      ...options,
      sow: {
        rows: (project, drops) => `
          select drop_no as dr_number, pole as pole_number, pon::text as pon_number, null::text as zone_no, false as spare
          from host_design where project = ${project} and drop_no = any(${drops})`,
        connected: (project) => `exists (select from host_design where project = ${project})`,
        carries: ['pole', 'pon'],
      },
    })
    const { facts } = await done(hosted.context('lawley', 'DR1729500'))
    expect(facts.platforms.sow).toEqual({ connected: true, carries: ['pole', 'pon'] })
    expect(facts.rows).toMatchObject([{ platform: 'sow', dr: 'DR1729500', pole: 'LAW.P.A002', pon: '7', zone: null }])
    expect((await done(hosted.context('elsewhere', 'DR1729500'))).facts.platforms.sow.connected).toBe(false)
    const { ticket } = await keep(aTicket('open', { projectId: 'lawley' }))
    expect(only(await done(hosted.load([ticket.id], { drs: ['DR1'] }))).facts.rows).toHaveLength(1)
  })

  it.each([
    ['a verdict of nobody', `update verification_steps set verdict = 'correct' where ticket_id = $1`],
    ['a submission without who', `update tickets set status_facts = '{}' where id = $1`],
    ['a confirmation without when', `update tickets set place_confirmed_by = 'x' where id = $1`],
    ['a billing rule nobody knows', `update tickets set guarantee_rule = 'moon' where id = $1`],
    ['no steps', 'delete from verification_steps where ticket_id = $1'],
  ])('takes a row with %s for a defect', async (_, statement) => {
    const { ticket } = await keep(aTicket('pending_qa'))
    if (statement.startsWith('delete'))
      await pool.query('delete from ticket_attachments where ticket_id = $1', [ticket.id])
    await pool.query(statement, [ticket.id])
    await expect(store.load([ticket.id])()).rejects.toThrow()
  })

  it('says that the database is away, for reading and for writing', async () => {
    const nowhere = new pg.Pool({ connectionString: 'postgres://x:y@127.0.0.1:1/none', connectionTimeoutMillis: 500 })
    const lost = postgresTicketStore(nowhere, options)
    const away = E.left({ type: 'Unavailable', what: 'database' })
    expect(await lost.load([randomUUID()])()).toEqual(away)
    expect(await lost.commit([creationOf(aTicket())], [])()).toEqual(away)
    expect(await lost.usesOf('x')()).toEqual(away)
    expect(await lost.context('x', null)()).toEqual(away)
    await nowhere.end()
  })

  const counted = () => {
    const asked: string[] = []
    const listening: Pool = {
      query: (text, values) => {
        asked.push(textOf(text))
        return pool.query(text, values)
      },
      connect: async () => {
        const client = await pool.connect()
        return {
          query: (text: string | Prepared, values?: unknown[]) => {
            asked.push(textOf(text))
            return client.query(text, values)
          },
          release: (destroy) => client.release(destroy),
          on: (...args) => client.on(...(args as Parameters<typeof client.on>)),
          removeListener: (...args) => client.removeListener(...(args as Parameters<typeof client.on>)),
        }
      },
    }
    return { asked, store: postgresTicketStore(listening, options) }
  }

  it('costs one round trip to create, one to load, one to change one or several, five to seal', async () => {
    const { asked, store: counting } = counted()
    const cost = async (work: () => Promise<unknown>): Promise<number> => {
      asked.length = 0
      await work()
      return asked.length
    }
    const [one, two, pending] = [
      await keep(aTicket('assigned')),
      await keep(aTicket('assigned')),
      await keep(aTicket('pending_qa')),
    ]
    expect(await cost(() => done(counting.commit([creationOf(aTicket())], [])))).toBe(1)
    expect(
      await cost(() =>
        done(
          counting.commit(
            Array.from({ length: 20 }, () => creationOf(aTicket())),
            [],
          ),
        ),
      ),
    ).toBe(1)
    expect(await cost(() => done(counting.load([one.ticket.id, two.ticket.id])))).toBe(1)
    expect(await cost(() => done(counting.commit([], [assigning(one, 'a'), assigning(two, 'a')])))).toBe(1)
    expect(await cost(() => done(counting.commit([], [startingQa(pending)])))).toBe(5)
    expect(await cost(() => done(counting.commit([], [])))).toBe(0)
  })

  it('finds a ticket and all its parts by index among many', async () => {
    const many = await testDatabase('postgres')
    try {
      await manyTickets(many.pool, 5_000, 'all')
      const texts: [string, unknown[]][] = []
      const listening: Pool = {
        query: async (text, values = []) => {
          texts.push([textOf(text), values])
          return { rows: [], rowCount: 0 }
        },
        connect: () => many.pool.connect(),
      }
      await done(postgresTicketStore(listening, options).load([randomUUID()]))
      const [text, values] = only(texts)
      const { rows } = await many.pool.query(`explain ${text}`, values)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toContain('tickets_pkey')
      expect(plan).toContain('idx_tickets_duplicate_of')
      expect(plan).not.toMatch(/Seq Scan on (tickets|verification_steps)/)
    } finally {
      await many.close()
    }
  })
})
