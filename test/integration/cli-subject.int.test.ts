import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compose } from '../../src/infrastructure/compose.ts'
import { readConfig } from '../../src/infrastructure/config.ts'
import { ticketing } from '../support/command-line.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'

/** One database for all of them, in this order: opening it takes most of the time. */
describe('A client on the command line', () => {
  let folder: string
  let env: { readonly DATA_DIR: string; readonly LOG_LEVEL: string }
  const run = (...words: ReadonlyArray<string>) => ticketing(words, env)
  const made = aTicket('open', { projectId: 'lawley' })
  const bare = { ...made, place: { ...made.place, dr: null } }
  let withDrop: string
  const subject = ['--project', 'lawley', '--dr', 'DR1729500'] as const
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-subject-'))
    env = { DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'silent' }
    const config = readConfig(env)
    if (config._tag === 'Left') throw new Error('no configuration')
    const { ports, close } = await compose(config.right, pino({ level: 'silent' }))
    const ticket = aTicket('open', { projectId: 'lawley' })
    withDrop = ticket.id
    await done(
      ports.tickets.commit([creationOf(ticket, { client: { name: 'Thandi Mokoena', phone: null, email: null } })], []),
    )
    await done(
      ports.tickets.commit([creationOf(bare, { client: { name: 'Sipho Dlamini', phone: null, email: null } })], []),
    )
    await done(
      ports.platforms.recordInstallation(
        {
          projectId: 'lawley',
          dr: 'DR1729600',
          installedOn: '2026-01-02',
          source: 'told by Nomsa Zulu',
          recordedBy: 'mpho',
          recordedAt: '2026-03-01T00:00:00.000Z',
          version: 1,
        },
        () => null,
      ),
    )
    await close()
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is exported to a new folder, never into one that is there', async () => {
    const out = join(folder, 'thandi')
    expect(await run('subject', 'export', ...subject, '--out', out)).toEqual({
      code: 0,
      said: `1 ticket and 0 files are in ${out}.`,
      complained: '',
    })
    expect((await readdir(out)).toSorted()).toEqual(['documents', 'photos', 'subject.json'])
    expect(await readFile(join(out, 'subject.json'), 'utf8')).toContain('Thandi Mokoena')
    expect(await run('subject', 'export', ...subject, '--out', out)).toMatchObject({
      code: 1,
      complained: `There is such a folder already\n  out: ${out}\n  reason: EEXIST`,
    })
  })

  it('of a ticket without a drop is named by the ticket alone', async () => {
    const out = join(folder, 'sipho')
    expect((await run('subject', 'export', '--ticket', bare.id, '--out', out)).code).toBe(0)
    expect(await readFile(join(out, 'subject.json'), 'utf8')).toContain('Sipho Dlamini')
    expect((await run('subject', 'export', '--ticket', 'x', ...subject, '--out', out)).code).toBe(2)
    expect((await run('subject', 'export', '--project', 'lawley', '--out', out)).code).toBe(2)
    expect((await run('subject', 'export', '--ticket', withDrop, '--out', out)).complained).toMatch(
      /name the project and the drop instead[\s\S]*DR1729500/,
    )
  })

  it('is erased only when someone says yes, with a reason, and for a drop that there is', async () => {
    expect(await run('subject', 'erase', ...subject, '--reason', 'asked')).toEqual({
      code: 1,
      said: '',
      complained: 'Nothing was erased. Say yes, or add --yes.',
    })
    expect((await run('subject', 'erase', ...subject)).code).toBe(2)
    expect((await run('subject', 'erase', '--project', 'lawley', '--dr', 'x', '--reason', 'asked')).code).toBe(2)
    const other = await run('subject', 'erase', '--project', 'lawley', '--dr', 'DR9999999', '--reason', 'x', '--yes')
    expect(other.complained).toMatch(/^Subject with identifier 'lawley DR9999999' not found/)
    expect(await run('subject', 'erase', ...subject, '--reason', 'asked', '--yes')).toEqual({
      code: 0,
      said: 'The client of DR1729500 is erased in 1 ticket. Sealed handovers still verify.',
      complained: '',
    })
    expect(await run('subject', 'erase', '--ticket', bare.id, '--reason', 'asked', '--yes')).toEqual({
      code: 0,
      said: `The client of ${bare.id} is erased in 1 ticket. Sealed handovers still verify.`,
      complained: '',
    })
    expect((await run('subject', 'erase', ...subject, '--reason', 'asked', '--yes')).said).toBe(
      'Nothing personal was left about the client of DR1729500.',
    )
  })
  it('whose drop has records and no ticket is exported and erased just the same', async () => {
    const [out, rows] = [join(folder, 'nomsa'), ['--project', 'lawley', '--dr', 'dr1729600'] as const]
    expect((await run('subject', 'export', ...rows, '--out', out)).said).toBe(
      `0 tickets, 1 row of the drop and 0 files are in ${out}.`,
    )
    expect(await readFile(join(out, 'subject.json'), 'utf8')).toContain('Nomsa Zulu')
    const erase = () => run('subject', 'erase', ...rows, '--reason', 'asked', '--yes')
    expect(await erase()).toEqual({
      code: 0,
      said: 'The client of DR1729600 has no ticket; 1 row of the drop is erased.',
      complained: '',
    })
    expect((await erase()).said).toBe('Nothing personal was left about the client of DR1729600.')
  })
})
