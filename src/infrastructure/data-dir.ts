import { randomUUID } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { configError } from './config.ts'

/** Makes a directory where there is none, and its parents before it. */
const make = async (path: string): Promise<void> => {
  const found = await stat(path).catch(({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ENOENT') throw new Error(`${path}: ${code}`)
    return null
  })
  if (found?.isDirectory()) return
  if (found !== null) throw new Error(`${path} is not a directory`)
  if (dirname(path) !== path) await make(dirname(path))
  // Node's own recursive mkdir tries forever where the system answers ENOENT to every attempt, as it does in /proc.
  await mkdir(path).catch(async ({ code }: NodeJS.ErrnoException) => {
    const made = code === 'EEXIST' ? await stat(path).catch(() => null) : null
    if (!made?.isDirectory()) throw new Error(`${path} cannot be made: ${code}`)
  })
}

/** Makes the data directory and tries to write in it. Throws what DATA_DIR must be when that cannot be done. */
export const makeDataDir = async (dataDir: string): Promise<void> => {
  const probe = join(dataDir, `.probe-${randomUUID()}`)
  try {
    await make(dataDir)
    try {
      await writeFile(probe, 'writable')
    } finally {
      await rm(probe, { force: true })
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === undefined ? message : `${dataDir} cannot be written: ${code}`
    throw configError([
      {
        variable: 'DATA_DIR',
        rule: `a directory that this process can make and write in (${why})`,
        value: JSON.stringify(dataDir),
      },
    ])
  }
}
