import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { compose } from '../../src/infrastructure/compose.ts'
import { readConfig } from '../../src/infrastructure/config.ts'
import { ticketing } from '../support/command-line.ts'
import { aTicket, changeOf, creationOf, done, only, TICKET_KEY } from '../support/stored-tickets.ts'
import { facts, later, REVIEWER, stamp } from '../support/tickets.ts'

/** One database for all of them, in this order: opening it takes most of the time. */
describe('Proof on the command line', () => {
  let folder: string
  let env: { readonly DATA_DIR: string; readonly LOG_LEVEL: string }
  let bundle: string
  const run = (...words: ReadonlyArray<string>) => ticketing(words, env)

  /** Seals so many handovers in a running program, and waits until they are anchored. */
  const sealed = async (count: number): Promise<void> => {
    const config = readConfig(env)
    if (config._tag === 'Left') throw new Error('no configuration')
    const { ports, start, close } = await compose(config.right, pino({ level: 'silent' }))
    try {
      await start()
      for (let n = 0; n < count; n += 1) {
        const ticket = aTicket('pending_qa', { projectId: 'lawley' })
        await done(ports.tickets.commit([creationOf(ticket)], []))
        await ports.database.pool.query('insert into subject_keys (ticket_id, key) values ($1, $2)', [
          ticket.id,
          TICKET_KEY,
        ])
        const before = only(await done(ports.tickets.load([ticket.id])))
        const decided = startQa(stamp(REVIEWER, later(3), randomUUID()), facts())(before.ticket)
        await done(ports.tickets.commit([], [changeOf(before, decided)]))
      }
      await ports.queue.drain(20_000)
    } finally {
      await close()
    }
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-proof-'))
    env = { DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'silent' }
    bundle = join(folder, 'lawley.ndjson')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is signed and anchored after each handover, by itself', async () => {
    expect((await run('keys', 'list')).said).toBe('Nothing was signed yet.')
    await sealed(2)
    expect(await run('verify')).toEqual({
      code: 0,
      said: '2 snapshots checked, nothing was touched.\nlawley: anchored to snapshot 2.',
      complained: '',
    })
    expect((await readdir(join(env.DATA_DIR, 'anchors', 'lawley'))).at(-1)).toMatch(/^000000000002-/)
    expect((await run('keys', 'list')).said).toMatch(/^[0-9a-f]{32} .* first +MCowBQYDK2VwAyEA\S+ +signs now$/)
  })

  it('goes on over a change of keys, and is exported once', async () => {
    const rotated = await run('keys', 'rotate')
    expect(rotated).toMatchObject({ code: 0, complained: '' })
    expect(rotated.said).toMatch(/^Key [0-9a-f]{32} signs from .* on\./)
    await sealed(1)
    expect(await run('verify', '--project', 'lawley')).toMatchObject({ code: 0, complained: '' })
    expect((await run('keys', 'list')).said.split('\n')).toHaveLength(2)
    const exported = await run('export', '--project', 'lawley', '--out', bundle)
    expect(exported.said).toMatch(/^3 snapshots, [23] anchors and 2 keys are in /)
    expect(await run('export', '--project', 'lawley', '--out', bundle)).toMatchObject({
      code: 1,
      complained: `There is such a file already\n  out: ${bundle}\n  reason: EEXIST`,
    })
    expect(await run('export', '--project', 'atlantis', '--out', join(folder, 'x'))).toMatchObject({ code: 1 })
  })

  it('is verified offline from the export, by a key that one knows, and says where it was touched', async () => {
    const offline = (...words: ReadonlyArray<string>) => ticketing(['verify', '--bundle', bundle, ...words])
    const [keyId = ''] = (await run('keys', 'list')).said.split(' ')
    expect(await offline('--trusted-key', keyId)).toEqual({
      code: 0,
      said: expect.stringMatching(
        /^The anchors are those in the bundle itself; --anchors .*\n3 snapshots checked, nothing was touched\.\nlawley: anchored to snapshot [23]/,
      ),
      complained: '',
    })
    expect((await offline()).said).toMatch(/^The keys are those the bundle itself names/)
    const held = await offline('--anchors', env.DATA_DIR, '--trusted-key', keyId)
    expect(held).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^3 snapshots checked.*\nlawley: anchored to snapshot 3\.$/),
    })
    expect(await offline('--trusted-key', 'nonsense')).toMatchObject({ code: 2 })
    expect(await offline('--trusted-key', '0'.repeat(32))).toMatchObject({ code: 1 })
    const text = await readFile(bundle, 'utf8')
    await writeFile(bundle, text.replace(/("seq":2,.*?"chain_hash":")[0-9a-f]{64}/, `$1${'0'.repeat(64)}`))
    const { code, complained } = await offline('--trusted-key', keyId)
    expect(code).toBe(1)
    expect(complained).toContain('lawley, snapshot 2: its chain hash should be')
    expect(complained).toContain('lawley, snapshot 3: it should follow 0000')
    await writeFile(bundle, 'hello')
    expect(await offline()).toMatchObject({ code: 1, complained: expect.stringContaining('no exported bundle') })
    expect(await ticketing(['verify', '--bundle', join(folder, 'none')])).toMatchObject({ code: 1 })
    expect(await ticketing(['verify', '--bundle', bundle, '--project', 'lawley'])).toMatchObject({ code: 2 })
  })

  it('needs the key that the operator named, closed to others', async () => {
    const named = join(folder, 'named.pem')
    const missing = await ticketing(['verify'], { ...env, SIGNING_KEY_FILE: named })
    expect(missing).toMatchObject({ code: 69, complained: expect.stringContaining(`no signing key at ${named}`) })
    await writeFile(named, await readFile(join(env.DATA_DIR, 'signing-key.pem')), { mode: 0o644 })
    const open = await ticketing(['verify'], { ...env, SIGNING_KEY_FILE: named })
    expect(open).toMatchObject({ code: 69, complained: expect.stringContaining('open to others') })
    expect(open.complained).not.toContain('PRIVATE')
  })
})
