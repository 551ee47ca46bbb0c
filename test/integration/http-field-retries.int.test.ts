import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOn } from '../support/databases.ts'
import { assigned, sendPhoto } from '../support/field-photos.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg } from '../support/pictures.ts'

for (const engine of ['pglite', 'postgres'] as const)
  describeOn(engine, 'what the field sends again, or too late', () => {
    let api: Api
    beforeAll(async () => {
      api = await apiOn(engine)
    })
    afterAll(() => api.close())

    const versionOf = async (id: string): Promise<number> =>
      (await api.as('naledi').get(`/tickets/${id}`)).body.data.version
    const reassigned = async (id: string) =>
      api.as('naledi').change(`/tickets/${id}/assign`, await versionOf(id), { assigned_to: 'sipho' })
    let seed = 900
    const send = async (user: string, ticketId: string, photoId: string, step = 'house_front') => {
      seed += 1
      return sendPhoto(api, ticketId, photoId, await jpeg({ seed, width: 800, height: 600 }), { by: user, step })
    }

    it('a readiness run is one run by its id, also after later runs and after the ticket is over', async () => {
      const { id } = await assigned(api)
      const [first, second] = [randomUUID(), randomUUID()]
      const run = (runId: string) => api.as('thabo').post(`/tickets/${id}/qa-readiness-check`, { id: runId })
      expect([(await run(first)).status, (await run(second)).status]).toEqual([200, 200])
      const again = await run(first)
      expect([again.status, again.body.data.last_check.id]).toEqual([200, second])
      await api
        .as('naledi')
        .change(`/tickets/${id}/transitions`, await versionOf(id), { command: 'cancel', reason: 'Logged twice' })
      expect((await run(first)).status).toBe(200)
      expect((await run(randomUUID())).status).toBe(423)
      const { history } = (await api.as('thabo').get(`/tickets/${id}/qa-readiness`)).body.data
      expect(history.map((one: { id: string }) => one.id).toSorted()).toEqual([first, second].toSorted())
      const other = await assigned(api)
      expect((await api.as('thabo').post(`/tickets/${other.id}/qa-readiness-check`, { id: first })).status).toBe(409)
    })

    it('a photo sent again by who took it answers as it did, also when the ticket is someone else’s by now', async () => {
      const { id, ticket_uid } = await assigned(api)
      const photoId = randomUUID()
      const taken = await send('thabo', id, photoId)
      expect(taken.body.data).toMatchObject({ id: photoId, ticket: { id } })
      await reassigned(id)
      const again = await send('thabo', id, photoId)
      const { ticket: _, ...photo } = taken.body.data
      expect([again.status, again.body.data]).toEqual([201, photo])
      const late = await send('thabo', id, randomUUID())
      expect([late.status, late.body.error.details]).toEqual([
        422,
        { rule: 'PhotoTooLate', why: 'reassigned', ticket_uid },
      ])
      expect((await send('anele', id, photoId)).status).toBe(404)
      expect((await send('sipho', id, photoId)).body.data).toMatchObject({ id: photoId, ticket: { id } })
      expect((await send('sipho', id, photoId, 'green_lights')).status).toBe(422)
    })

    it('the evidence of a duplicate is opened by whoever has its survivor, and by nobody else of the field', async () => {
      const [survivor, duplicate] = [await assigned(api), await assigned(api)]
      const photoId = randomUUID()
      await send('thabo', duplicate.id, photoId)
      await reassigned(survivor.id)
      const open = (user: string) => api.as(user).get(`/attachments/${photoId}/content`)
      expect((await open('sipho')).status).toBe(404)
      const marked = await api
        .as('naledi')
        .change(`/tickets/${duplicate.id}/duplicate`, await versionOf(duplicate.id), { duplicate_of: survivor.id })
      expect(marked.status).toBe(200)
      const listed = await api.as('sipho').get(`/tickets/${survivor.id}/attachments`)
      expect(listed.body.data.map((one: { id: string }) => one.id)).toEqual([photoId])
      expect([(await open('sipho')).status, (await open('thabo')).status, (await open('anele')).status]).toEqual([
        200, 200, 404,
      ])
    })

    it('a photo for a ticket deleted meanwhile is refused by name to whoever once had it; to others it is not there', async () => {
      const { id, ticket_uid } = await assigned(api)
      const photoId = randomUUID()
      const taken = await send('thabo', id, photoId)
      await reassigned(id)
      const cancelled = await api
        .as('naledi')
        .change(`/tickets/${id}/transitions`, await versionOf(id), { command: 'cancel', reason: 'Logged twice' })
      expect(cancelled.status).toBe(200)
      expect((await api.as('admin').delete(`/tickets/${id}`, cancelled.body.data.version)).status).toBe(204)
      for (const once of ['thabo', 'sipho']) {
        const late = await send(once, id, randomUUID())
        expect([late.status, late.body.error.code, late.body.error.details]).toEqual([
          422,
          'BUSINESS_RULE_VIOLATION',
          { rule: 'PhotoTooLate', why: 'cancelled', ticket_uid },
        ])
      }
      const { ticket: _, ...photo } = taken.body.data
      const again = await send('thabo', id, photoId)
      expect([again.status, again.body.data]).toEqual([201, photo])
      for (const other of ['anele', 'naledi']) expect((await send(other, id, randomUUID())).status).toBe(404)
    })

    it('a photo whose ticket is deleted while it is on its way is refused as late', async () => {
      const { id, ticket_uid } = await assigned(api)
      const { analyse } = api.ports.analyser
      Object.assign(api.ports.analyser, {
        analyse:
          (...given: Parameters<typeof analyse>) =>
          async () => {
            const cancelled = await api
              .as('naledi')
              .change(`/tickets/${id}/transitions`, await versionOf(id), { command: 'cancel', reason: 'Logged twice' })
            await api.as('admin').delete(`/tickets/${id}`, cancelled.body.data.version)
            return analyse(...given)()
          },
      })
      const late = await send('thabo', id, randomUUID())
      Object.assign(api.ports.analyser, { analyse })
      expect([late.status, late.body.error.details]).toEqual([
        422,
        { rule: 'PhotoTooLate', why: 'cancelled', ticket_uid },
      ])
    })

    it('a photo whose ticket is reassigned while it is on its way is refused as late', async () => {
      const { id, ticket_uid } = await assigned(api)
      const { tickets } = api.ports.changes
      const { analyse } = api.ports.analyser
      let once = true
      Object.assign(api.ports.analyser, {
        analyse:
          (...given: Parameters<typeof analyse>) =>
          async () => {
            if (once) await reassigned(id)
            once = false
            return analyse(...given)()
          },
      })
      const late = await send('thabo', id, randomUUID())
      Object.assign(api.ports.analyser, { analyse })
      expect([late.status, late.body.error.details.ticket_uid]).toEqual([422, ticket_uid])
      const [stored] = ((await tickets.load([id])()) as unknown as { right: [{ ticket: { photos: [] } }] }).right
      expect(stored.ticket.photos).toEqual([])
    })
  })
