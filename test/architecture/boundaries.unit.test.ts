import { globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge, type Planted, plant } from './planted.ts'

type Cruise = {
  readonly modules: ReadonlyArray<{ readonly source: string }>
  readonly summary: {
    readonly violations: ReadonlyArray<{
      readonly from: string
      readonly to: string
      readonly rule: { readonly name: string }
    }>
  }
}

const cruise = (cwd: string): Promise<Cruise> =>
  judge(cwd, 'depcruise', 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json')

/** For each rule the files that break it. */
const violations: Readonly<Record<string, Planted>> = {
  'domain-is-pure': { 'src/domain/reads-files.ts': "import 'node:fs'" },
  'application-knows-no-technology': { 'src/application/speaks-sql.ts': "import 'pg'" },
  'adapters-do-not-know-each-other': {
    'src/adapters/http/asks-postgres.ts': "import type { Row } from '../postgres/row.ts'",
    'src/adapters/postgres/row.ts': 'export type Row = 1',
  },
  'only-the-root-knows-the-root': {
    'src/adapters/cli/reads-config.ts': "import '../../infrastructure/config.ts'",
    'src/infrastructure/config.ts': 'export const port = 1',
  },
  'container-at-the-root-only': {
    'src/adapters/http/takes-container.ts': "import type { Container } from 'inversify'",
  },
  'schemas-at-the-edge-only': { 'src/application/parses.ts': "import 'zod'" },
  'source-does-not-know-its-tests': {
    'src/adapters/memory/uses-builder.ts': "import '../../../test/support/builder.ts'",
    'test/support/builder.ts': 'export const builder = 1',
  },
  'source-uses-no-development-package': { 'src/adapters/http/generates.ts': "import 'fast-check'" },
  'everything-resolves': { 'src/domain/imports-nothing.ts': "import './not-there.ts'" },
  'every-file-has-a-layer': { 'src/shared/loose.ts': 'export const loose = 1' },
  'no-circle': {
    'src/domain/hen.ts': "import type { Egg } from './egg.ts'\nexport type Hen = Egg",
    'src/domain/egg.ts': "import type { Hen } from './hen.ts'\nexport type Egg = Hen",
  },
}

/** The same rules by other doors: every one of these files must be caught too. */
const otherDoors: ReadonlyArray<readonly [rule: string, file: string, text: string]> = [
  ['domain-is-pure', 'src/domain/up-type.ts', "import type { Row } from '../adapters/postgres/row.ts'"],
  ['domain-is-pure', 'src/domain/up.ts', "import '../application/parses.ts'"],
  ['domain-is-pure', 'src/domain/zones.ts', "import 'luxon'"],
  ['domain-is-pure', 'src/domain/later.ts', "export const later = () => import('luxon')"],
  ['application-knows-no-technology', 'src/application/out.ts', "export * from '../adapters/postgres/row.ts'"],
  ['application-knows-no-technology', 'src/application/root.ts', "import '../infrastructure/config.ts'"],
  [
    'application-knows-no-technology',
    'src/application/core.ts',
    "import { randomUUID } from 'node:crypto'\nrandomUUID()",
  ],
  ['container-at-the-root-only', 'src/domain/decorated.ts', "import 'reflect-metadata'"],
  ['container-at-the-root-only', 'src/adapters/http/metadata.ts', "import 'reflect-metadata/lite'"],
  ['schemas-at-the-edge-only', 'src/domain/schema.ts', "import { z } from 'zod'\nz.string()"],
  ['adapters-do-not-know-each-other', 'src/adapters/contract/row.ts', "import '../postgres/row.ts'"],
  ['every-file-has-a-layer', 'src/index.ts', "export * from './domain/shared/word.ts'"],
  ['every-file-has-a-layer', 'src/adapters/loose.ts', "import type { Row } from './postgres/row.ts'"],
  ['every-file-has-a-layer', 'src/domains/near.ts', 'export const near = 1'],
  ['every-file-has-a-layer', 'src/hidden.mts', 'export const hidden = 1'],
  ['every-file-has-a-layer', 'src/hidden.js', 'export const hidden = 1'],
]

/** What the boundaries' own tool does not see, so the lint forbids it in every layer. */
const unseen: ReadonlyArray<readonly [what: string, text: string]> = [
  ['import-type', "export type Unseen = import('../../adapters/postgres/row.ts').Row"],
  ['import-type-argument', "export const unseen: ReadonlyArray<import('../../adapters/postgres/row.ts').Row> = []"],
  ['import-typeof', "export type Unseen = typeof import('zod')"],
  ['import-typeof-member', "export type Unseen = typeof import('zod').z"],
  ['import-variable', 'export const unseen = (name: string) => import(name)'],
  ['import-template', 'export const unseen = () => import(`zod`)'],
  ['import-sum', "export const unseen = () => import('zo' + 'd')"],
]
const LAYERS = ['domain', 'application', 'adapters', 'infrastructure'] as const
const unseenIn = (layer: string, what: string) => `src/${layer}/unseen/${what}.ts`

/** What the rules allow, so that none of them simply forbids everything. */
const allowed: Planted = {
  'src/domain/shared/word.ts': "import { pipe } from 'fp-ts/lib/function.js'\nexport const word = pipe",
  'src/domain/noun/verb.ts': "import { word } from '../shared/word.ts'\nexport const verb = word",
  'src/application/verb.ts':
    "import * as TE from 'fp-ts/lib/TaskEither.js'\nimport { verb } from '../domain/noun/verb.ts'\nexport const use = [TE, verb]",
  'src/adapters/contract/shape.ts': "import { z } from 'zod'\nexport const shape = z.string()",
  'src/adapters/excel/sheet.ts':
    "import 'node:fs'\nimport 'exceljs'\nimport '../../application/verb.ts'\nimport '../contract/shape.ts'\nexport const sheet = 1",
  'src/infrastructure/main.ts': "import 'reflect-metadata'\nimport 'inversify'\nimport '../adapters/excel/sheet.ts'",
}

type Lint = {
  readonly diagnostics: ReadonlyArray<{ readonly category: string; readonly location: { readonly path: string } }>
}

const lint = (cwd: string): Promise<Lint> =>
  judge(cwd, 'biome', 'lint', '--reporter=json', '--max-diagnostics=none', 'src')

describe('the boundaries', () => {
  let planted: Awaited<ReturnType<typeof plant>>
  let found: Cruise
  let linted: Lint
  const caughtAt = (file: string): ReadonlyArray<string> =>
    found.summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name)

  beforeAll(async () => {
    planted = await plant({
      ...allowed,
      ...Object.assign({}, ...Object.values(violations)),
      ...Object.fromEntries(otherDoors.map(([, file, text]) => [file, text])),
      ...Object.fromEntries(
        LAYERS.flatMap((layer) => unseen.map(([what, text]) => [unseenIn(layer, what), `${text}\n`])),
      ),
      'src/adapters/excel/literal.ts': "export const literal = () => import('exceljs')\n",
    })
    ;[found, linted] = await Promise.all([cruise(planted.path), lint(planted.path)])
  })
  afterAll(() => planted?.remove())

  it.each(Object.entries(violations))('%s is caught when it is broken', (rule, files) => {
    expect(Object.keys(files).flatMap(caughtAt)).toContain(rule)
  })

  it.each(otherDoors)('%s is caught in %s', (rule, file) => {
    expect(caughtAt(file)).toContain(rule)
  })

  it.each(Object.keys(allowed))('%s breaks no rule', (file) => {
    expect(caughtAt(file)).toEqual([])
  })

  it.each(LAYERS.flatMap((layer) => unseen.map(([what]) => [what, layer] as const)))(
    '%s is forbidden in the %s layer',
    (what, layer) => {
      const rules = linted.diagnostics.flatMap(({ category, location }) =>
        location.path.endsWith(unseenIn(layer, what)) ? [category] : [],
      )
      expect(rules).toContain('plugin')
    },
  )

  it('see a dynamic import of a literal name, and so allow it', () => {
    const at = 'src/adapters/excel/literal.ts'
    expect(linted.diagnostics.filter(({ location }) => location.path.endsWith(at))).toEqual([])
    expect(caughtAt(at)).toEqual([])
  })

  it('have no rule without a planted violation', () => {
    const { forbidden, required } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
      readonly [kind in 'forbidden' | 'required']: ReadonlyArray<{ readonly name: string }>
    }
    expect(Object.keys(violations).sort()).toEqual([...forbidden, ...required].map(({ name }) => name).sort())
  })

  it('are judged on every file of src', async () => {
    const { modules } = await cruise('.')
    const cruised = new Set(modules.map(({ source }) => source))
    const files = globSync('src/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}')
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((file) => !cruised.has(file))).toEqual([])
  })
})
