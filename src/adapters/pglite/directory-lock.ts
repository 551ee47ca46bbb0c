import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Who holds a directory. `startedAt` tells a process from a later one that was given the same number. */
type Holder = { readonly pid: number; readonly startedAt: string | null; readonly host: string }

const TOUCH_EVERY_MS = 5_000
/** Of a holder on another host (a container, say) only the file's age can be judged. */
const SILENT_AFTER_MS = 30_000
const TAKEOVER_MS = 5_000

/** Clock ticks since boot and the boot's own id, from `/proc`; null where there is none. */
const startOf = async (pid: number): Promise<string | null> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    // The command name may hold spaces and brackets; the start time is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${boot.trim()}/${fields[19]}`
  } catch {
    return null
  }
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const holderOf = async (path: string): Promise<Holder | 'gone' | 'unreadable'> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'unreadable'
  }
}

const silentFor = async (path: string): Promise<number> => {
  const { mtimeMs } = await stat(path)
  return Date.now() - mtimeMs
}

const isAlive = async (path: string, holder: Holder): Promise<boolean> => {
  if (holder.host !== hostname()) return (await silentFor(path)) < SILENT_AFTER_MS
  if (!runs(holder.pid)) return false
  return holder.startedAt === null || holder.startedAt === (await startOf(holder.pid))
}

/** Writes the whole file or nothing, and only where none is. */
const create = async (path: string, holder: Holder): Promise<boolean> => {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(holder))
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** Removes the lock of a dead process; one taker at a time, so that nobody removes the lock of the next holder. */
const removeStale = async (path: string): Promise<void> => {
  const mutex = `${path}.takeover`
  try {
    await mkdir(mutex)
  } catch {
    if ((await silentFor(mutex).catch(() => 0)) > TAKEOVER_MS) await rmdir(mutex).catch(() => {})
    await sleep(20)
    return
  }
  try {
    const holder = await holderOf(path)
    if (holder === 'unreadable' || (holder !== 'gone' && !(await isAlive(path, holder))))
      await rm(path, { force: true })
  } finally {
    await rmdir(mutex).catch(() => {})
  }
}

/**
 * Takes a directory for this process alone and gives the function that lets it go. The lock of a process that is gone,
 * or whose number another process has now, is taken over. Throws, naming the holder, when it is held.
 */
export const lockDirectory = async (path: string): Promise<() => Promise<void>> => {
  const me: Holder = { pid: process.pid, startedAt: await startOf(process.pid), host: hostname() }
  for (const end = Date.now() + 2 * TAKEOVER_MS; Date.now() < end; ) {
    if (await create(path, me)) {
      const timer = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), TOUCH_EVERY_MS)
      timer.unref()
      return async () => {
        clearInterval(timer)
        await rm(path, { force: true })
      }
    }
    const holder = await holderOf(path)
    if (typeof holder === 'object' && (await isAlive(path, holder).catch(() => false)))
      throw new Error(
        `Process ${holder.pid} on ${holder.host} already uses this directory (lock file ${path}). ` +
          'The embedded database serves one process: stop that one, choose another DATA_DIR, or set DATABASE_URL.',
      )
    await removeStale(path)
  }
  throw new Error(`The lock file ${path} could not be taken.`)
}
