import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOn, type Engine } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg } from '../support/pictures.ts'

const ENGINES: ReadonlyArray<Engine> = ['pglite', 'postgres']

for (const engine of ENGINES)
  describeOn(engine, "a client's data over HTTP", () => {
    let api: Api
    beforeAll(async () => {
      api = await apiOn(engine)
    })
    afterAll(() => api.close())

    const create = (said: object = {}) =>
      api.as('naledi').post('/tickets', {
        project_id: 'lawley',
        ticket_type: 'new_installation',
        title: 'New line',
        description: 'Ring twice, ask for Nomsa',
        dr_number: 'DR1729500',
        client_name: 'Nomsa Client',
        client_phone: '0821234567',
        address: '12 Protea Street',
        ...said,
      })

    it('is corrected like everything else, in any state, and the history names the fields but not what they hold', async () => {
      const { id } = (await create()).body.data
      const cancelled = await api
        .as('naledi')
        .change(`/tickets/${id}/transitions`, 1, { command: 'cancel', reason: 'Moved' })
      const edited = await api
        .as('naledi')
        .put(`/tickets/${id}`, cancelled.body.data.version, { client_phone: '0837654321', client_email: null })
      expect(edited.body.data).toMatchObject({
        client_name: 'Nomsa Client',
        client_phone: '0837654321',
        client_email: null,
      })
      const read = await api.as('naledi').get(`/tickets/${id}`)
      expect(read.body.data).toMatchObject({
        client_name: 'Nomsa Client',
        client_phone: '0837654321',
        status: 'cancelled',
      })
      const timeline = JSON.stringify((await api.as('naledi').get(`/tickets/${id}/timeline`)).body)
      expect(timeline).toContain('client_phone')
      expect(timeline).not.toContain('0837654321')
    })

    it('stays hidden from a viewer: name, numbers, address, description and signature', async () => {
      const { id } = (await create()).body.data
      await api.as('naledi').change(`/tickets/${id}/assign`, 1, { assigned_to: 'thabo' })
      const sent = await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/customer_signature/photos`)
        .attach('photo', await jpeg({ seed: 4711, width: 800, height: 600 }), 'signature.jpg')
      expect(sent.status).toBe(201)
      const seen = JSON.stringify((await api.as('vusi').get(`/tickets/${id}`)).body)
      for (const personal of ['Nomsa', '0821234567', 'Protea']) expect(seen).not.toContain(personal)
      const photos = (await api.as('naledi').get(`/tickets/${id}/attachments`)).body.data
      const content = `/attachments/${photos[0].id}/content`
      expect((await api.as('vusi').get(content)).status).toBe(403)
      expect((await api.as('thabo').get(content)).status).toBe(200)
    })

    it('the same ticket sent twice, by an id of the client, is one ticket; by someone else it is refused', async () => {
      const id = randomUUID()
      const first = await create({ id })
      const again = await create({ id })
      expect([first.status, again.status]).toEqual([201, 201])
      expect(again.body.data.ticket_uid).toBe(first.body.data.ticket_uid)
      expect((await create({ id, title: 'Something else' })).status).toBe(409)
    })

    it('a project nobody knows is refused by name, and nothing is made', async () => {
      const refused = await create({ project_id: 'atlantis' })
      expect(refused.status).toBe(422)
      expect(refused.body.error).toMatchObject({ details: { rule: 'ProjectUnknown', project_id: 'atlantis' } })
    })
  })
