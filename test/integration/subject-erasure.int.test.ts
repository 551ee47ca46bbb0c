import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { subjectFolder } from '../../src/adapters/local-files/subject-folder.ts'
import { SUBJECT_TABLES } from '../../src/adapters/postgres/subject-tables.ts'
import { eraseCopies } from '../../src/application/subject/erase-subject.ts'
import type { NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { BESIDE_DROP, CANARY } from '../support/client-rows.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg } from '../support/pictures.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { later as after, facts, REVIEWER, stamp } from '../support/tickets.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const word = (column: string): string => `'${CANARY} ${column}'`
const holding = (json: object): string => `'${JSON.stringify(json).replaceAll("'", "''")}'::jsonb`

/** Each column that can hold a client's data or a person's text, with what is planted there. */
const PLANTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tickets: {
    title: word('title'),
    description: word('description'),
    address: word('address'),
    place_confirmed_by: `'mpho'`,
    place_confirmed_at: 'now()',
    place_confirmed_reason: word('place'),
    fault_cause_details: word('cause'),
    as_built_document: word('as built'),
    as_built_confirmed_by: `'mpho'`,
    as_built_confirmed_at: 'now()',
    billing_by_hand: holding({ billing: 'internal', by: 'mpho', at: '2026-03-01T00:00:00.000Z', reason: CANARY }),
  },
  ticket_clients: { name: word('name'), phone: word('011 555 0100'), email: word('email') },
  verification_steps: {
    scanned_value: `case when step_key = 'customer_signature' then ${word('signature')} end`,
    notes: word('step'),
    verdict_comment: word('comment'),
    verdict: `'correct'`,
    verdict_by: `'lerato'`,
    verdict_at: 'now()',
  },
  ticket_attachments: {
    filename: word('file'),
    overrides: holding([{ check: 'size', by: 'zanele', at: '2026-03-01T00:00:00.000Z', reason: CANARY }]),
    reuse_cleared: holding({ by: 'zanele', at: '2026-03-01T00:00:00.000Z', reason: CANARY }),
  },
  ticket_notes: { event_data: `case when system_event is not null then event_data || '{"reason":"${CANARY}"}' end` },
  qa_decisions: {
    reason: word('decision'),
    verdicts: holding([{ step: 'green_lights', outcome: 'correct', comment: CANARY }]),
  },
  qa_risk_acceptances: {
    risk_description: word('risk'),
    conditions: word('conditions'),
    resolution_notes: word('resolution'),
    reviews: holding([{ id: 'r', at: '2026-03-01T00:00:00.000Z', by: 'zanele', outcome: CANARY, nextOn: null }]),
  },
  platform_waivers: { reason: word('waiver') },
  outbox: { body: `body || '{"note": "${CANARY}"}'` },
}

