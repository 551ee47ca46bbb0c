import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { STAND_IN_USER, type StandIn, startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import { ticketing } from '../support/command-line.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

describeOn('postgres', 'What goes out, on the command line', () => {
  let database: TestDatabase
  let standIn: StandIn
  let folder: string
  let env: Readonly<Record<string, string>>
  const run = (...words: ReadonlyArray<string>) => ticketing(words, env)

  beforeAll(async () => {
    database = await testDatabase('postgres')
    standIn = await startStandIn()
    folder = await mkdtemp(join(tmpdir(), 'cli-exchange-'))
    const file = join(folder, 'qcontact.json')
    await writeFile(file, JSON.stringify({ tenant: 'stand-in', baseUrl: standIn.url, budgetPerMinute: 100_000 }))
    env = {
      DATABASE_URL: database.url ?? '',
      DATA_DIR: join(folder, 'data'),
      EXAMPLES: 'on',
      QCONTACT_CONFIG: file,
      QCONTACT_EMAIL: STAND_IN_USER.email,
      QCONTACT_PASSWORD: STAND_IN_USER.password,
    }
  })
  afterAll(async () => {
    await standIn.close()
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('a comparison stays until every case is its ticket, and the standing says so', async () => {
    expect((await run('sync', 'status')).said).toMatch(/last full run +never/)
    const id = standIn.cases.add({ label: 'Connection Issue FT657323', contact: 'Canary Client' })
    const compared = await run('sync', 'run')
    expect(compared).toMatchObject({ code: 0, complained: '' })
    expect(compared.said).toMatch(/^Run [0-9a-f-]{36}: 1 of 1 cases: .* 0 conflicts, 0 waiting, 0 failed/)
    const again = await run('sync', 'run', '--ticket', 'FT657323')
    expect(again.said).toMatch(/1 of 1 cases: 1 in step, 0 repaired, 0 new/)
    const standing = await run('sync', 'status')
    expect(standing.said).toMatch(/cases that are tickets +1/)
    expect(standing.said).toMatch(/last full run +\S+Z, finished: 1 of 1 cases/)
    expect((await run('sync', 'conflicts')).said).toBe('None.')

    standIn.cases.change(id, { status: 'Solved' })
    expect((await run('sync', 'run', '--changes')).code).toBe(0)
    const [conflict = ''] = (await run('sync', 'conflicts')).said.split('\n')
    expect(conflict).toMatch(/FT657323 +status_refused +status +ours Open, theirs Solved/)
    const [which = ''] = conflict.split(' ')
    const unfit = await run('sync', 'resolve', which, '--as', 'take_theirs')
    expect([unfit.code, unfit.said]).toEqual([1, ''])
    expect((await run('sync', 'resolve', which, '--as', 'noted', '--notes', 'told the client')).said).toBe('Decided.')
    expect((await run('sync', 'conflicts')).said).toBe('None.')

    const log = await run('sync', 'log')
    expect(log.said).toMatch(/Z +inbound +\S+ +\d+ +success/)
    expect(log.said).not.toMatch(/Canary/)
  })

  it('what is not there, or cannot be read, is refused by name', async () => {
    expect((await run('sync', 'run', '--ticket', 'FT9999999')).complained).toContain("'FT9999999' not found")
    expect(await run('sync', 'resolve', randomUUID(), '--as', 'noted')).toMatchObject({ code: 1, said: '' })
    expect((await run('sync', 'resolve', 'first', '--as', 'noted')).code).toBe(2)
    expect((await run('sync', 'log', '--page', '0')).code).toBe(2)
    const { QCONTACT_CONFIG: _, QCONTACT_EMAIL: __, QCONTACT_PASSWORD: ___, ...without } = env
    expect((await ticketing(['sync', 'status'], without)).said).toMatch(/tenant +none is configured/)
    expect((await ticketing(['sync', 'run'], without)).code).toBe(69)
  })

  it('dead letters are listed, read, retried once and dropped with a reason', async () => {
    expect((await run('dead-letters', 'list')).said).toBe('There are no dead letters.')
    const [first, second] = [randomUUID(), randomUUID()]
    for (const id of [first, second])
      await database.pool.query(
        `insert into dead_letters (id, reaction, key, event_id, event_type, event, reason, attempts, queued_at, died_at)
        values ($1, 'note_look_alikes', 'k', $2, 'TicketCreated', '{"body": {"n": 1}}', 'ObjectMissing', 10, now(), now())`,
        [id, randomUUID()],
      )
    const listed = await run('dead-letters', 'list', '--reaction', 'note_look_alikes')
    expect(listed.said.split('\n')).toHaveLength(2)
    expect(listed.said).toMatch(new RegExp(`${first} +\\S+Z +note_look_alikes +TicketCreated +ObjectMissing`))
    expect((await run('dead-letters', 'list', '--reaction', 'other')).said).toBe('There are no dead letters.')
    expect((await run('dead-letters', 'list', '--page', '2')).said).toBe('2 in all; --page shows others.')
    expect(JSON.parse((await run('dead-letters', 'show', first)).said)).toMatchObject({ id: first, attempts: 10 })

    expect((await run('dead-letters', 'drop', second)).code).toBe(2)
    expect((await run('dead-letters', 'drop', second, '--reason', 'told by phone')).said).toBe(
      'Dropped. Who did and why is kept.',
    )
    expect(await run('dead-letters', 'drop', second, '--reason', 'again')).toMatchObject({ code: 1, said: '' })
    expect((await run('dead-letters', 'show', second)).code).toBe(1)
    expect((await run('dead-letters', 'show', 'first')).code).toBe(2)

    expect((await run('dead-letters', 'retry', first, '--reason', ' ')).code).toBe(2)
    expect((await run('dead-letters', 'retry', first, '--reason', 'the bucket is back')).said).toBe(
      'TicketCreated goes back to note_look_alikes; a server or worker takes it up.',
    )
    expect((await run('dead-letters', 'list')).said).toMatch(/on its way back since \S+Z$/)
    expect(await run('dead-letters', 'retry', randomUUID(), '--reason', 'x')).toMatchObject({ code: 1, said: '' })
  })

  it('every photo is judged where there is none', async () => {
    expect(await run('judge-photos')).toMatchObject({
      code: 0,
      said: 'Every photo is judged by this version and compared with the others.',
    })
  })
})
