import { settingsContract } from '../contract/settings.contract.ts'
import { describeOn } from '../support/databases.ts'
import { outsideInMemory, outsideOn } from '../support/outside-stores.ts'

settingsContract('in memory', outsideInMemory)
for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Settings', () => settingsContract(`on ${engine}`, outsideOn(engine)))
