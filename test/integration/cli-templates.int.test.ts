import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ticketing } from '../support/command-line.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-templates-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (...words: ReadonlyArray<string>) =>
  ticketing(['templates', ...words, '--project', 'lawley'], { DATA_DIR: join(folder, 'data') })
const words = async (text: string): Promise<string> => {
  const file = join(folder, 'words.txt')
  await writeFile(file, text)
  return file
}

describe('Templates on the command line', () => {
  it('are listed, tried, written and given up again', async () => {
    const listed = await run('list')
    expect(listed).toMatchObject({ code: 0, complained: '' })
    expect(listed.said).toMatch(/^assignment +built in +\*NEW WORK - \{\{ticket_uid\}\}\*$/m)

    const file = await words('Go to {{dr_number}}: {{ticket_uid}}\n')
    expect(await run('preview', 'assignment', '--file', file)).toMatchObject({
      code: 0,
      said: 'Go to DR1729500: FT1000042',
    })
    expect((await run('set', 'assignment', file)).said).toBe('lawley says assignment in words of its own now.')
    const shown = await run('show', 'assignment')
    expect(shown.said).toContain('Go to {{dr_number}}: {{ticket_uid}}\n\nIt may name: ticket_uid, ')
    expect((await run('preview', 'qa_rejection')).said).toContain('• Green lights: missing')

    const wrong = await run('set', 'assignment', await words('{{ticket_uid}} {{nobody}}'))
    expect(wrong.code).toBe(1)
    expect(wrong.complained).toContain('templates.assignment: must be text that names only these variables')
    expect((await run('preview', 'assignment')).said).toBe('Go to DR1729500: FT1000042')

    expect((await run('reset', 'assignment')).said).toBe('lawley says assignment in the built-in words now.')
    expect((await run('preview', 'assignment')).said).toContain('*NEW WORK - FT1000042*')
  }, 120_000)

  it('are refused of what is not there', async () => {
    expect((await run('preview', 'assignment', '--ticket', 'FT9999999')).complained).toBe(
      "Ticket with identifier 'FT9999999' not found",
    )
    expect((await run('set', 'assignment', join(folder, 'none.txt'))).complained).toContain('There is no such file')
    expect(await run('show', 'greeting')).toMatchObject({ code: 2 })
    expect(
      await ticketing(['templates', 'list', '--project', 'atlantis'], { DATA_DIR: join(folder, 'data') }),
    ).toMatchObject({ code: 1, complained: "Project with identifier 'atlantis' not found" })
  }, 120_000)
})