/** Rows of other tables about the ticket $1, of the project `lawley` and the drop $2. */
const BESIDE: ReadonlyArray<string> = [
  `insert into ticket_clients (ticket_id) values ($1) on conflict do nothing`,
  `insert into qa_decisions (id, ticket_id, kind, decided_at, decided_by) values (gen_random_uuid(), $1, 'approved', now(), 'lerato')`,
  `insert into qa_risk_acceptances (ticket_id, risk_type, risk_description, risk_expiry_date, accepted_by)
  values ($1, 'other', 'x', '2026-04-01', 'zanele')`,
  `insert into platform_waivers values ($1, 'tracker', 'zanele', now(), 'x')`,
  `insert into qcontact_sync_log (ticket_id, sync_direction, sync_type, request_payload, response_payload, status, error_message)
  values ($1, 'inbound', 'create', '{"a":"${CANARY}"}', '{"a":"${CANARY}"}', 'failed', '${CANARY}')`,
  `insert into whatsapp_notifications (ticket_id, recipient_type, recipient_phone, recipient_name, message_content,
    error_message, digest_line)
  values ($1, 'client', '${CANARY}', '${CANARY}', '${CANARY}', '${CANARY}', '${CANARY}')`,
  `with contact as (insert into whatsapp_contacts (phone, chat_id, on_whatsapp, checked_at)
    values ('${CANARY}', '${CANARY}@c.us', true, now()))
  insert into sync_personal (ticket_id, bases) values ($1, '{"client_name": "${CANARY}"}')`,
  `with case_of as (insert into sync_cases (tenant, case_id, ticket_id, linked_at) values ('t', '1', $1, now())),
  contact as (insert into whatsapp_contacts (phone, chat_id, on_whatsapp, checked_at)
    values ('+27115550100', '27115550100@c.us', true, now())),
  told as (insert into notification_ledger (id, event_id, kind, recipient_type, recipient_id, ticket_id, happened_at)
    values (gen_random_uuid(), gen_random_uuid(), 'message', 'client', $1::text, $1::uuid, now()))
  insert into sync_notes (id, ticket_id, queued_at) select id, ticket_id, now() from ticket_notes
  where ticket_id = $1::uuid and note_type = 'client'`,
  `insert into sync_conflicts (id, tenant, case_id, ticket_id, field, kind, ours, theirs, winner, found_at, latest_at, resolution_notes)
  values (gen_random_uuid(), 't', '1', $1, 'client_name', 'both_changed', '${CANARY}', '${CANARY}', 'remote', now(), now(), '${CANARY}')`,
  `with letter as (insert into dead_letters (id, reaction, key, event_id, event_type, ticket_id, event, reason, attempts, queued_at, died_at)
    values (gen_random_uuid(), 'x', 'k', gen_random_uuid(), 'TicketHeld', $1, '{"body": {"note": "${CANARY}"}}', '${CANARY}', 1, now(), now()))
  insert into dead_letter_decisions (dead_letter_id, reaction, event_id, event_type, ticket_id, decision, reason, decided_by, decided_at)
  values (gen_random_uuid(), 'x', gen_random_uuid(), 'TicketHeld', $1, 'dropped', '${CANARY}', 'admin', now())`,
]
/** Columns with words, numbers and names of the program, the work and its people: nothing of a client. A new column must be put here or into subject-tables.ts. */
const NOT_PERSONAL =
  /^(notification_control\.(session_status|switch_reason)|notification_ledger\.error|project_templates\.templates|sync_\w+\.tenant|sync_cases\.bases|sync_notes\.sentence|sync_run_cases\.(outcome|why)|sync_runs\.failure|sync_sightings\.fingerprint|sync_tenants\.(access_token|client|uid|last_failure)|sync_troubles\.(counts|problem)|waha_events\.(event|session|detail)|whatsapp_sends\.(session|state|outcome|error)|dead_letter_decisions\.(decision|reaction)|dead_letters\.(key|reaction)|sync_conflicts\.(field|resolution|winner))$|^(directory_|guarantee_periods\.|handled_events\.|handover_snapshots\.|objects_to_erase\.|photo_|platform_connections\.|platform_imports\.|project_settings|qa_readiness_checks\.|signing_keys\.|snapshot_anchor|snapshot_chains\.|subject_|ticket_links\.|ticketing_|timed_marks\.|weekly_reports\.)|\.(id|by|at|kind|status|type|source|platform|priority|step_key|step_name|step_description|mime_type|file_type|note_type|system_event|project_id|dr_number|zone_id|zone_no|pole_number|pon_number|external_id|import_key|ticket_uid|ticket_type|owner_type|layout|fate|codes|risks|steps|gate_failures|\w+_(by|type|status|classification|serial|model|rule|component|id))$|^tickets\.(fault_cause|assigned_\w+|guarantee_\w+|last_check|qa_readiness_failed_reasons|status_\w+|step_overrides|worked_by|gps_coordinates)$|^ticket_attachments\.(storage_\w+|verdicts|copies|sha256|stored_\w+)$|^verification_steps\.photo_url$|^platform_records\.ont_serial$|^repeat_fault_escalations\.(scope_value|contributing_tickets)$|^weekly_report_rows\.reason$|^whatsapp_notifications\.message_template$|^qcontact_sync_log\.sync_direction$/

