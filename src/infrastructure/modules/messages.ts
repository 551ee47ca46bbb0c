import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { ContainerModule } from 'inversify'
import { postgresNotificationStore } from '../../adapters/postgres/notification-store.ts'
import { postgresTemplateStore } from '../../adapters/postgres/template-store.ts'
import { parsePhone } from '../../application/directory/phone.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** A WhatsApp group as it is, a number as it is dialled from anywhere; null for what is neither. */
export const addressOf = (said: string): string | null => {
  if (said.endsWith('@g.us')) return said
  const phone = parsePhone(said)
  return E.isRight(phone) ? phone.right : null
}

/** What people are told: in which words, and what became of it. */
export const messagesModule = new ContainerModule((container) => {
  bindTo(container, T.templates, ({ pool }) => postgresTemplateStore(pool), [T.database])
  bindTo(container, T.notifications, ({ pool }) => postgresNotificationStore(pool, { newId: randomUUID, addressOf }), [
    T.database,
  ])
})
