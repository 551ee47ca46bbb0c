import { memoryTemplateStore } from '../../src/adapters/memory/template-store.ts'
import { postgresTemplateStore } from '../../src/adapters/postgres/template-store.ts'
import { templateStoreContract } from '../contract/template-store.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

templateStoreContract('in memory', async () => ({ templates: memoryTemplateStore(), close: async () => {} }))
for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Message templates', () =>
    templateStoreContract(`on ${engine}`, async () => {
      const { pool, close } = await testDatabase(engine)
      return { templates: postgresTemplateStore(pool), close }
    }),
  )