/** What an erasure takes, by subject-tables.ts. */
const ERASED_COLUMNS = SUBJECT_TABLES.flatMap(({ table, erased }) => {
  if (erased === 'rows') return [`${table}.*`]
  return 'apart' in erased ? [] : Object.keys(erased.columns).map((column) => `${table}.${column}`)
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Erasing and exporting a client', () => {
    let api: Api
    let folder: string
    beforeAll(async () => {
      api = await apiOn(engine)
      folder = await mkdtemp(join(tmpdir(), 'subject-'))
    })
    afterAll(async () => {
      await api.close()
      await rm(folder, { recursive: true })
    })

    const stored = async (dr: string, said: Partial<NewTicket> = {}, name = `${CANARY} name`) => {
      const ticket = aTicket('pending_qa', said)
      await done(api.ports.tickets.commit([creationOf(ticket, { client: { name, phone: null, email: null } })], []))
      await api.pool.query('update tickets set dr_number = $2 where id = $1', [ticket.id, dr])
      return ticket.id
    }
    const show = async (id: string) => (await api.as('admin').get(`/tickets/${id}`)).body.data
    const handOver = async (id: string) =>
      api.as('zanele').change(`/tickets/${id}/transitions`, (await show(id)).version, { command: 'start_qa' })
    const erase = (dr: string, reason = 'asked to be forgotten') =>
      api.as('admin').post('/subjects/erase', { project_id: 'lawley', dr_number: dr, reason })
    const verify = async () => done(api.uses.verifySnapshots({ principal: admin, scope: { type: 'all' } }))
    const admin = { userId: 'admin', role: 'admin', contractorId: null, teams: [] } as const

    /** Every row of every table that says it, sealed bytes included. */
    const saying = async (what: string): Promise<ReadonlyArray<string>> => {
      const { rows: tables } = await api.pool.query<{ name: string }>(
        `select table_schema || '.' || table_name as name from information_schema.tables
        where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
      )
      const found: string[] = []
      for (const { name } of tables) {
        const { rows } = await api.pool.query(`select row_to_json(x)::text as row from ${name} x`)
        for (const { row } of rows) if (row.includes(what)) found.push(`${name}: ${row}`)
      }
      const { rows } = await api.pool.query(
        `select convert_from(snapshot_bytes, 'UTF8') as text from handover_snapshots`,
      )
      return [...found, ...rows.map(({ text }) => text).filter((text) => text.includes(what))]
    }

    it('knows of every text column whether it is a client’s', async () => {
      const { rows } = await api.pool.query<{ name: string }>(
        `select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and data_type in ('text', 'character varying', 'jsonb', 'json', 'ARRAY')`,
      )
      const planted = Object.entries(PLANTED).flatMap(([table, columns]) =>
        Object.keys(columns).map((column) => `${table}.${column}`),
      )
      const known = [...planted, ...ERASED_COLUMNS]
      const isKnown = (name: string) => known.includes(name) || known.includes(name.replace(/\..*/, '.*'))
      expect(rows.map(({ name }) => name).filter((name) => !isKnown(name) && !NOT_PERSONAL.test(name))).toEqual([])
      expect(planted.filter((name) => !rows.some((row) => row.name === name) && !name.endsWith('_at'))).toEqual([])
    })

    it('takes every word of a client out of every table and every file, and leaves the neighbour’s and the chain', async () => {
      const as = api.as
      const worked = (
        await as('naledi').post('/tickets', {
          project_id: 'lawley',
          ticket_type: 'maintenance',
          title: `${CANARY} title`,
          fault_cause: 'vandalism',
          dr_number: 'DR1000001',
          client_name: `${CANARY} name`,
          client_phone: '+27115550100',
        })
      ).body.data.id
      const step = async (command: object, user = 'naledi') => {
        const done = await as(user).change(`/tickets/${worked}/transitions`, (await show(worked)).version, command)
        expect(done.body.error).toBeUndefined()
      }
      await step({ command: 'assign', assigned_to: 'thabo', assigned_contractor_id: 'ubuntu-fibre' })
      await step({ command: 'start_work' }, 'thabo')
      const picture = await jpeg({ seed: 77, width: 800, height: 600 })
      const photo = await as('thabo')
        .upload(`/tickets/${worked}/verification/work_area_final/photos`)
        .attach('photo', picture, `${CANARY}.jpg`)
      expect(photo.status).toBe(201)
      const document = await as('thabo')
        .upload(`/tickets/${worked}/attachments`)
        .attach('file', Buffer.from(`%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n`), `${CANARY}.pdf`)
      for (const note_type of ['internal', 'client'])
        await as('thabo').post(`/tickets/${worked}/notes`, { note_type, content: `${CANARY} note` })
      await step({ command: 'hold', reason: 'awaiting_client', note: `${CANARY} hold` }, 'thabo')
      const sealed = await stored('DR1000001', { title: `${CANARY} sealed` })
      expect((await handOver(sealed)).body.error).toBeUndefined()
      const neighbour = await stored('DR1000002', { title: 'NEIGHBOUR title' }, 'NEIGHBOUR name')
      expect((await handOver(neighbour)).body.error).toBeUndefined()
      expect(await verify()).toMatchObject({ snapshots: 2, faults: 0 })

      // events in the queue, as pg-boss keeps them
      await api.pool.query(
        'create schema pgboss; create table pgboss.job (id uuid primary key, data jsonb, output jsonb)',
      )
      await api.pool.query(
        'insert into pgboss.job values (gen_random_uuid(), $1, $2), (gen_random_uuid(), null, null)',
        [
          JSON.stringify({ reaction: 'x', event: { ticketId: worked, body: { type: 'TicketHeld', note: CANARY } } }),
          JSON.stringify({ failures: 1, why: CANARY }),
        ],
      )
      for (const statement of BESIDE) await api.pool.query(statement, [worked])
      for (const statement of BESIDE_DROP) await api.pool.query(statement, ['DR1000001'])
      for (const [table, columns] of Object.entries(PLANTED)) {
        const set = Object.entries(columns).map(([column, value]) => `${column} = ${value}`)
        const id = table === 'tickets' ? 'id' : 'ticket_id'
        const planted = await api.pool.query(`update ${table} set ${set.join(', ')} where ${id} = $1`, [worked])
        if (table !== 'outbox') expect([table, (planted.rowCount ?? 0) > 0]).toEqual([table, true])
      }
      const before = await saying('NEIGHBOUR')
      expect((await saying(CANARY)).length).toBeGreaterThan(30)
      const copiesBefore = [...api.stored.objects.keys()].filter((name) => name.includes(`${worked}/view/`))
      expect(copiesBefore).toHaveLength(1)

      await exported(worked, sealed, picture)

      expect((await erase('dr1000001')).body.data).toMatchObject({ newly_erased: 2, copies_left: 0 })
      expect(await saying(CANARY)).toEqual([])
      const { rows: jobs } = await api.pool.query('select data, output from pgboss.job where data is not null')
      expect(jobs[0]?.data.event.body).toEqual({ type: 'TicketHeld', note: 'Erased' })
      expect(jobs[0]?.output).toEqual({ failures: 1, why: 'Erased' })
      expect(await saying('5550100')).toEqual([])
      expect(await saying('27.654321')).toEqual([])
      expect(await saying('NEIGHBOUR')).toEqual(before)
      expect([...api.stored.objects.keys()].filter((name) => /\/(view|thumbnail)\//.test(name))).toEqual([])
      expect(await verify()).toMatchObject({ snapshots: 2, faults: 0 })

      const shown = await show(worked)
      expect(shown).toMatchObject({ title: 'Erased', client_name: null, address: null, status: 'on_hold' })
      expect(shown.erased_at).toBe(api.clock.now)
      expect(shown.hold).toMatchObject({ reason: 'awaiting_client', note: 'Erased' })
      expect((await as('admin').get(`/tickets/${worked}/timeline`)).status).toBe(200)
      for (const id of [photo.body.data.id, document.body.data.id]) {
        const gone = await as('naledi').get(`/attachments/${id}/content`)
        expect([gone.status, gone.body.error.code, gone.body.error.details.at]).toEqual([410, 'GONE', api.clock.now])
      }
      const more = await as('naledi')
        .upload(`/tickets/${worked}/attachments`)
        .attach('file', Buffer.from('%PDF-1.4\n%%EOF\n'), 'a.pdf')
      expect([more.status, more.body.error.details.rule]).toEqual([422, 'SubjectErased'])
      const again = await as('thabo')
        .upload(`/tickets/${worked}/verification/work_area_final/photos`)
        .attach('photo', await jpeg({ seed: 78, width: 800, height: 600 }), 'b.jpg')
      expect([again.status, again.body.error.details.rule]).toEqual([422, 'SubjectErased'])
      const { rows } = await api.pool.query('select project_id, dr_number, by, reason, tickets from subject_erasures')
      expect(rows).toEqual([
        {
          project_id: 'lawley',
          dr_number: 'DR1000001',
          by: 'admin',
          reason: 'asked to be forgotten',
          tickets: [worked, sealed].toSorted(),
        },
      ])
    })

    const exported = async (worked: string, sealed: string, picture: Buffer): Promise<void> => {
      const subject = { type: 'drop', projectId: 'lawley', dr: 'DR1000001' } as const
      const path = join(folder, 'out')
      const made = await done(api.uses.exportSubject(admin, subject, subjectFolder(path)))
      expect(made).toMatchObject({ tickets: 2, rowsBeside: 4, files: 2 })
      const [photo = ''] = await readdir(join(path, 'photos'))
      expect((await readFile(join(path, 'photos', photo))).equals(picture)).toBe(true)
      const said = JSON.parse(await readFile(join(path, 'subject.json'), 'utf8'))
      const ticket = said.tickets.find(({ id }: { id: string }) => id === sealed)
      const [{ openings, commitment_key }] = ticket.snapshots
      const { rows } = await api.pool.query('select snapshot_data from handover_snapshots where ticket_id = $1', [
        sealed,
      ])
      const title = createHmac('sha256', Buffer.from(commitment_key, 'hex'))
        .update(`/ticket/title\0${JSON.stringify(openings['/ticket/title'])}`)
        .digest('hex')
      expect(openings['/ticket/title']).toBe(`${CANARY} sealed`)
      expect(rows[0]?.snapshot_data.personal.commitments['/ticket/title']).toBe(title)
      const { rows: held } = said.tickets.find(({ id }: { id: string }) => id === worked)
      expect(held.ticket_clients).toHaveLength(1)
      for (const table of [
        'dead_letter_decisions',
        'dead_letters',
        'qcontact_sync_log',
        'sync_conflicts',
        'sync_personal',
        'whatsapp_contacts',
        'whatsapp_notifications',
      ])
        expect([table, JSON.stringify(held[table]).includes(CANARY)]).toEqual([table, true])
      expect(held.whatsapp_notifications[0].digest_line).toBe(CANARY)
      expect(held.whatsapp_contacts).toHaveLength(2)
      for (const table of ['notification_ledger', 'sync_cases', 'sync_notes'])
        expect([table, held[table].length]).toEqual([table, 1])
      for (const table of ['weekly_report_rows', 'repeat_fault_escalations', 'platform_records', 'drop_installations'])
        expect([table, JSON.stringify(said.beside_tickets[table]).includes(CANARY)]).toEqual([table, true])
      expect(JSON.stringify(said)).not.toContain('NEIGHBOUR')
      expect(await api.uses.exportSubject(admin, subject, subjectFolder(path))()).toMatchObject({
        left: { type: 'StorageUnavailable', reason: 'EEXIST' },
      })
      const refused = await api.uses.exportSubject(
        { ...admin, role: 'manager' },
        subject,
        subjectFolder(join(folder, 'x')),
      )()
      expect(refused).toMatchObject({ left: { type: 'NotAllowed' } })
      expect((await api.pool.query('select by from subject_exports')).rows.length).toBeGreaterThan(0)
    }

    it('says that there is no such client, that a reason is missing, and refuses all but admins', async () => {
      expect((await erase('DR9999999')).status).toBe(404)
      expect((await erase('DR1000001', ' ')).status).toBe(422)
      expect(
        (await api.as('naledi').post('/subjects/erase', { project_id: 'lawley', dr_number: 'DR1000001', reason: 'x' }))
          .status,
      ).toBe(403)
      const again = (await erase('DR1000001')).body.data
      expect(again).toMatchObject({ newly_erased: 0, rows_beside: 4, rows_cleared: 0 })
      expect((await api.pool.query('select from subject_erasures')).rows).toHaveLength(1)
    })

    it('leaves a running ticket to go on; what it seals later says that there is nothing personal any more', async () => {
      const id = await stored('DR1000003')
      await erase('DR1000003')
      expect((await handOver(id)).body.error).toBeUndefined()
      const { rows } = await api.pool.query('select snapshot_data from handover_snapshots where ticket_id = $1', [id])
      expect(rows[0]?.snapshot_data.personal).toEqual({ erased_at: api.clock.now })
      expect((await api.pool.query('select from snapshot_openings where ticket_id = $1', [id])).rows).toEqual([])
      expect((await verify()).faults).toBe(0)
    })

    it('finishes later what a storage that is away, or a crash, left of the copies', async () => {
      const id = await stored('DR1000004')
      const copy = { bucket: 'memory', name: `evidence/${id}/view/${'a'.repeat(64)}.jpg` }
      const stray = `evidence/${id}/thumbnail/${'b'.repeat(64)}.jpg`
      await api.pool.query('update ticket_attachments set copies = $2 where ticket_id = $1 and is_current', [
        id,
        JSON.stringify({ view: { ...copy, generation: '1', size: 3, sha256: 'a'.repeat(64), stored: null } }),
      ])
      api.stored.objects.set(copy.name, Buffer.from('abc'))
      const about = { id: randomUUID(), by: 'admin', at: api.clock.now }
      // the process dies between the transaction and the removal
      await done(
        api.ports.subjectRecords.erase(
          { ...about, subject: { type: 'drop', projectId: 'lawley', dr: 'DR1000004' } },
          'x',
        ),
      )
      expect(api.stored.objects.has(copy.name)).toBe(true)
      api.stored.objects.set(stray, Buffer.from('abc'))
      const deps = { ...api.ports, now: () => api.clock.now }
      const away = { ...deps.evidence, remove: () => TE.left({ type: 'StorageUnavailable', reason: 'EIO' } as const) }
      expect(await done(eraseCopies({ ...deps, evidence: away }))).toMatchObject({ removed: 0 })
      expect(api.stored.objects.has(copy.name)).toBe(true)
      expect(await done(eraseCopies(deps))).toMatchObject({ left: 0 })
      expect([api.stored.objects.has(copy.name), api.stored.objects.has(stray)]).toEqual([false, false])
      expect((await api.pool.query('select from objects_to_erase')).rows).toEqual([])
    })

    it('makes whoever read a ticket before, and would write it back or seal it, read it again', async () => {
      const id = await stored('DR1000006')
      const before = only(await done(api.ports.tickets.load([id])))
      const sealing = changeOf(before, startQa(stamp(REVIEWER, after(3), randomUUID()), facts())(before.ticket))
      await erase('DR1000006')
      expect(await api.ports.tickets.commit([], [sealing])()).toMatchObject({ left: { type: 'Stale', id } })
      expect((await api.pool.query('select from handover_snapshots where ticket_id = $1', [id])).rows).toEqual([])
      expect(await saying(CANARY)).toEqual([])
    })

    it('of a ticket without a drop is erased by its number, and in exactly one form', async () => {
      const [id, other] = [await stored('DR1000007', {}, 'BARE name'), await stored('DR1000008', {}, 'BARE other')]
      await api.pool.query('update tickets set dr_number = null where id = any($1::uuid[])', [[id, other]])
      const uid = (await show(id)).ticket_uid
      const post = (body: object, user = 'admin') => api.as(user).post('/subjects/erase', { reason: 'asked', ...body })
      expect((await post({ ticket: uid }, 'naledi')).status).toBe(403)
      for (const [body, field] of [
        [{}, 'project_id'],
        [{ project_id: 'lawley' }, 'dr_number'],
        [{ dr_number: 'DR1000001' }, 'project_id'],
        [{ ticket: uid, project_id: 'lawley' }, 'ticket'],
        [{ ticket: uid, project_id: 'lawley', dr_number: 'DR1000001' }, 'ticket'],
      ] as const) {
        const refused = await post(body)
        expect([refused.status, JSON.stringify(refused.body.error)]).toEqual([
          422,
          expect.stringContaining(`"${field}":"must be named either by project_id and dr_number, or by ticket alone`),
        ])
      }
      expect((await post({ ticket: 'FT9999999' })).status).toBe(404)
      const withDrop = await post({ ticket: await stored('DR1000009', {}, 'A name') })
      expect([withDrop.status, JSON.stringify(withDrop.body.error)]).toEqual([
        422,
        expect.stringMatching(/name the project and the drop instead.*DR1000009/),
      ])
      expect((await saying('BARE')).length).toBe(2)
      expect((await post({ ticket: uid.toLowerCase() })).body.data).toMatchObject({
        tickets: [id],
        newly_erased: 1,
        copies_left: 0,
        copies_kept: 0,
      })
      expect((await saying('BARE name')).length).toBe(0)
      expect((await saying('BARE other')).length).toBe(1)
      expect((await post({ ticket: other })).body.data).toMatchObject({ tickets: [other], newly_erased: 1 })
    })

    it('erased twice at once is erased once', async () => {
      await stored('DR1000005')
      const both = await Promise.all([erase('DR1000005'), erase('DR1000005')])
      expect(both.map(({ status }) => status)).toEqual([200, 200])
      expect(both.map(({ body }) => body.data.newly_erased).toSorted()).toEqual([0, 1])
    })

    it.runIf(engine === 'postgres')(
      'at the moment of a handover leaves nothing readable, whoever was first',
      async () => {
        const first: string[] = []
        for (let n = 0; n < 16; n += 1) {
          const dr = `DR20000${10 + n}`
          const id = await stored(dr, { title: `${CANARY} race` })
          const { version } = await show(id)
          const sealing = api.as('zanele').change(`/tickets/${id}/transitions`, version, { command: 'start_qa' })
          const [handed, erased] = await Promise.all([sealing, n % 2 === 0 ? erase(dr) : later(3 * n, () => erase(dr))])
          expect(erased.status).toBe(200)
          expect([200, 409]).toContain(handed.status)
          first.push(handed.status === 200 ? 'handover' : 'erasure')
          expect((await api.pool.query('select from snapshot_openings where ticket_id = $1', [id])).rows).toEqual([])
          expect((await api.pool.query('select key from subject_keys where ticket_id = $1', [id])).rows).toEqual([
            { key: null },
          ])
        }
        expect(await saying(CANARY)).toEqual([])
        expect((await verify()).faults).toBe(0)
        expect(first).toContain('handover')
      },
    )
  })

const later = async <A>(ms: number, work: () => PromiseLike<A>): Promise<A> => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return work()
}
