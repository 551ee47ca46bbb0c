import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryPhotoBacklog } from '../../src/adapters/memory/photo-backlog.ts'
import { memoryPhotoLikeness } from '../../src/adapters/memory/photo-likeness.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresPhotoBacklog } from '../../src/adapters/postgres/photo-backlog.ts'
import { postgresPhotoLikeness } from '../../src/adapters/postgres/photo-likeness.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { photoBacklogContract } from '../contract/photo-backlog.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

photoBacklogContract('in memory', async () => {
  const state = memoryState()
  return {
    backlog: memoryPhotoBacklog(state),
    likeness: memoryPhotoLikeness(state),
    tickets: memoryTicketStore({ state, sha256, publish: () => {} }),
    close: async () => {},
  }
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Photos', () => {
    photoBacklogContract(`on ${engine}`, async () => {
      const { pool, close } = await testDatabase(engine)
      return {
        backlog: postgresPhotoBacklog(pool),
        likeness: postgresPhotoLikeness(pool),
        tickets: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
        close,
      }
    })
  })
