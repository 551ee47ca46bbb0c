import { directoryContract } from '../contract/directory.contract.ts'
import { describeOn } from '../support/databases.ts'
import { outsideInMemory, outsideOn } from '../support/outside-stores.ts'

directoryContract('in memory', outsideInMemory)
for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Directory', () => directoryContract(`on ${engine}`, outsideOn(engine)))
