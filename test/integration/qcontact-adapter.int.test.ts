import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { postgresOutsideCalls } from '../../src/adapters/postgres/outside-calls.ts'
import { qcontactClient } from '../../src/adapters/qcontact/client.ts'
import { STAND_IN_USER, type StandIn, startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import { qcontactTicketSystem } from '../../src/adapters/qcontact/ticket-system.ts'
import type { Sighting } from '../../src/application/ports/ticket-system.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { AGENT, right, type Syncing, syncingOn } from '../support/syncing.ts'

type Page = {
  readonly rows: ReadonlyArray<Sighting>
  readonly cursor: string
  readonly done: boolean
  readonly again: boolean
}

/** Before anything that the stand-in's own clock says. */
const SINCE = '2026-01-01T00:00:00.000Z'

/** Everything the adapter must get over, against a QContact of our own that shows each trap. */
describeOn('postgres', 'The QContact adapter', () => {
  let database: TestDatabase
  let standIn: StandIn
  let here: Syncing
  const signal = AbortSignal.timeout(300_000)

  beforeAll(async () => {
    database = await testDatabase('postgres')
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await database.pool.query('truncate sync_tenants, qcontact_sync_log')
    standIn = await startStandIn({ graceMs: 0 })
    here = syncingOn(database.pool, standIn)
  })
  afterEach(() => standIn.close())

  const walk = async (syncing = here) => {
    const seen = new Map<string, string>()
    let again = 0
    let cursor: string | null = null
    for (;;) {
      const page: Page = await right(syncing.system.changesSince(cursor, signal))
      if (page.again) {
        again += 1
        seen.clear()
      }
      for (const { caseId, fingerprint } of page.rows) seen.set(caseId, fingerprint)
      if (page.done) return { seen, again }
      cursor = page.cursor
    }
  }
  const refusal = async (work: Parameters<typeof right>[0]) => {
    const answer = await work()
    return E.isLeft(answer) ? (answer.left as { type: string; why?: string; retryAfterMs?: number }) : null
  }

  it('signs in once, and goes on with the token that each reply brings', async () => {
    const id = standIn.cases.add()
    for (let n = 0; n < 5; n += 1) expect((await right(here.system.get(id, signal)))?.id).toBe(id)
    expect(standIn.signIns()).toBe(1)
  })

  it('several processes at once share one session and never call at the same time', async () => {
    const id = standIn.cases.add()
    const others = [here, syncingOn(database.pool, standIn), syncingOn(database.pool, standIn)]
    const got = await Promise.all(others.flatMap(({ system }) => [1, 2, 3].map(() => right(system.get(id, signal)))))
    expect(got.every((one) => one?.id === id)).toBe(true)
    expect(standIn.signIns()).toBe(1)
  })

  it('a process that died in its turn holds up the others for seconds, a slow one that lives keeps its turn', async () => {
    const id = standIn.cases.add()
    await right(here.system.get(id, signal))
    await database.pool.query(
      "update sync_tenants set busy_by = gen_random_uuid(), busy_until = now() + interval '1 second'",
    )
    const started = Date.now()
    expect((await right(here.system.get(id, signal)))?.id).toBe(id)
    expect(Date.now() - started).toBeGreaterThan(700)
    expect(standIn.signIns()).toBe(1)
  })

  it('signs in again when ten others pushed its session out, and when it is refused in the middle of a list', async () => {
    for (let n = 0; n < 12; n += 1) standIn.cases.add()
    await walk()
    standIn.signInElsewhere(10)
    expect((await walk()).seen.size).toBe(12)
    expect(standIn.signIns()).toBe(2)
    standIn.faults.script({ fault: 'unauthorised', when: { path: /^\/entities\/Case$/ } })
    expect((await walk()).seen.size).toBe(12)
    expect(standIn.signIns()).toBe(3)
  })

  it('says that its sign-in is refused, and does not hammer', async () => {
    const wrong = { ...here.configuration, baseUrl: standIn.url }
    const calls = postgresOutsideCalls(database.pool, 'stand-in')
    const system = qcontactTicketSystem(
      wrong,
      qcontactClient(wrong, { email: 'x@y.example', password: 'no' }, calls),
      'x',
    )
    expect((await refusal(system.get('40000000007', signal)))?.type).toBe('AuthExpired')
    const before = standIn.requests.length
    expect((await refusal(system.get('40000000007', signal)))?.type).toBe('RateLimited')
    expect(standIn.requests.length).toBe(before)
  })

  it('reads every case once, in pages, with ids beyond 32 bits', async () => {
    const ids = Array.from({ length: 23 }, () => standIn.cases.add())
    const { seen, again } = await walk()
    expect([...seen.keys()].sort()).toEqual(ids.toSorted())
    expect(Number(ids[0])).toBeGreaterThan(2 ** 32)
    expect(again).toBe(0)
  })

  it('begins again when the list moves while it is read, so that no case is passed over', async () => {
    const ids = Array.from({ length: 20 }, () => standIn.cases.add({ assignee: AGENT }))
    const filters = [
      { operator: 'all' as const, conditions: [{ name: 'assigned_to', value: AGENT, operator: 'equals' as const }] },
    ]
    const filtered = syncingOn(database.pool, standIn, { filters })
    // One leaves and one comes, so that the count stays and every later row moves up by one.
    standIn.afterPage((page) => {
      if (page !== 1) return
      standIn.cases.change(ids[0] ?? '', { assigned_to: '1' })
      standIn.cases.add({ assignee: AGENT })
      standIn.afterPage(null)
    })
    const { seen, again } = await walk(filtered)
    expect(again).toBe(1)
    expect(seen.size).toBe(20)
    expect(ids.slice(1).every((id) => seen.has(id))).toBe(true)
  })

  it('a row has another fingerprint exactly when it shows something else', async () => {
    const id = standIn.cases.add()
    const before = (await walk()).seen.get(id)
    expect((await walk()).seen.get(id)).toBe(before)
    standIn.cases.change(id, { status: 'Escalated' })
    expect((await walk()).seen.get(id)).not.toBe(before)
  })

  it('reads a case in our words: number from its label, drop and contact from what it is linked to', async () => {
    const id = standIn.cases.add({
      label: 'Connection Issue FT657323',
      status: 'In Progress',
      dr: 'DR1733214',
      contact: 'Nomsa',
      assignee: AGENT,
      fields: { telephone: '0821234567', email: 'n@x.example', address: '1 Long St', c__serial_number: 'ALCLB465A671' },
    })
    expect(await right(here.system.get(id, signal))).toMatchObject({
      reference: 'FT657323',
      category: 'Connectivity::ONT/Gizzu',
      values: {
        status: 'InProgress',
        assignee: AGENT,
        dr_number: 'DR1733214',
        client_name: 'Nomsa',
        client_phone: '0821234567',
        client_email: 'n@x.example',
        address: '1 Long St',
        ont_serial: 'ALCLB465A671',
      },
    })
    expect(await right(here.system.get('40000999999', signal))).toBe(null)
  })

  it('writes under fields, reads it back, and knows its own writing in the change log', async () => {
    const id = standIn.cases.add()
    const after = await right(here.system.apply(id, { status: 'InReview', assignee: AGENT }, signal))
    expect(after.values).toMatchObject({ status: 'InReview', assignee: AGENT })
    standIn.cases.change(id, { status: 'Escalated' })
    const changes = await right(here.system.history(id, signal))
    expect(changes.map(({ byUs, changes: said }) => [byUs, said.find(({ field }) => field === 'status')?.to])).toEqual([
      [false, 'Escalated'],
      [true, 'InReview'],
    ])
  })

  it('a 200 that changed nothing is a failure', async () => {
    const id = standIn.cases.add()
    standIn.faults.script({ fault: 'silent', when: { method: 'PATCH' } })
    expect(await refusal(here.system.apply(id, { status: 'Solved' }, signal))).toEqual({
      type: 'SilentlyIgnored',
      fields: ['status'],
    })
  })

  it('a value in the wrong case is refused, and so is said to be', async () => {
    const id = standIn.cases.add()
    expect(await refusal(here.system.apply(id, { status: 'solved' }, signal))).toMatchObject({
      type: 'Rejected',
      why: 'HTTP 422',
    })
  })

  it('waits as long as it is told, all processes together, and a minute when it is told nothing', async () => {
    const id = standIn.cases.add()
    await right(here.system.get(id, signal))
    standIn.faults.script({ fault: 'too_many' })
    expect(await refusal(here.system.get(id, signal))).toEqual({ type: 'RateLimited', retryAfterMs: 1_000 })
    const started = Date.now()
    expect((await right(syncingOn(database.pool, standIn).system.get(id, signal)))?.id).toBe(id)
    expect(Date.now() - started).toBeGreaterThan(700)
    standIn.faults.script({ fault: 'too_many_without_retry_after' })
    expect(await refusal(here.system.get(id, signal))).toEqual({ type: 'RateLimited', retryAfterMs: 60_000 })
    expect((await refusal(here.system.get(id, signal)))?.retryAfterMs).toBeGreaterThan(50_000)
  })

  it('keeps to its budget of calls a minute', async () => {
    const id = standIn.cases.add()
    const slow = syncingOn(database.pool, standIn, { budgetPerMinute: 3 })
    const answers = []
    for (let n = 0; n < 4; n += 1) answers.push(await refusal(slow.system.get(id, signal)))
    // The minute may turn between two of them.
    expect(
      answers.filter((one) => one?.type === 'RateLimited').length + (standIn.requests.length > 4 ? 1 : 0),
    ).toBeGreaterThan(0)
  })

  it('an error page, a cut connection, a slow or a failing server are trouble that passes', async () => {
    const id = standIn.cases.add()
    await right(here.system.get(id, signal))
    const impatient = syncingOn(database.pool, standIn, { timeoutMs: 150 })
    for (const fault of ['html_error_page', 'reset', 'server_error'] as const) {
      standIn.faults.script({ fault })
      expect((await refusal(here.system.get(id, signal)))?.type).toBe('Transient')
    }
    standIn.faults.script({ fault: 'slow' })
    expect(await refusal(impatient.system.get(id, signal))).toMatchObject({
      type: 'Transient',
      why: 'no answer in time',
    })
    expect((await right(here.system.get(id, signal)))?.id).toBe(id)
  })

  it('a note whose reply was lost is not written twice', async () => {
    const id = standIn.cases.add()
    standIn.faults.script({ fault: 'lost_reply', when: { path: /Note/ } })
    const note = { key: '0c1d3f0e-2222-4333-8444-555566667777', text: 'We come tomorrow', since: SINCE }
    expect((await refusal(here.system.addNote(id, note, signal)))?.type).toBe('Transient')
    await right(here.system.addNote(id, note, signal))
    expect(
      standIn.cases.known(id).events.filter(({ subtitle }) => subtitle?.includes('We come tomorrow')),
    ).toHaveLength(1)
  })

  it('a note whose reply was lost is found however much was written since, and one that is new is sought no further back', async () => {
    const id = standIn.cases.add()
    for (let n = 0; n < 60; n += 1)
      standIn.cases.note(standIn.cases.known(id), 'agent@client.example', `old ${n}`, true)
    const note = { key: '0c1d3f0e-2222-4333-8444-555566667779', text: 'We come tomorrow', since: SINCE }
    standIn.faults.script({ fault: 'lost_reply', when: { path: /Note/ } })
    expect((await refusal(here.system.addNote(id, note, signal)))?.type).toBe('Transient')
    for (let n = 0; n < 60; n += 1)
      standIn.cases.note(standIn.cases.known(id), 'agent@client.example', `new ${n}`, true)
    await right(here.system.addNote(id, note, signal))
    expect(standIn.cases.known(id).events.filter(({ subtitle }) => subtitle?.includes('tomorrow'))).toHaveLength(1)
    const before = standIn.requests.length
    await right(here.system.addNote(id, { ...note, key: randomUUID(), since: '2027-01-01T00:00:00.000Z' }, signal))
    expect(standIn.requests.slice(before).map(({ method }) => method)).toEqual(['GET', 'POST', 'GET'])
  })

  it('an outage is told once, and once that it is over; a single failure is none', async () => {
    const id = standIn.cases.add()
    const told: string[] = []
    const client = qcontactClient(here.configuration, STAND_IN_USER, postgresOutsideCalls(database.pool, 'stand-in'), {
      away: (why) => told.push(why),
      back: () => told.push('back'),
    })
    const system = qcontactTicketSystem(here.configuration, client, STAND_IN_USER.email)
    standIn.faults.script({ fault: 'server_error' })
    await refusal(system.get(id, signal))
    await right(system.get(id, signal))
    expect(told).toEqual([])
    for (const _ of [1, 2]) {
      standIn.faults.script({ fault: 'server_error', times: 4 })
      for (let n = 0; n < 4; n += 1) await refusal(system.get(id, signal))
      for (let n = 0; n < 2; n += 1) await right(system.get(id, signal))
    }
    expect(told).toEqual(['HTTP 500', 'back', 'HTTP 500', 'back'])
  })

  it('a 404 for a case says that it is gone, one for anything of it only that this is missing', async () => {
    const id = standIn.cases.add()
    standIn.faults.script({ fault: 'not_found', when: { method: 'GET' } })
    expect(await right(here.system.get(id, signal))).toBe(null)
    standIn.faults.script({ fault: 'not_found', when: { path: /events$/ } })
    expect(await refusal(here.system.history(id, signal))).toEqual({ type: 'Missing', what: 'its change log' })
    standIn.faults.script({ fault: 'not_found', when: { method: 'PATCH' } })
    expect((await refusal(here.system.apply(id, { status: 'Solved' }, signal)))?.type).toBe('Missing')
    standIn.faults.script({ fault: 'not_found', when: { path: /Note$/ } })
    const note = { key: randomUUID(), text: 'x', since: SINCE }
    expect(await refusal(here.system.addNote(id, note, signal))).toEqual({ type: 'Missing', what: 'its notes' })
    const { rows } = await database.pool.query("select error_message from qcontact_sync_log where status = 'failed'")
    expect(rows).toHaveLength(3)
  })

  it('no trouble with our sign-in is trouble with the case that was asked for', async () => {
    const id = standIn.cases.add()
    standIn.faults.script({ fault: 'not_found', when: { path: /sign_in$/ } })
    expect(await refusal(here.system.get(id, signal))).toMatchObject({ type: 'Transient', why: 'HTTP 404' })
    await right(here.system.get(id, signal))
    const strict = createServer((_, response) => response.writeHead(422).end('{"errors":["locked"]}'))
    await once(strict.listen(0, '127.0.0.1'), 'listening')
    await database.pool.query('truncate sync_tenants')
    const elsewhere = syncingOn(database.pool, { url: `http://127.0.0.1:${(strict.address() as AddressInfo).port}` })
    const answer = await refusal(elsewhere.system.get(id, signal))
    strict.close()
    expect(answer).toEqual({ type: 'AuthExpired', why: 'QContact refuses our sign-in' })
  })

  it('a page that refuses is what lies between speaking, and passes', async () => {
    const id = standIn.cases.add()
    for (const fault of ['forbidden_by_proxy', 'unknown_to_proxy'] as const)
      for (const when of [{ path: /sign_in$/ }, { method: 'GET' }]) {
        await database.pool.query('update sync_tenants set access_token = null')
        standIn.faults.script({ fault, when })
        expect(await refusal(here.system.get(id, signal)), fault).toMatchObject({
          type: 'Transient',
          why: fault === 'forbidden_by_proxy' ? 'HTTP 403 with a page' : expect.stringMatching(/407|no answer/),
        })
        await right(here.system.get(id, signal))
      }
    standIn.faults.script({ fault: 'forbidden_by_proxy', when: { path: /Note$/ } })
    const note = { key: randomUUID(), text: 'x', since: SINCE }
    expect((await refusal(here.system.addNote(id, note, signal)))?.type).toBe('Transient')
    expect(standIn.cases.known(id).fields.c__update).toBe(undefined)
  })

  it('a long note is shortened and its mark kept; what others wrote in the field is never cut off', async () => {
    const id = standIn.cases.add()
    standIn.allowNotes(false)
    const long = { key: randomUUID(), text: 'n'.repeat(9_999), since: SINCE }
    for (let n = 0; n < 2; n += 1) await right(here.system.addNote(id, long, signal))
    const kept = String(standIn.cases.known(id).fields.c__update)
    expect([kept.length, kept.endsWith(`…\n[FF ${long.key}]`)]).toEqual([10_000, true])
    standIn.cases.change(id, { c__update: 'w'.repeat(9_900) })
    const short = { key: randomUUID(), text: 't'.repeat(100 - 2 - 42), since: SINCE }
    const before = standIn.requests.length
    const tooLong = { ...short, text: `${short.text}t` }
    expect(await refusal(here.system.addNote(id, tooLong, signal))).toMatchObject({
      type: 'Rejected',
      field: 'c__update',
    })
    expect(standIn.requests.slice(before).filter(({ method }) => method === 'PATCH')).toEqual([])
    await right(here.system.addNote(id, short, signal))
    expect(String(standIn.cases.known(id).fields.c__update).endsWith('w'.repeat(9_900))).toBe(true)
  })

  it('where notes are forbidden a text field takes them, each once, the newest first', async () => {
    const id = standIn.cases.add()
    standIn.allowNotes(false)
    for (const [n, text] of ['first', 'second', 'first'].entries())
      await right(
        here.system.addNote(id, { key: `0c1d3f0e-2222-4333-8444-55556666777${n % 2}`, text, since: SINCE }, signal),
      )
    const kept = String(standIn.cases.known(id).fields.c__update)
    expect(kept.split('\n').filter((line) => line === 'first' || line === 'second')).toEqual(['second', 'first'])
  })

  it('every exchange is remembered, with nothing of a client and no secret', async () => {
    const id = standIn.cases.add({
      contact: 'Canary Nomsa',
      fields: { telephone: '0820000001', description: 'canary-text' },
    })
    await walk()
    await right(here.system.get(id, signal))
    await right(here.system.apply(id, { status: 'Assigned' }, signal))
    await right(
      here.system.addNote(
        id,
        { key: '0c1d3f0e-2222-4333-8444-555566667778', text: 'canary-note', since: SINCE },
        signal,
      ),
    )
    standIn.faults.script({ fault: 'html_error_page' })
    await refusal(here.system.get(id, signal))
    const { rows } = await database.pool.query('select * from qcontact_sync_log')
    const { rows: tenants } = await database.pool.query('select * from sync_tenants')
    const text = JSON.stringify(rows)
    for (const secret of ['anary', '0820000001', tenants[0].access_token, tenants[0].client, 'a-password', '@'])
      expect(text).not.toContain(secret)
    expect(new Set(rows.map(({ sync_type: type }) => type))).toEqual(
      new Set(['full_sync', 'status_update', 'note_add']),
    )
    expect(rows.filter(({ status }) => status === 'failed')).toHaveLength(1)
    expect(rows.length).toBe(standIn.requests.length)
  })
})
