import { platformContract } from '../contract/platform.contract.ts'
import { describeOn } from '../support/databases.ts'
import { outsideInMemory, outsideOn } from '../support/outside-stores.ts'

platformContract('in memory', outsideInMemory)
for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Platforms', () => platformContract(`on ${engine}`, outsideOn(engine)))
