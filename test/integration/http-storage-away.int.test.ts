import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { assigned, sendPhoto } from '../support/field-photos.ts'
import { type Firebase, type FirebaseStore, startFirebase } from '../support/firebase-store.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { describeWith } from '../support/outside.ts'
import { jpeg } from '../support/pictures.ts'

describeWith('firebase-tools', 'A photo while the evidence storage fails', () => {
  let firebase: Firebase
  let storage: FirebaseStore
  let api: Api
  beforeAll(async () => {
    firebase = await startFirebase()
    storage = await firebase.store({ level: 'hold' })
    api = await apiOn('pglite', undefined, storage.store)
  })
  afterAll(async () => {
    await api?.close()
    await firebase?.stop()
  })

  const rowsOf = async (ticketId: string) =>
    (await api.pool.query('select id, storage_path, sha256 from ticket_attachments where ticket_id = $1', [ticketId]))
      .rows
  const objectsOf = async (ticketId: string): Promise<ReadonlyArray<string>> => {
    const listed = await storage.store.list(`evidence/${ticketId}/`)()
    if (E.isLeft(listed)) throw new Error(listed.left.reason)
    return listed.right.map(({ name }) => name).filter((name) => name.includes(ticketId))
  }

  it.each([
    ['dies in the middle of the upload', 'cut'],
    ['is away', 'away'],
  ] as const)('is 424 when it %s: no row says stored, nothing stays behind, and a retry succeeds', async (_, kind) => {
    const { id: ticketId } = await assigned(api)
    const photoId = randomUUID()
    const photo = await jpeg({ seed: kind.length, width: 1_600, height: 1_200 })
    firebase.strict.trouble(kind)
    const failed = await sendPhoto(api, ticketId, photoId, photo)
    firebase.strict.trouble('none')
    expect([failed.status, failed.body.error.details]).toMatchObject([424, { rule: 'StorageUnavailable' }])
    expect(await rowsOf(ticketId)).toEqual([])
    expect(await objectsOf(ticketId)).toEqual([])
    expect(await storage.stagings()).toBe(0)

    const again = await sendPhoto(api, ticketId, photoId, photo)
    expect(again.status).toBe(201)
    const rows = await rowsOf(ticketId)
    expect(rows.map(({ id }) => id)).toEqual([photoId])
    expect(await objectsOf(ticketId)).toContain(rows[0]?.storage_path)
    expect(await storage.stagings()).toBe(0)
    const seen = await api.as('thabo').get(`/attachments/${photoId}/content`)
    expect([seen.status, seen.body.equals(photo)]).toEqual([200, true])
    // The original lies there encrypted, so there is no address at which the storage itself could show it.
    const original = await api.as('thabo').get(`/attachments/${photoId}/link`)
    expect([original.status, original.body.data]).toEqual([200, { url: null }])
    const copy = await api.as('thabo').get(`/attachments/${photoId}/content?size=view`)
    const link = await api.as('thabo').get(`/attachments/${photoId}/link?size=view`)
    const linked = await fetch(link.body.data.url)
    expect([linked.status, Buffer.from(await linked.arrayBuffer()).equals(copy.body)]).toEqual([200, true])
    expect((await api.as('sipho').get(`/attachments/${photoId}/link?size=view`)).status).toBe(404)
  })

  it.each([
    ['the viewing copy', 'cut', /\/view\//],
    ['the viewing copy', 'away', /\/view\//],
    ['the viewing copy', 'mute', /\/view\//],
    ['the thumbnail', 'cut', /\/thumbnail\//],
    ['the thumbnail', 'away', /\/thumbnail\//],
    ['the original', 'away', /\/house_front\//],
  ] as const)(
    'is 424 when %s finds the storage %s: nothing says stored, and a retry stores it once',
    async (_, kind, about) => {
      const { id: ticketId } = await assigned(api)
      const photoId = randomUUID()
      const photo = await jpeg({ seed: 300 + String(about).length + kind.length, width: 1_600, height: 1_200 })
      firebase.strict.trouble(kind, undefined, about)
      const failed = await sendPhoto(api, ticketId, photoId, photo)
      firebase.strict.trouble('none')
      expect([failed.status, failed.body.error.details]).toMatchObject([424, { rule: 'StorageUnavailable' }])
      expect(await rowsOf(ticketId)).toEqual([])
      expect((await api.as('thabo').get(`/tickets/${ticketId}/attachments`)).body.data).toEqual([])
      expect((await api.as('thabo').get(`/attachments/${photoId}/content`)).status).toBe(404)
      expect(await storage.stagings()).toBe(0)

      expect((await sendPhoto(api, ticketId, photoId, photo)).status).toBe(201)
      const stored = await objectsOf(ticketId)
      expect(stored.map((name) => name.split('/')[2]).sort()).toEqual(['house_front', 'thumbnail', 'view'])
      expect((await rowsOf(ticketId)).map(({ storage_path }) => stored.includes(storage_path))).toEqual([true])
      expect(await storage.stagings()).toBe(0)
      for (const size of ['', '?size=view', '?size=thumbnail'])
        expect((await api.as('thabo').get(`/attachments/${photoId}/content${size}`)).status).toBe(200)
    },
  )

  it('is stored once when every reply of the storage is lost for a while', async () => {
    const { id: ticketId } = await assigned(api)
    const photoId = randomUUID()
    const photo = await jpeg({ seed: 77, width: 1_600, height: 1_200 })
    firebase.strict.trouble('mute')
    const muted = await sendPhoto(api, ticketId, photoId, photo)
    firebase.strict.trouble('none')
    expect([muted.status, await rowsOf(ticketId), await storage.stagings()]).toEqual([424, [], 0])
    expect((await objectsOf(ticketId)).length).toBeGreaterThan(0)
    expect((await sendPhoto(api, ticketId, photoId, photo)).status).toBe(201)
    expect(await rowsOf(ticketId)).toHaveLength(1)
    expect((await objectsOf(ticketId)).filter((name) => name.includes('/house_front/'))).toHaveLength(1)
  })
})
