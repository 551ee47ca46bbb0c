import { reportStoreContract } from '../contract/report-store.contract.ts'
import { describeOn } from '../support/databases.ts'
import { storesOn } from '../support/importing.ts'

reportStoreContract('in memory', () => storesOn('memory'))
for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Reports', () => reportStoreContract(`on ${engine}`, () => storesOn(engine)))
