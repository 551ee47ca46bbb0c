import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { NotificationStore } from '../../src/application/ports/notification-store.ts'
import { aNotification } from '../support/notifications.ts'
import { done } from '../support/stored-tickets.ts'

export type NotificationWorld = { readonly store: NotificationStore }

/** What a notification store promises; `world` is one that all of these tests share, begun empty. */
export const notificationStoreContract = (name: string, world: () => NotificationWorld): void => {
  describe(`What is to be told ${name}`, () => {
    it('is kept once per event, kind and recipient', async () => {
      const { store } = world()
      const row = aNotification()
      expect(await done(store.add([row, { ...row, text: 'once more' }]))).toHaveLength(1)
      expect(await done(store.add([row]))).toEqual([])
      expect(await done(store.add([{ ...row, kind: 'escalation' }]))).toHaveLength(1)
      expect(await done(store.add([{ ...row, recipientId: 'sipho' }]))).toHaveLength(1)
      expect(await done(store.add([{ ...row, recipientType: 'manager' }]))).toHaveLength(1)
      expect(await done(store.add([{ ...row, eventId: randomUUID() }]))).toHaveLength(1)
    })
  })
}
