import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryPhotoLikeness } from '../../src/adapters/memory/photo-likeness.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresPhotoLikeness } from '../../src/adapters/postgres/photo-likeness.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { photoLikenessContract } from '../contract/photo-likeness.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

photoLikenessContract(
  'in memory',
  async () => {
    const state = memoryState()
    return {
      likeness: memoryPhotoLikeness(state),
      tickets: memoryTicketStore({ state, sha256, publish: () => {} }),
      close: async () => {},
    }
  },
  200,
)

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Photos', () => {
    photoLikenessContract(
      `on ${engine}`,
      async () => {
        const { pool, close } = await testDatabase(engine)
        return {
          likeness: postgresPhotoLikeness(pool),
          tickets: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
          close,
        }
      },
      engine === 'postgres' ? 100 : 40,
    )
  })
