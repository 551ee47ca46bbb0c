import { describe, expect, it } from 'vitest'
import { ticketing } from '../support/command-line.ts'

const COMMANDS = [
  ['serve'],
  ['migrate'],
  ['import'],
  ['sow'],
  ['sharepoint'],
  ['tracker'],
  ['verify'],
  ['timers'],
  ['demo'],
  ['directory'],
  ['directory', 'list'],
  ['directory', 'import'],
  ['directory', 'add-person'],
  ['directory', 'add-contractor'],
  ['directory', 'add-team'],
  ['directory', 'add-project'],
  ['sync'],
  ['sync', 'run'],
  ['sync', 'status'],
  ['sync', 'conflicts'],
  ['sync', 'resolve'],
  ['sync', 'log'],
  ['worker'],
  ['dead-letters'],
  ['dead-letters', 'list'],
  ['dead-letters', 'show'],
  ['dead-letters', 'retry'],
  ['dead-letters', 'drop'],
  ['notifications'],
  ['notifications', 'list'],
  ['notifications', 'settle'],
  ['notifications', 'state'],
  ['notifications', 'on'],
  ['notifications', 'off'],
  ['templates'],
  ['templates', 'list'],
  ['templates', 'show'],
  ['templates', 'set'],
  ['templates', 'reset'],
  ['templates', 'preview'],
] as const

describe('The command line', () => {
  it.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    'explains %s with an example',
    async (name, words) => {
      const { code, said } = await ticketing([...words, '--help'])
      expect(code).toBe(0)
      expect(said).toContain(`Usage: ticketing ${name}`)
      expect(said).toContain(`$ ticketing ${name}`)
    },
  )

  it('lists its commands and what each exit code means', async () => {
    const { code, said } = await ticketing(['--help'])
    expect(code).toBe(0)
    for (const [first] of COMMANDS) expect(said).toMatch(new RegExp(`^  ${first}\\b`, 'm'))
    for (const exit of [0, 1, 2, 69, 70, 78, 130]) expect(said).toMatch(new RegExp(`^  ${exit} `, 'm'))
  })

  it('says its version', async () => {
    expect((await ticketing(['--version'])).said).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('starts no worker without a database that it shares with a server', async () => {
    const { code, complained } = await ticketing(['worker'], { DATABASE_URL: '' })
    expect(code).toBe(78)
    expect(complained).toContain('DATABASE_URL')
  })

  it('shows the help and a usage code when nothing is asked', async () => {
    const { code, said } = await ticketing([])
    expect(code).toBe(2)
    expect(said).toContain('Usage: ticketing')
  })

  it.each([
    ['an unknown command', ['verfy'], "unknown command 'verfy'"],
    ['an unknown option', ['verify', '--all'], "unknown option '--all'"],
    ['a missing argument', ['import'], "missing required argument 'workbook'"],
    ['an argument too many', ['migrate', 'now'], 'too many arguments'],
    ['a missing option', ['sow', 'design.xlsx'], "required option '--project <id>' not specified"],
    ['a day that does not exist', ['import', 'a.xlsx', '--report-date', '2025-02-30'], 'It must be a day'],
    ['a moment without its zone', ['timers', '--now', '2026-03-01T06:00:00'], 'It must be a moment with its zone'],
    ['two scopes at once', ['verify', '--project', 'lawley', '--ticket', 'FT1000001'], 'cannot be used with'],
    ['a dead letter that is none', ['dead-letters', 'show', '12'], 'It must be an id as dead-letters list shows it'],
    ['no reason', ['dead-letters', 'drop', '00000000-0000-0003-0004-9a368b2d404f'], "required option '--reason <why>'"],
    ['an unknown role', ['directory', 'add-person', 'x', 'X', '--role', 'king'], 'Allowed choices are technician'],
    [
      'a number that is none',
      ['directory', 'add-contractor', 'x', 'X', '--phone', '12'],
      'It must be a telephone number',
    ],
    ['an id with a line break', ['directory', 'add-contractor', 'x\ny', 'X'], 'It must be letters, digits'],
    ['an unknown kind', ['directory', 'list', 'cats'], 'Allowed choices are projects'],
  ] as const)('refuses %s, with a usage code', async (_, words, why) => {
    const { code, said, complained } = await ticketing(words)
    expect(code).toBe(2)
    expect(said).toBe('')
    expect(complained).toContain(why)
    expect(complained).toContain('--help')
  })

  it('says which setting of the environment cannot be used, and never its secret', async () => {
    const { code, complained } = await ticketing(['migrate'], { PORT: 'http', DATABASE_URL: 'mysql://me:secret@db/x' })
    expect(code).toBe(78)
    expect(complained).toContain('PORT must be a whole number from 0 to 65535; it is "http"')
    expect(complained).toContain('DATABASE_URL must be a PostgreSQL address')
    expect(complained).not.toContain('secret')
  })

  it.each([['migrate'], ['verify'], ['timers'], ['demo', '--synthetic']])(
    'says that the database is away, in a sentence (%s)',
    async (...words) => {
      const { code, complained } = await ticketing(words, { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/none' })
      expect(code).toBe(69)
      expect(complained).toContain('The database cannot be used: connect ECONNREFUSED 127.0.0.1:1')
      expect(complained).not.toMatch(/secret|\n\s+at /)
    },
  )
})
