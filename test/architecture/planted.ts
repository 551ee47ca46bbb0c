import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export type Planted = Readonly<Record<string, string>>

const CONFIGURATION = [
  'package.json',
  'tsconfig.json',
  'biome.json',
  '.oxlintrc.json',
  '.dependency-cruiser.cjs',
  'scripts/clockless.grit',
  'scripts/visible-imports.grit',
]

/** A tree outside the checkout with our configuration and only these files in it. */
export const plant = async (
  files: Planted,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'fibreflow-planted-'))
  for (const file of CONFIGURATION) await cp(file, join(path, file))
  await symlink(resolve('node_modules'), join(path, 'node_modules'))
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, file)), { recursive: true })
    await writeFile(join(path, file), text)
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** What a checker prints as JSON; that it ends badly is expected here. */
export const judge = <T>(cwd: string, program: string, ...args: ReadonlyArray<string>): Promise<T> =>
  new Promise((done, fail) => {
    execFile(resolve('node_modules/.bin', program), args, { cwd, maxBuffer: 64_000_000 }, (_, stdout, stderr) => {
      try {
        done(JSON.parse(stdout) as T)
      } catch {
        fail(new Error(`${program} printed no JSON: ${stdout}${stderr}`))
      }
    })
  })
