import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe } from 'vitest'

const manifest = new URL('../outside/package.json', import.meta.url)
const load = createRequire(manifest)

const MISSING = 'This suite needs the programs of test/outside: run node scripts/set-up.ts, or npm ci in that folder.'

/** A suite that needs a program of test/outside. Without it the suite is left out by name; where CI=true it fails. */
export const describeWith = (program: string, title: string, body: () => void): void => {
  const there = existsSync(new URL(`node_modules/${program}/package.json`, manifest))
  describe.skipIf(!there && process.env.CI !== 'true')(`${title} with ${program}`, body)
}

/** A module of a program of test/outside; it has no types here on purpose, since it need not be installed. */
export const fromOutside = (module: string): unknown => {
  try {
    return load(module)
  } catch (cause) {
    throw new Error(MISSING, { cause })
  }
}
