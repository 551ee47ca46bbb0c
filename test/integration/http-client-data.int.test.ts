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

    it('stays hidden from a viewer: original photos, documents, and the names of both', async () => {
      const { id } = (await create()).body.data
      await api.as('naledi').change(`/tickets/${id}/assign`, 1, { assigned_to: 'thabo' })
      await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/house_front/photos`)
        .attach('photo', await jpeg({ seed: 815, width: 800, height: 600 }), 'Nomsa 12 Protea.jpg')
      const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n')
      const sent = await api.as('thabo').upload(`/tickets/${id}/attachments`).attach('file', pdf, 'Nomsa contract.pdf')
      expect(sent.status).toBe(201)
      const named = (user: string) => api.as(user).get(`/tickets/${id}/attachments`)
      const files: ReadonlyArray<{ id: string; filename: string }> = (await named('thabo')).body.data
      expect(files.map(({ filename }) => filename).toSorted()).toEqual(['Nomsa 12 Protea.jpg', 'Nomsa contract.pdf'])
      const seen = await named('vusi')
      expect(seen.body.data.map(({ filename }: { filename: unknown }) => filename)).toEqual([null, null])
      for (const path of [`/tickets/${id}`, `/tickets/${id}/verification`, `/tickets/${id}/timeline`])
        expect(JSON.stringify((await api.as('vusi').get(path)).body)).not.toMatch(/Nomsa|Protea/)
      expect(JSON.stringify((await api.as('thabo').get(`/tickets/${id}`)).body)).toContain('Nomsa 12 Protea.jpg')
      for (const file of files) {
        const refused = await api.as('vusi').get(`/attachments/${file.id}/content`)
        expect([refused.status, refused.headers['content-disposition']]).toEqual([403, undefined])
        for (const user of ['thabo', 'naledi'])
          expect((await api.as(user).get(`/attachments/${file.id}/content`)).status).toBe(200)
      }
    })

    it('is not told to a viewer by a search', async () => {
      const { id } = (await create({ description: 'Ask for Zanele' })).body.data
      const found = async (user: string, q: string) => {
        const { data, pagination } = (await api.as(user).get(`/tickets?q=${q}`)).body
        return [data.map((row: { id: string }) => row.id), pagination.total]
      }
      expect(await found('naledi', 'zanele')).toEqual([[id], 1])
      expect(await found('vusi', 'zanele')).toEqual([[], 0])
    })

    it('the login on a scanned label is kept nowhere, whatever text it was put in', async () => {
      const label = '(S)ALCLB46BE62E(23S)XX(20S)YY(U)admin(P)s3cret'
      const made = (await create({ title: `Swap ${label}`, description: `${label}\nold one (black)` })).body.data
      expect(made).toMatchObject({ title: 'Swap ALCLB46BE62E', description: 'ALCLB46BE62E\nold one (black)' })
      await api.as('naledi').post(`/tickets/${made.id}/notes`, { content: `Found ${label} on the wall` })
      await api.as('naledi').change(`/tickets/${made.id}/assign`, 1, { assigned_to: 'thabo' })
      const path = `/tickets/${made.id}/verification`
      const noted = await api.as('thabo').put(`${path}/ont_barcode`, 1, { notes: label, value: label })
      expect(noted.body.data).toMatchObject({ value: 'ALCLB46BE62E', notes: 'ALCLB46BE62E' })
      const signed = await api.as('thabo').put(`${path}/customer_signature`, 1, { value: `Nomsa ${label}` })
      expect(signed.body.data).toMatchObject({ value: 'Nomsa ALCLB46BE62E' })
      const refused = await api.as('naledi').post(`/tickets/${made.id}/notes`, { content: '(U)admin(P)s3cret' })
      expect(refused.status).toBe(422)
      expect(JSON.stringify(refused.body)).not.toContain('s3cret')
      await api
        .as('thabo')
        .upload(`${path}/house_front/photos`)
        .attach('photo', await jpeg({ seed: 816, width: 800, height: 600 }), `${label}.jpg`)
      const { rows } = await api.pool.query(
        `select row_to_json(t)::text as kept from tickets t union all select row_to_json(n)::text from ticket_notes n
         union all select row_to_json(v)::text from verification_steps v
         union all select row_to_json(a)::text from ticket_attachments a`,
      )
      const kept = rows.map((row) => row.kept).join()
      expect(kept).toContain('Found ALCLB46BE62E on the wall')
      expect(kept).not.toMatch(/s3cret|\(23S\)|\(U\)/)
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
