import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ticketing } from '../support/command-line.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

/** Where the demo has a database of its own: with another one, what waits to go out is somebody's. */
const OUTSIDE = [
  ['A case of QContact is a ticket', 'accepted', 'FT657323: open, drop DR'],
  ['QContact is away, and the work goes on', 'not in step: Transient: HTTP 500', 'by itself the case says Assigned'],
  [
    'What cannot be delivered waits for a person',
    'Rejected: HTTP 422',
    'the case says InProgress; no dead letter is left',
  ],
] as const
const TOLD = [['Told by WhatsApp, once', 'the phone of Thabo Mokoena', 'none of them twice']] as const

const CHAPTERS = [
  ['The design comes in', '481 rows: 480 drops'],
  [
    'The weekly report becomes tickets',
    '79 tickets made, 13 rows watched or doubled, 1 rejected',
    'recognised by its hash',
  ],
  ...OUTSIDE,
  ['The work is given out', 'assigns FT', 'gets 404 for the same address'],
  ['Not ready: the check says why', 'photos_exist', 'ont_rx_recorded', 'fault_attributed'],
  ['Proof: photographs and values', '3 of 3 steps', '12/12'],
  ['A photograph used twice is caught', 'The same photo is step work_area_final of ticket FT'],
  ['The cause, and off to QA', 'confirmed by thabo', 'pending_qa'],
  ['QA, by someone who did not do the work', '422 Who did the work does not review it', 'its first snapshot is sealed'],
  ['Rejected, with reasons; then rework', 'qa_rejected: photo_quality', 'rectification cycle 1'],
  ['Approved, with a condition that expires', 'qa_approved; the risk'],
  ['The handover gate says everything at once', 'as_built_confirmed', 'contractor_assigned'],
  [
    'Handed over, sealed and chained',
    'handed_to_maintenance',
    'Risks are not resolved yet',
    'is closed',
    'qa_to_maintenance',
  ],
  [
    'Nobody rewrites what was sealed',
    'a handover snapshot is immutable: UPDATE refused',
    'snapshot 4 of FT',
    'HashMismatch',
    'put back',
  ],
  ['The same drop, for the third time', 'an escalation of drop DR', 'its infrastructure ticket FT'],
  ...TOLD,
  ['What stands now', 'closed', 'all 6 seals are whole, and anchored', 'The whole story held'],
] as const

const isOutside = (chapter: ReadonlyArray<string>): boolean =>
  [...OUTSIDE, ...TOLD].some((one: ReadonlyArray<string>) => one === chapter)

const expectStory = (said: string, outside: boolean): void => {
  let from = 0
  const told = CHAPTERS.filter((chapter) => outside || !isOutside(chapter))
  for (const [at, [title, ...facts]] of told.entries()) {
    const begin = said.indexOf(`${String(at + 1).padStart(2)}. ${title}`, from)
    expect(begin, `chapter ${at + 1}: ${title}`).toBeGreaterThan(-1)
    const end = said.indexOf(`\n${String(at + 2).padStart(2)}. `, begin)
    const chapter = said.slice(begin, end === -1 ? undefined : end)
    for (const fact of facts) expect(chapter).toContain(fact)
    from = begin
  }
  expect(said).not.toMatch(/undefined|\[object|NaN/)
}

describe('The demo', () => {
  let folder: string
  const children: Array<ReturnType<typeof spawn>> = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-test-'))
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const start = (...words: ReadonlyArray<string>) => {
    const cli = join(import.meta.dirname, '../../src/infrastructure/cli.ts')
    const child = spawn(process.execPath, [cli, ...words], {
      env: { ...process.env, DATABASE_URL: '', TMPDIR: folder },
    })
    children.push(child)
    let said = ''
    let complained = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (complained += chunk))
    const closed = once(child, 'close').then(([code]) => code as number)
    const until = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(said)) {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${said}\n${complained}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    return { child, closed, until, said: () => said, complained: () => complained }
  }

  it('plays the whole main job on the embedded database, and stays to be looked at', async () => {
    const demo = start('demo', '--synthetic', '--keep')
    await demo.until(/The server stays until Ctrl-C/)
    expectStory(demo.said(), true)
    const repair = /the repair +curl .* '(http\S+)'/.exec(demo.said())?.[1] ?? ''
    const answer = await fetch(repair, { headers: { 'X-Local-User': 'naledi' } })
    expect(await answer.json()).toMatchObject({ data: { status: 'closed' } })
    demo.child.kill('SIGINT')
    expect(await demo.closed).toBe(0)
    expect(demo.complained()).toBe('')
    expect(await readdir(folder)).toEqual([])
  }, 180_000)

  it('stops at once with Ctrl-C and leaves nothing behind', async () => {
    const demo = start('demo', '--synthetic')
    await demo.until(/1\. The design comes in/)
    demo.child.kill('SIGINT')
    expect(await demo.closed).toBe(130)
    expect(demo.complained()).toBe('')
    expect(await readdir(folder)).toEqual([])
  }, 180_000)
})

describeOn('postgres', 'The demo, with DATABASE_URL', () => {
  let database: TestDatabase
  let folder: string
  beforeAll(async () => {
    database = await testDatabase('postgres')
    folder = await mkdtemp(join(tmpdir(), 'demo-key-'))
  })
  afterAll(async () => {
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('plays in a project of its own, where a tampering is found exactly', async () => {
    const env = { DATABASE_URL: database.url ?? '', DATA_DIR: folder }
    const { code, said, complained } = await ticketing(['demo', '--synthetic'], env)
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
    expectStory(said, false)
    const project = /everything is put into the new project (demo-\w+)/.exec(said)?.[1] ?? ''
    expect((await ticketing(['verify', '--project', project], env)).said).toMatch(
      /^6 snapshots checked, nothing was touched\.(\n.* anchored.*)?$/,
    )

    const { pool } = database
    await pool.query('alter table handover_snapshots disable trigger user')
    await pool.query(
      `update handover_snapshots set guarantee_status = 'under_warranty' where project_id = $1 and seq = 4`,
      [project],
    )
    await pool.query('delete from handover_snapshots where project_id = $1 and seq = 6', [project])
    await pool.query('alter table handover_snapshots enable trigger user')
    const found = await ticketing(['verify'], env)
    expect(found.code).toBe(1)
    expect(found.complained).toMatch(
      new RegExp(`^${project}, snapshot 4 of FT\\d+: the column guarantee_status is not what was sealed`),
    )
    expect(found.complained).toContain(
      `${project}, the chain itself: the chain ends with number 5, but its head says number 6`,
    )
    expect(found.complained).toContain('5 snapshots checked, 3 faults found.') // the sixth is missed by its anchor, too
    const uid = /snapshot 4 of (FT\d+)/.exec(found.complained)?.[1] ?? ''
    expect((await ticketing(['verify', '--ticket', uid], env)).code).toBe(1)
  }, 180_000)
})
