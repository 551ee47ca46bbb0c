import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { memoryNotificationStore } from '../../src/adapters/memory/notification-store.ts'
import { postgresNotificationStore } from '../../src/adapters/postgres/notification-store.ts'
import { type NotificationWorld, notificationStoreContract } from '../contract/notification-store.contract.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

const options = { newId: randomUUID, addressOf: (said: string) => (said.startsWith('+') ? said : null) }

const inMemory: NotificationWorld = { store: memoryNotificationStore({ rows: [] }, options) }
notificationStoreContract('in memory', () => inMemory)

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Notifications', () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())
    notificationStoreContract(`on ${engine}`, () => ({ store: postgresNotificationStore(database.pool, options) }))
  })
