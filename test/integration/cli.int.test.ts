import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'
import { ticketing } from '../support/command-line.ts'
import { hldRows, hostile, notesRows, qaRows, saved, trackerRows, xlsx } from '../support/workbooks.ts'

let folder: string
let env: { readonly DATA_DIR: string }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'))
  env = { DATA_DIR: join(folder, 'data') }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (...words: ReadonlyArray<string>) => ticketing(words, env)
const design = () => saved(xlsx([{ name: 'HLD_Home', rows: hldRows() }]), 'Drops_Lawley.xlsx')
const weekly = () => saved(xlsx([{ name: 'Notes', rows: notesRows() }]), 'Lawley WE251114.xlsx')

/** One database for all of them, in this order: opening it takes most of the time. */
describe('Commands on the embedded database', () => {
  it('bring the schema up once', async () => {
    const first = await run('migrate')
    expect(first).toMatchObject({ code: 0, complained: '' })
    expect(first.said).toContain('0001_tickets')
    expect(await run('migrate')).toEqual({
      code: 0,
      said: 'Nothing to do: the schema is of this version.',
      complained: '',
    })
  })

  it('say which process holds the database', async () => {
    const { close } = await openPglite({ dataDir: env.DATA_DIR })
    try {
      for (const words of [['verify'], ['migrate'], ['import', weekly()]]) {
        const { code, complained } = await ticketing(words, env)
        expect(code).toBe(69)
        expect(complained).toContain(`Process ${process.pid} on`)
        expect(complained).toContain('stop that one, choose another DATA_DIR, or set DATABASE_URL')
        expect(complained.split('\n')).toHaveLength(1)
      }
    } finally {
      await close()
    }
  })

  it('import the design of a project, and recognise the same file', async () => {
    const file = design()
    const first = await run('sow', file, '--project', 'lawley')
    expect(first).toMatchObject({ code: 0, complained: '' })
    expect(first.said).toMatch(/rows kept +196\n/)
    expect(first.said).toMatch(/drops +195, 1 of them in several rows, \d+ spares/)
    const again = await run('sow', file, '--project', 'lawley')
    expect(again.code).toBe(0)
    expect(again.said).toContain('This very workbook stands already')
  })

  it('import tracker and SharePoint, and refuse an unknown project by its rule', async () => {
    const tracker = saved(xlsx([{ name: 'Tracker_Home', rows: trackerRows() }]))
    const sharepoint = saved(xlsx([{ name: 'QA', rows: qaRows() }]))
    expect((await run('tracker', tracker, '--project', 'lawley')).said).toMatch(
      /compared with tickets +dr, .*ont_serial/,
    )
    expect((await run('sharepoint', sharepoint, '--project', 'lawley')).code).toBe(0)
    const unknown = await run('tracker', tracker, '--project', 'atlantis')
    expect(unknown.code).toBe(1)
    expect(unknown.complained).toBe('There is no such project\n  rule: ProjectUnknown\n  project_id: atlantis')
  })

  it('preview a weekly report, commit it when told to, and never twice', async () => {
    const file = weekly()
    const preview = await run('import', file)
    expect(preview.code).toBe(0)
    expect(preview.said).toContain('WR2025-W46-LAW  project lawley, week ending 2025-11-14, 93 rows')
    expect(preview.said).toMatch(/12 {2}monitor +are watched only/)
    expect(preview.said).toContain('Nothing was committed')
    const refused = await ticketing(['import', file], env, { answers: ['no'] })
    expect(refused.said).toContain('Commit? [y/N]')
    expect(refused.said).toContain('Nothing was committed')
    const committed = await ticketing(['import', file, '--project', 'LAW', '--report-date', '2025-11-14'], env, {
      answers: ['y'],
    })
    expect(committed).toMatchObject({ code: 0, complained: '' })
    expect(committed.said).toContain('still waits for its commit')
    expect(committed.said).toMatch(/81 tickets made, 12 rows joined, watched or doubled, 0 rejected/)
    const again = await run('import', file, '--yes')
    expect(again.code).toBe(0)
    expect(again.said).toContain('This very file was imported before, as WR2025-W46-LAW; nothing is done twice.')
  })

  it.each([
    ['no workbook', hostile.text, 'The file is not an xlsx workbook', 'NotAWorkbook'],
    ['an encrypted one', hostile.encrypted, 'The workbook is encrypted', 'EncryptedWorkbook'],
    ['one that unpacks to far more', hostile.bomb, 'The workbook is larger than allowed', 'WorkbookTooLarge'],
    [
      'one with nothing of a report',
      () => xlsx([{ name: 'Notes', rows: [['hello']] }]),
      'No section or header',
      'NothingRecognised',
    ],
  ])('refuse %s and leave nothing behind', async (_, content, sentence, rule) => {
    const { code, said, complained } = await run('import', saved(content(), 'Lawley WE251121.xlsx'), '--yes')
    expect(code).toBe(1)
    expect(said).toBe('')
    expect(complained).toContain(sentence)
    expect(complained).toContain(`rule: ${rule}`)
    expect(complained).not.toMatch(/\n\s+at /)
    expect(
      await readdir(join(env.DATA_DIR, 'reports'), { recursive: true, withFileTypes: true }).then(
        (all) => all.filter((one) => one.isFile()).length,
      ),
    ).toBe(1)
  })

  it('refuse what is no file, by its path', async () => {
    const none = join(folder, 'none.xlsx')
    expect(await run('import', none)).toMatchObject({ code: 1, complained: `There is no such file\n  file: ${none}` })
    expect(await run('sow', folder, '--project', 'lawley')).toMatchObject({
      code: 1,
      complained: `This is not a file\n  file: ${folder}`,
    })
  })

  it('name the field that is missing from a report whose name says nothing', async () => {
    const { code, complained } = await run('import', saved(xlsx([{ name: 'Notes', rows: notesRows() }]), 'notes.xlsx'))
    expect(code).toBe(1)
    expect(complained).toContain('project_id: must name the project')
  })

  it('keep the directory', async () => {
    const list = await run('directory', 'list', 'people')
    expect(list.said).toMatch(/thabo +technician +ubuntu-fibre +Thabo Mokoena/)
    const added = await run(
      'directory',
      'add-person',
      'thandi',
      'Thandi Zulu',
      '--role',
      'technician',
      '--contractor',
      'ubuntu-fibre',
      '--phone',
      '082 555 0123',
    )
    expect(added).toEqual({ code: 0, said: 'thandi (Thandi Zulu) is in the directory.', complained: '' })
    const refused = await run('directory', 'add-team', 'law9', 'Lawley 9', '--members', 'thandi,nobody')
    expect(refused.code).toBe(1)
    expect(refused.complained).toContain('nobody')
    for (const words of [
      ['add-contractor', 'blue', 'Blue Cables', '--own'],
      ['add-team', 'law9', 'Lawley 9', '--contractor', 'blue', '--members', 'thandi'],
      ['add-project', 'soweto', 'sow', 'Soweto', '--manager', 'naledi'],
    ])
      expect((await run('directory', ...words)).code).toBe(0)
    const all = await run('directory', 'list')
    expect(all.said).toMatch(/soweto +SOW +naledi +Soweto/)
    expect(all.said).toMatch(/law9 +blue +thandi +Lawley 9/)
    expect(all.said).not.toContain('555')
  })

  it('take a directory from a workbook, and name the rows that they cannot take', async () => {
    const file = saved(
      xlsx([
        {
          name: 'People',
          rows: [
            ['id', 'name', 'role', 'contractor id'],
            ['lwazi', 'Lwazi Moyo', 'qa', null],
            ['bad', 'Bad One', 'king', null],
          ],
        },
      ]),
    )
    const { code, said, complained } = await run('directory', 'import', file)
    expect(code).toBe(1)
    expect(said).toContain('1 people')
    expect(complained).toMatch(/^People row 3: role must be one of technician/)
  })

  it('reconcile the records with the evidence storage, and name what only one of them has', async () => {
    expect(await run('reconcile')).toMatchObject({ code: 0, complained: '' })
    const { pool, close } = await openPglite({ dataDir: env.DATA_DIR })
    const { rows } = await pool.query(
      `insert into ticket_attachments (ticket_id, filename, storage_path, storage_bucket, storage_generation, sha256)
       select id, 'x', 'evidence/' || id || '/house_front/x.jpg', 'local', '1', repeat('0', 64) from tickets limit 1
       returning id, ticket_id`,
    )
    await close()
    const { code, said, complained } = await run('reconcile')
    expect(code).toBe(1)
    expect(complained).toBe(
      `missing in local: evidence/${rows[0]?.ticket_id}/house_front/x.jpg (attachment ${rows[0]?.id} of ticket ${rows[0]?.ticket_id})`,
    )
    expect(said).toMatch(
      /records +1\n.*objects +0\n.*missing in storage +1\n.*changed in storage +0\n.*named by nothing +0\n.*uploads swept +0/,
    )
    const read = await run('reconcile', '--contents')
    expect(read.said).toMatch(/changed in storage +0\n.*objects read +0\n.*content_differs +0\n.*named by nothing +0/)
  })

  it('verify seals of everything, of a project, and refuse what is not there', async () => {
    expect(await run('verify')).toEqual({ code: 0, said: '0 snapshots checked, nothing was touched.', complained: '' })
    expect((await run('verify', '--project', 'lawley')).code).toBe(0)
    expect((await run('verify', '--ticket', 'ft1000001')).code).toBe(0)
    expect(await run('verify', '--project', 'atlantis')).toMatchObject({ code: 1 })
    const unknown = await run('verify', '--ticket', 'FT9999999')
    expect(unknown).toMatchObject({ code: 1, complained: "Ticket with identifier 'FT9999999' not found" })
  })

  it('do what time sets off, as of a moment', async () => {
    const { code, said } = await run('timers', '--now', '2030-01-01T06:00:00Z')
    expect(code).toBe(0)
    expect(said).toContain('As of 2030-01-01T06:00:00.000Z:')
    expect(said).toMatch(/SLA +\d+ clocks looked at, [1-9]\d* marks told/)
    expect((await run('timers', '--now', '2030-01-01T06:00:00Z')).said).toMatch(/0 marks told/)
  })

  it('play the demo only with workbooks that are there', async () => {
    await writeFile(join(folder, 'Drops_X.xlsx'), '')
    const { code, complained } = await run('demo', '--data', folder)
    expect(code).toBe(1)
    expect(complained).toContain(`data: ${folder}`)
  })
})
