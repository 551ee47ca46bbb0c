import { randomUUID } from 'node:crypto'
import { ContainerModule } from 'inversify'
import { postgresNotificationDesk } from '../../adapters/postgres/notification-desk.ts'
import { postgresNotificationQueries } from '../../adapters/postgres/notification-queries.ts'
import { postgresNotificationStore } from '../../adapters/postgres/notification-store.ts'
import { postgresSendingStore } from '../../adapters/postgres/sending-store.ts'
import { postgresTemplateStore } from '../../adapters/postgres/template-store.ts'
import { addressOf } from '../../adapters/waha/addresses.ts'
import { wahaMessenger } from '../../adapters/waha/messenger.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** What people are told: in which words, by what, and what became of it. */
export const messagesModule = new ContainerModule((container) => {
  bindTo(container, T.templates, ({ pool }) => postgresTemplateStore(pool), [T.database])
  bindTo(container, T.notifications, ({ pool }) => postgresNotificationStore(pool, { newId: randomUUID, addressOf }), [
    T.database,
  ])
  bindTo(container, T.notificationQueries, ({ pool }) => postgresNotificationQueries(pool), [T.database])
  bindTo(container, T.desk, ({ pool }) => postgresNotificationDesk(pool), [T.database])
  bindTo(container, T.sending, ({ pool }) => postgresSendingStore(pool), [T.database])
  bindTo(container, T.messenger, ({ whatsapp }) => (whatsapp.waha === null ? null : wahaMessenger(whatsapp.waha)), [
    T.config,
  ])
})
