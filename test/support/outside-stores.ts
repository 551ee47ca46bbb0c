import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { memoryDirectory } from '../../src/adapters/memory/directory.ts'
import { memoryPlatformStore } from '../../src/adapters/memory/platform-store.ts'
import { memoryProjectStore } from '../../src/adapters/memory/settings-store.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresDirectory } from '../../src/adapters/postgres/directory.ts'
import { postgresPlatformStore } from '../../src/adapters/postgres/platform-store.ts'
import { postgresProjectStore } from '../../src/adapters/postgres/settings-store.ts'
import { postgresSowSource } from '../../src/adapters/postgres/sow-source.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { Directory } from '../../src/application/ports/directory.ts'
import type { PlatformStore } from '../../src/application/ports/platform-store.ts'
import type { ProjectStore } from '../../src/application/ports/project-store.ts'
import type { SowSource } from '../../src/application/ports/sow-source.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { type Engine, testDatabase } from './databases.ts'

/** Tickets and everything outside them that decisions about them rest on, over one memory or database. */
export type OutsideStores = {
  readonly tickets: TicketStore
  readonly projects: ProjectStore
  readonly platforms: PlatformStore
  readonly sow: SowSource
  readonly directory: Directory
  readonly close: () => Promise<void>
}

export const outsideInMemory = async (): Promise<OutsideStores> => {
  const state = memoryState()
  const tickets = memoryTicketStore({ state, sha256, publish: () => {} })
  const platforms = memoryPlatformStore(state, tickets)
  return {
    tickets,
    projects: memoryProjectStore(state, tickets),
    platforms,
    sow: platforms,
    directory: memoryDirectory(),
    close: async () => {},
  }
}

export const outsideOver = (pool: Pool): Omit<OutsideStores, 'close'> => {
  const options = { sow: 'platform_records', sha256, nudge: () => {} } as const
  return {
    tickets: postgresTicketStore(pool, options),
    projects: postgresProjectStore(pool, options),
    platforms: postgresPlatformStore(pool, options),
    sow: postgresSowSource(pool, null),
    directory: postgresDirectory(pool),
  }
}

export const outsideOn = (engine: Engine) => async (): Promise<OutsideStores> => {
  const { pool, close } = await testDatabase(engine)
  return { ...outsideOver(pool), close }
}
