import 'reflect-metadata'
import * as E from 'fp-ts/lib/Either.js'
import { Container } from 'inversify'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { makeDataDir } from './data-dir.ts'
import { examples, wantsExamples } from './examples.ts'
import { filesModule } from './modules/files.ts'
import { messagesModule } from './modules/messages.ts'
import { postgresModule } from './modules/postgres.ts'
import { proofModule } from './modules/proof.ts'
import { runningModule } from './modules/running.ts'
import { syncModule } from './modules/sync.ts'
import type { Token } from './token.ts'
import { type Ports, T } from './tokens.ts'
import { type UseCases, useCases } from './use-cases.ts'

/** The program, put together and ready to work; nothing listens yet. */
export type Application = {
  readonly ports: Ports
  readonly uses: UseCases
  readonly withExamples: boolean
  /** Begins to react to what is committed. */
  readonly start: () => Promise<void>
  /** Waits for what runs, then closes queue and database. */
  readonly close: () => Promise<void>
}

/** Puts the program together: opens and migrates the database, and wires every use case. */
export const compose = async (config: Config, log: Logger): Promise<Application> => {
  await makeDataDir(config.dataDir)
  const container = new Container({ defaultScope: 'Singleton' })
  container.load(runningModule, postgresModule, filesModule, proofModule, messagesModule, syncModule)
  container.bind(T.config).toConstantValue(config)
  container.bind(T.log).toConstantValue(log)
  try {
    const ports = await resolveAll(container)
    const uses = useCases(ports)
    const withExamples = await wantsExamples(config)
    if (withExamples) {
      const added = await uses.addExamples(examples)()
      if (E.isLeft(added)) throw new Error(`examples were not stored: ${added.left.type}`)
    }
    return {
      ports,
      uses,
      withExamples,
      start: () => ports.queue.start(uses.reactions, uses.schedules),
      close: async () => {
        await ports.queue.stop()
        await container.unbindAllAsync()
      },
    }
  } catch (error) {
    await container.unbindAllAsync()
    throw error
  }
}

const resolveAll = async (container: Container): Promise<Ports> => {
  const found: Record<string, unknown> = {}
  for (const [name, token] of Object.entries(T)) found[name] = await container.getAsync(token as Token<unknown>)
  return found as Ports
}
