import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { localEvidenceStore } from '../../src/adapters/local-files/evidence-store.ts'
import { describeOn } from '../support/databases.ts'
import { assigned, sendPhoto } from '../support/field-photos.ts'
import { type Api, apiOn, ROOT } from '../support/http-api.ts'
import { jpeg, pdf } from '../support/pictures.ts'

for (const engine of ['pglite', 'postgres'] as const)
  describeOn(engine, 'Photos and documents on a disk', () => {
    let folder: string
    let api: Api
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'encrypted-files-'))
      api = await apiOn(engine, undefined, localEvidenceStore(folder))
    })
    afterAll(async () => {
      await api?.close()
      await rm(folder, { recursive: true, force: true })
    })

    const send = (ticketId: string, photoId: string, photo: Buffer) => sendPhoto(api, ticketId, photoId, photo)
    const sendDocument = (ticketId: string, id: string, document: Buffer) =>
      api.as('thabo').upload(`/tickets/${ticketId}/attachments`).field('id', id).attach('file', document, 'letter.pdf')
    const contentOf = (id: string) => api.as('thabo').get(`/attachments/${id}/content`)
    const rowOf = async (id: string) =>
      (await api.pool.query('select * from ticket_attachments where id = $1', [id])).rows[0]
    const filesIn = async (): Promise<ReadonlyArray<Buffer>> => {
      const all = await readdir(folder, { recursive: true, withFileTypes: true })
      return Promise.all(all.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name))))
    }
    /** Whether any stretch of the file lies anywhere under the folder as it came. */
    const liesPlain = async (file: Buffer): Promise<boolean> => {
      const piece = file.subarray(Math.floor(file.length / 2), Math.floor(file.length / 2) + 64)
      return (await filesIn()).some((content) => content.includes(piece))
    }
    const stagings = async () => (await readdir(join(folder, 'staged'))).length

    it('are encrypted, come back as they came, and are recorded with both their hashes', async () => {
      const { id: ticketId } = await assigned(api)
      const files = [
        [randomUUID(), await jpeg({ seed: 1, width: 1_600, height: 1_200 }), send],
        [randomUUID(), pdf(2), sendDocument],
      ] as const
      for (const [id, bytes, upload] of files) {
        expect((await upload(ticketId, id, bytes)).status).toBe(201)
        expect([await liesPlain(bytes), await stagings()]).toEqual([false, 0])
        const back = await contentOf(id)
        expect([back.status, Buffer.from(back.body).equals(bytes)]).toEqual([200, true])
        const row = await rowOf(id)
        const held = await readFile(join(folder, row.storage_path))
        expect([row.sha256, row.file_size]).toEqual([sha256(bytes), bytes.length])
        expect([row.stored_sha256, row.stored_size]).toEqual([sha256(held), held.length])
        expect((await api.as('thabo').get(`/attachments/${id}/link`)).body.data).toEqual({ url: null })
      }
    })

    it('leave nothing plain on the disk when they are refused, or when a crash left their upload behind', async () => {
      const { id: ticketId } = await assigned(api)
      const hiding = Buffer.concat([await jpeg({ seed: 2, width: 1_600, height: 1_200 }), Buffer.from('PK\x03\x04')])
      expect((await send(ticketId, randomUUID(), hiding)).status).toBe(415)
      expect([await liesPlain(hiding), await stagings()]).toEqual([false, 0])

      const photo = await jpeg({ seed: 3, width: 1_600, height: 1_200 })
      const staged = await api.ports.evidence.stage(inOneChunk(photo), photo.length)()
      expect([E.isRight(staged), await liesPlain(photo)]).toEqual([true, true])
      const swept = await api.ports.evidence.sweepStaged('2999-01-01T00:00:00.000Z')()
      expect([swept, await liesPlain(photo)]).toEqual([E.right(1), false])
    })

    it('are a broken connection or a refusal, never a whole file, when their stored bytes were changed', async () => {
      const { id: ticketId } = await assigned(api)
      const photoId = randomUUID()
      const photo = await jpeg({ seed: 4, width: 3_200, height: 2_400 })
      expect(photo.length).toBeGreaterThan(65_536)
      await send(ticketId, photoId, photo)
      const path = join(folder, (await rowOf(photoId)).storage_path)
      const held = await readFile(path)
      const changed = async (at: number): Promise<void> => {
        const bytes = Buffer.from(held)
        bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
        await rm(path)
        await writeFile(path, bytes)
      }

      await changed(100)
      const refused = await contentOf(photoId)
      expect([refused.status, refused.body.error.details]).toMatchObject([424, { rule: 'ObjectDamaged' }])

      await changed(held.length - 100)
      const { port } = api.server.address() as AddressInfo
      const broken = await fetch(`http://127.0.0.1:${port}${ROOT}/attachments/${photoId}/content`, {
        headers: { 'X-Local-User': 'thabo' },
      })
      await expect(broken.arrayBuffer()).rejects.toThrow()
      expect(JSON.stringify(api.logged)).toMatch(/evidence.*was changed.*answer broke off/)

      await changed(held.length - 1)
      await writeFile(path, held)
      expect((await contentOf(photoId)).status).toBe(200)
    })

    it('that an earlier build stored plain are still read', async () => {
      const { id: ticketId } = await assigned(api)
      const photoId = randomUUID()
      const photo = await jpeg({ seed: 5, width: 1_600, height: 1_200 })
      await send(ticketId, photoId, photo)
      const store = localEvidenceStore(folder)
      const staged = await store.stage(inOneChunk(photo), photo.length)()
      if (E.isLeft(staged)) throw new Error(staged.left.type)
      const plain = await store.commit(staged.right, { ticketId, stepKey: 'house_front', extension: 'jpg' })()
      if (E.isLeft(plain)) throw new Error(plain.left.type)
      await api.pool.query(
        'update ticket_attachments set storage_path = $2, stored_size = null, stored_sha256 = null where id = $1',
        [photoId, plain.right.name],
      )
      const back = await contentOf(photoId)
      expect([back.status, Buffer.from(back.body).equals(photo)]).toEqual([200, true])
    })

    it('are gone for ever, and no more are taken, once the key of their ticket is destroyed', async () => {
      const { id: ticketId } = await assigned(api)
      const photoId = randomUUID()
      await send(ticketId, photoId, await jpeg({ seed: 6, width: 1_600, height: 1_200 }))
      await api.pool.query(
        `update subject_keys set key = null, destroyed_at = $2, destroyed_by = 'x' where ticket_id = $1`,
        [ticketId, api.clock.now],
      )
      const gone = await contentOf(photoId)
      expect([gone.status, gone.body.error]).toMatchObject([410, { code: 'GONE', details: { rule: 'SubjectErased' } }])
      const more = await jpeg({ seed: 7, width: 1_600, height: 1_200 })
      const refused = await send(ticketId, randomUUID(), more)
      expect([refused.status, refused.body.error.details]).toMatchObject([422, { rule: 'SubjectErased' }])
      expect([await liesPlain(more), await stagings()]).toEqual([false, 0])
    })
  })

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
