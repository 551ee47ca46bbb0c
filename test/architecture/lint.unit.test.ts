import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge, plant } from './planted.ts'

type Oxlint = { readonly diagnostics: ReadonlyArray<{ readonly code: string; readonly filename: string }> }
type Biome = {
  readonly diagnostics: ReadonlyArray<{ readonly category: string; readonly location: { readonly path: string } }>
}

const GLOBALS = 'eslint(no-restricted-globals)'
const PROPERTIES = 'eslint(no-restricted-properties)'

/** What a decision may not do, and the rule that says so. */
const banned: ReadonlyArray<readonly [what: string, expression: string, rule: string]> = [
  ['date-now', 'Date.now()', PROPERTIES],
  ['date-now-by-key', "Date['now']()", PROPERTIES],
  ['new-date', 'new Date()', 'plugin'],
  ['new-date-bare', 'new Date', 'plugin'],
  ['date-call', 'Date()', 'plugin'],
  ['math-random', 'Math.random()', PROPERTIES],
  ['random-uuid', 'crypto.randomUUID()', PROPERTIES],
  ['random-values', 'crypto.getRandomValues(new Uint8Array(1))', GLOBALS],
  ['process', 'process.env', GLOBALS],
  ['set-timeout', 'setTimeout(() => {}, 1)', GLOBALS],
  ['set-interval', 'setInterval(() => {}, 1)', GLOBALS],
  ['set-immediate', 'setImmediate(() => {})', GLOBALS],
  ['queue-microtask', 'queueMicrotask(() => {})', GLOBALS],
  ['performance', 'performance.now()', GLOBALS],
  ['fetch', "fetch('http://localhost')", GLOBALS],
  ['console', 'console.log(1)', GLOBALS],
  ['global-this', 'globalThis.Date', GLOBALS],
]

const FLOATING = 'const work = async (): Promise<number> => 1\nexport const forget = (): void => {\n  work()\n}\n'

describe('the lint', () => {
  let planted: Awaited<ReturnType<typeof plant>>
  let found: ReadonlyArray<readonly [file: string, rule: string]>
  const caughtAt = (file: string): ReadonlyArray<string> =>
    found.filter(([where]) => where.endsWith(file)).map(([, rule]) => rule)

  beforeAll(async () => {
    const files = banned.map(([what, expression]) => [`${what}.ts`, `export const planted = () => ${expression}\n`])
    planted = await plant({
      ...Object.fromEntries(files.map(([file, text]) => [`src/domain/${file}`, text])),
      ...Object.fromEntries(files.map(([file, text]) => [`src/adapters/clock/${file}`, text])),
      'src/domain/dates.ts': 'export const dates = (iso: string) => [new Date(iso), Date.parse(iso), Math.max(1, 2)]\n',
      'src/adapters/clock/floating.ts': FLOATING,
    })
    const [oxlint, biome] = await Promise.all([
      judge<Oxlint>(planted.path, 'oxlint', '--format=json', 'src'),
      judge<Biome>(planted.path, 'biome', 'lint', '--reporter=json', '--max-diagnostics=none', 'src'),
    ])
    found = [
      ...oxlint.diagnostics.map(({ code, filename }) => [filename, code] as const),
      ...biome.diagnostics.map(({ category, location }) => [location.path, category] as const),
    ]
  })
  afterAll(() => planted?.remove())

  it.each(banned)('catches %s in the domain: %s', (what, _, rule) => {
    expect(caughtAt(`src/domain/${what}.ts`)).toContain(rule)
  })

  it.each(banned)('leaves %s to adapters: %s', (what, _, rule) => {
    expect(caughtAt(`src/adapters/clock/${what}.ts`)).not.toContain(rule)
  })

  it('lets the domain read a date that arrived', () => {
    expect(caughtAt('src/domain/dates.ts')).toEqual([])
  })

  it('catches a promise that nobody waits for', () => {
    expect(caughtAt('src/adapters/clock/floating.ts')).toContain('typescript(no-floating-promises)')
  })
})
