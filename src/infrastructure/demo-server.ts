import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Logger } from 'pino'
import type { StartDemoServer } from '../adapters/cli/demo/demo.ts'
import type { Directory, Known } from '../application/ports/directory.ts'
import type { Config } from './config.ts'
import { playedOutside } from './demo-outside.ts'
import { examples } from './examples.ts'
import { serve } from './serve.ts'

/** A server on a free loopback port: on an embedded database of its own, or with a project of its own on the one that is set. */
export const startDemoServer =
  (config: Config, log: Logger): StartDemoServer =>
  async (dataDir) => {
    // In a database that stays, what waits to go out is somebody's own and goes where they say.
    const played = config.databaseUrl === null ? await playedOutside(lawley.id) : null
    const outside = played === null ? {} : played.config
    const running = await serve(
      { ...config, ...proofIn(config, dataDir), ...outside, host: '127.0.0.1', port: 0, dataDir, examples: 'on' },
      log,
    ).catch(async (error: unknown) => {
      await played?.close()
      throw error
    })
    const stop = async (): Promise<void> => {
      await running.stop()
      await played?.close()
    }
    try {
      const { ports, uses } = running.application
      if (played !== null) await played.reach(running.url, ports.directory)
      const project = config.databaseUrl === null ? lawley : await ownProject(ports.directory)
      return {
        root: running.url,
        database:
          config.databaseUrl === null
            ? 'embedded, of its own, gone afterwards'
            : `the one of DATABASE_URL; everything is put into the new project ${project.id}`,
        project,
        owner: ports.database.pool,
        outside: played?.outside ?? null,
        verify: async () => {
          const verified = await uses.verifySnapshots({
            principal: { userId: 'naledi', role: 'manager', contractorId: null, teams: [] },
            scope: { type: 'project', projectId: project.id },
          })()
          if (E.isLeft(verified)) throw new Error(`the seals could not be verified: ${verified.left.type}`)
          return verified.right
        },
        close: stop,
      }
    } catch (error) {
      await stop()
      throw error
    }
  }

/** What is sealed in a database that stays is proved by the key and the anchors that stay with it. */
const proofIn = (config: Config, dataDir: string): Pick<Config, 'signingKey' | 'anchorDir'> =>
  config.databaseUrl === null
    ? { signingKey: { file: join(dataDir, 'signing-key.pem'), makeFirst: true }, anchorDir: dataDir }
    : config

const lawley = { id: 'lawley', name: 'Lawley' }

/** A project nobody has yet, and those of the example people who are missing. */
const ownProject = async (directory: Directory): Promise<{ readonly id: string; readonly name: string }> => {
  const id = `demo-${Date.now().toString(36)}`
  const known = await directory.all()()
  if (E.isLeft(known)) throw new Error('the directory cannot be read')
  const missing = <K extends keyof Known>(of: K): Known[K] =>
    examples[of].filter((one) => !known.right[of].some((other) => other.id === one.id)) as unknown as Known[K]
  const project = {
    id,
    code: id.slice(-6).toUpperCase(),
    name: `Demo ${id.slice(5)}`,
    managerId: 'naledi',
    groupId: null,
  }
  const saved = await directory.save({
    contractors: missing('contractors'),
    people: missing('people'),
    teams: missing('teams'),
    projects: [project],
  })()
  if (E.isLeft(saved)) throw new Error('the project of the demo cannot be stored')
  return project
}
