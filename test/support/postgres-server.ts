import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, readdirSync } from 'node:fs'
import { chown, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { makeRunDirectory, type Owner } from './run-directory.ts'

const execute = promisify(execFile)

/** A PostgreSQL server that this run may make databases on. */
export type PostgresServer = { readonly url: string; readonly choice: string; readonly stop: () => Promise<void> }

/** Finds a server: TEST_DATABASE_URL, else programs on this machine, else a container; null when there is none. */
export const findPostgres = async (): Promise<PostgresServer | null> => {
  const url = process.env.TEST_DATABASE_URL
  if (url !== undefined && url !== '') return { url, choice: 'TEST_DATABASE_URL', stop: async () => {} }
  const programs = findPrograms()
  return programs === null ? container() : localCluster(programs)
}

/** The directory that holds `initdb` and `postgres`, or null. */
export const findPrograms = (): string | null =>
  [...(process.env.PATH ?? '').split(delimiter), ...debianDirectories()].find(
    (directory) => isProgram(join(directory, 'initdb')) && isProgram(join(directory, 'postgres')),
  ) ?? null

const debianDirectories = (): ReadonlyArray<string> => {
  try {
    return readdirSync('/usr/lib/postgresql')
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => `/usr/lib/postgresql/${version}/bin`)
  } catch {
    return []
  }
}

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const SPEED_OVER_SAFETY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200']

const localCluster = async (programs: string): Promise<PostgresServer> => {
  const owner = await ownerForPostgres()
  const directory = await makeRunDirectory(owner)
  const [cluster, passwordFile] = [join(directory.path, 'cluster'), join(directory.path, 'password')]
  const [password, port] = [randomBytes(16).toString('hex'), await freePort()]
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (owner !== null) await chown(passwordFile, owner.uid, owner.gid)
  try {
    await execute(
      join(programs, 'initdb'),
      [
        '-D',
        cluster,
        '-U',
        'postgres',
        '-E',
        'UTF8',
        '--locale=C',
        '-A',
        'password',
        '--pwfile',
        passwordFile,
        '--no-sync',
      ],
      { ...owner, cwd: directory.path },
    )
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`, ...SPEED_OVER_SAFETY]
    directory.start(join(programs, 'postgres'), ['-D', cluster, ...settings.flatMap((line) => ['-c', line])])
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
    await untilItAnswers(url, directory.log)
    return { url, choice: `${programs}/postgres, own cluster on port ${port}`, stop: directory.remove }
  } catch (error) {
    await directory.remove()
    throw error
  }
}

/** PostgreSQL refuses to run as root, so root lends it the uid that the Debian package made. */
const ownerForPostgres = async (): Promise<Owner> => {
  if (process.getuid?.() !== 0) return null
  const ids = await Promise.all(['-u', '-g'].map((flag) => execute('id', [flag, 'postgres'])))
  const [uid, gid] = ids.map(({ stdout }) => Number(stdout))
  return { uid: uid as number, gid: gid as number }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const untilItAnswers = async (url: string, log: () => string): Promise<void> => {
  for (let attempt = 0; attempt < 300; attempt++) {
    const client = new pg.Client(url)
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      await sleep(50)
    }
  }
  throw new Error(`PostgreSQL was started but did not answer: ${log()}`)
}

const NO_CONTAINERS = /container runtime/i

const container = async (): Promise<PostgresServer | null> => {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql')
  try {
    const started = await new PostgreSqlContainer('postgres:17-alpine')
      .withCommand(['postgres', ...SPEED_OVER_SAFETY.flatMap((line) => ['-c', line])])
      .start()
    return {
      url: started.getConnectionUri(),
      choice: 'a container of postgres:17-alpine',
      stop: async () => {
        await started.stop()
      },
    }
  } catch (error) {
    if (error instanceof Error && NO_CONTAINERS.test(error.message)) return null
    throw error
  }
}
