import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { findPrograms } from './postgres-server.ts'
import { makeRunDirectory, type Owner } from './run-directory.ts'

const execute = promisify(execFile)

/** A PostgreSQL of a test's own that can be killed like a machine that loses its database. */
export type FaultyPostgres = {
  readonly url: string
  /** Postmaster and every backend, by SIGKILL and within the same moment. Gives how many processes died. */
  readonly kill: () => Promise<number>
  /** Starts it again on the same files; resolves when it answers. */
  readonly restart: () => Promise<void>
  /** How often it had to recover because nobody had shut it down. */
  readonly recoveries: () => Promise<number>
  readonly stop: () => Promise<void>
}

export const canBeKilled = (): boolean => findPrograms() !== null

/**
 * What is committed must outlive the kill, so commits are written before they are answered. The kernel lives on and keeps
 * what was written, so nothing waits for the disk itself.
 */
const SETTINGS = ['fsync=off', 'synchronous_commit=on', 'max_connections=60', 'lc_messages=C']
const LOG = ['logging_collector=on', 'log_directory=log', 'log_filename=server.log']

const RECOVERED = /was not properly shut down; automatic recovery in progress/g

export const startFaultyPostgres = async (): Promise<FaultyPostgres> => {
  const programs = findPrograms()
  if (programs === null)
    throw new Error('This needs the server programs of PostgreSQL (Debian: apt-get install postgresql)')
  const owner = await ownerForPostgres()
  const directory = await makeRunDirectory(owner)
  const [cluster, passwordFile] = [join(directory.path, 'cluster'), join(directory.path, 'password')]
  const [password, port] = [randomBytes(16).toString('hex'), await freePort()]
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  const pidFile = join(cluster, 'postmaster.pid')
  const start = async (): Promise<void> => {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`, ...SETTINGS, ...LOG]
    directory.start(join(programs, 'postgres'), ['-D', cluster, ...settings.flatMap((line) => ['-c', line])])
    for (let tries = 0; ; tries += 1) {
      if (await answers(url)) return
      if (tries > 400) throw new Error(`PostgreSQL was started but did not answer: ${directory.log()}`)
      await sleep(50)
    }
  }

  try {
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (owner !== null) await chown(passwordFile, owner.uid, owner.gid)
    const how = ['-U', 'postgres', '-E', 'UTF8', '--locale=C', '-A', 'password', '--pwfile', passwordFile, '--no-sync']
    await execute(join(programs, 'initdb'), ['-D', cluster, ...how], { ...owner, cwd: directory.path })
    await start()
  } catch (error) {
    await directory.remove()
    throw error
  }
  return {
    url,
    kill: async () => {
      const postmaster = Number((await readFile(pidFile, 'utf8')).split('\n')[0])
      const all = [postmaster, ...(await childrenOf(postmaster))]
      // The postmaster first, so that it starts nothing anew.
      for (const pid of all) killed(pid)
      for (const pid of all) while (await lives(pid)) await sleep(5)
      // It cannot tell that its predecessor, whose parent has not yet asked for it, is no process any more.
      await rm(pidFile, { force: true })
      return all.length
    },
    restart: start,
    recoveries: async () =>
      ((await readFile(join(cluster, 'log', 'server.log'), 'utf8')).match(RECOVERED) ?? []).length,
    stop: directory.remove,
  }
}

const ownerForPostgres = async (): Promise<Owner> => {
  if (process.getuid?.() !== 0) return null
  const ids = await Promise.all(['-u', '-g'].map((flag) => execute('id', [flag, 'postgres'])))
  const [uid, gid] = ids.map(({ stdout }) => Number(stdout))
  return { uid: uid as number, gid: gid as number }
}

/** A port of the loopback address that nobody listens on just now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client(url)
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

const killed = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has gone by itself
  }
}

const processes = async (): Promise<ReadonlyArray<{ pid: number; parent: number; state: string }>> =>
  (await execute('ps', ['-A', '-o', 'pid=,ppid=,stat='])).stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state]) => ({ pid: Number(pid), parent: Number(parent), state: state ?? '' }))

const childrenOf = async (parent: number): Promise<ReadonlyArray<number>> =>
  (await processes()).filter((one) => one.parent === parent).map(({ pid }) => pid)

/** One that has died and whose parent did not ask yet lives no more. */
const lives = async (pid: number): Promise<boolean> =>
  (await processes()).some((one) => one.pid === pid && !one.state.startsWith('Z'))
