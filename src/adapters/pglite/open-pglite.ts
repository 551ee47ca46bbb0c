import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database } from '../contract/pool.ts'
import { lockDirectory } from './directory-lock.ts'
import { pglitePool } from './pglite-pool.ts'

/** PGlite's errors carry its whole bundle in the stack; the message alone is for people. */
const plain = (where: string, error: unknown): Error =>
  new Error(
    `The embedded database ${where} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
  )

const open = async (where: string, folder: string | null): Promise<Database> => {
  try {
    const lite = await PGlite.create(folder === null ? {} : { dataDir: folder })
    const pool = pglitePool(lite)
    const close = async (): Promise<void> => {
      await pool.end()
      await lite.close()
    }
    return { kind: 'pglite', pool, close }
  } catch (error) {
    throw plain(where, error)
  }
}

/**
 * Opens the embedded database, kept in `database` under a directory that this process then holds alone, or in memory.
 * `close` waits for the statement that runs. A crash of the process loses nothing committed; a power loss may.
 */
export const openPglite = async (
  options: { readonly dataDir: string } | { readonly memory: true },
): Promise<Database> => {
  if ('memory' in options) return open('in memory', null)
  const { dataDir } = options
  await mkdir(dataDir, { recursive: true })
  const unlock = await lockDirectory(join(dataDir, 'database.lock'))
  try {
    const database = await open(`in ${dataDir}`, join(dataDir, 'database'))
    const close = (): Promise<void> => database.close().finally(unlock)
    return { ...database, close }
  } catch (error) {
    await unlock()
    throw error
  }
}
