import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { generated } from '../../bench/photographs.ts'
import { describeOn, type Engine } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'

const ENGINES: ReadonlyArray<Engine> = ['pglite', 'postgres']

for (const engine of ENGINES)
  describeOn(engine, 'a photo that was edited and sent again, over HTTP', () => {
    let api: Api
    beforeAll(async () => {
      api = await apiOn(engine)
    })
    afterAll(() => api.close())

    const aTicket = async () => {
      const made = await api.as('naledi').post('/tickets', {
        project_id: 'lawley',
        ticket_type: 'maintenance',
        title: 'No signal since Sunday',
        dr_number: 'DR1729500',
        pole_number: 'law.p.a002',
        fault_cause: 'third_party',
        client_name: 'Nomsa Client',
        client_phone: '0821234567',
        address: '12 Protea Street',
      })
      expect(made.body.error).toBeUndefined()
      const { id, ticket_uid: uid } = made.body.data
      const assigned = await api.as('naledi').change(`/tickets/${id}/assign`, 1, {
        assigned_to: 'thabo',
        assigned_contractor_id: 'ubuntu-fibre',
      })
      await api.as('thabo').change(`/tickets/${id}/transitions`, assigned.body.data.version, { command: 'start_work' })
      return { id: id as string, uid: uid as string }
    }
    const send = async (ticketId: string, step: string, photo: Buffer) => {
      const sent = await api
        .as('thabo')
        .upload(`/tickets/${ticketId}/verification/${step}/photos`)
        .attach('photo', photo, 'a.jpg')
      expect([sent.status, sent.body.error]).toEqual([201, undefined])
      return sent.body.data
    }
    const forwarded = (photo: Buffer) =>
      sharp(photo).resize(800, 800, { fit: 'inside' }).jpeg({ quality: 60 }).toBuffer()
    const reuseOf = (data: { verdicts: ReadonlyArray<{ check: string }> }) =>
      data.verdicts.find(({ check }) => check === 'reuse')

    it('is reuse on another ticket, which is named, until a QA lead clears it', async () => {
      const photo = await generated(21, 900)
      const [first, second] = [await aTicket(), await aTicket()]
      const original = await send(first.id, 'green_lights', photo)
      expect(original.blocks_readiness).toEqual([])
      const mirrored = await sharp(await forwarded(photo))
        .flop()
        .jpeg()
        .toBuffer()
      const sent = await send(second.id, 'work_area_final', mirrored)
      expect(reuseOf(sent)).toMatchObject({
        outcome: 'block',
        reason: expect.stringContaining(`The same picture is step green_lights of ticket ${first.uid}, sent on`),
      })
      expect(sent.blocks_readiness).toMatchObject([{ check: 'reuse' }])
      const cleared = await api.as('zanele').change(`/attachments/${sent.id}/clear-reuse`, sent.ticket.version, {
        reason: 'The same cabinet, agreed with the client',
      })
      expect(cleared.status).toBe(200)
      expect(cleared.body.data.blocks_readiness ?? []).toEqual([])
      const [seen] = (await api.as('lerato').get(`/tickets/${second.id}/attachments`)).body.data
      expect(seen.reuse_cleared).toMatchObject({ by: 'zanele', photo_ids: [original.id] })
    })

    it('is reuse on another step of the same ticket, and none on the same step', async () => {
      const photo = await generated(22, 900)
      const { id } = await aTicket()
      await send(id, 'green_lights', photo)
      expect(reuseOf(await send(id, 'green_lights', await forwarded(photo)))).toMatchObject({ outcome: 'pass' })
      expect(reuseOf(await send(id, 'work_area_final', await forwarded(photo)))).toMatchObject({
        outcome: 'block',
        reason: expect.stringContaining('step green_lights of this ticket'),
      })
    })

    it('is found by the later of two that are sent at the same moment', async () => {
      const photo = await generated(23, 900)
      const tickets = [await aTicket(), await aTicket(), await aTicket()]
      const copies = await Promise.all([90, 70, 50].map((quality) => sharp(photo).jpeg({ quality }).toBuffer()))
      const sent = await Promise.all(tickets.map(({ id }, i) => send(id, 'green_lights', copies[i] ?? photo)))
      const outcomes = sent.map((data) => (reuseOf(data) as { outcome?: string } | undefined)?.outcome)
      expect(outcomes.toSorted()).toEqual(['block', 'block', 'pass'])
    })

    it('when it only looks like an earlier one, is shown to the reviewer soon after, and blocks nothing', async () => {
      const photo = await generated(24, 900)
      const { width, height } = await sharp(photo).metadata()
      const [first, second] = [await aTicket(), await aTicket()]
      await send(first.id, 'green_lights', photo)
      const label = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect x="0" y="${height * 0.78}" width="${width * 0.7}" height="${height * 0.2}" fill="#000"/></svg>`
      const labelled = await sharp(photo)
        .composite([{ input: Buffer.from(label) }])
        .jpeg()
        .toBuffer()
      const sent = await send(second.id, 'green_lights', labelled)
      expect(reuseOf(sent)).toMatchObject({ outcome: 'pass' })
      const reaction = api.uses.reactions.find(({ name }) => name === 'note_look_alikes')
      const { rows } = await api.pool.query(
        `select event_id as id, type, ticket_id as "ticketId", body, at from outbox where type = 'PhotoAdded' and ticket_id = $1`,
        [second.id],
      )
      expect(rows).toHaveLength(1)
      for (const event of [rows[0], rows[0]]) await reaction?.handle(event, new AbortController().signal)
      const listed = (await api.as('lerato').get(`/tickets/${second.id}/attachments`)).body.data
      const [seen] = Array.isArray(listed) ? listed : listed.attachments
      const verdicts = seen.verdicts.filter((one: { check: string }) => one.check === 'likeness')
      expect(verdicts.map((one: { outcome: string }) => one.outcome)).toEqual(['not_judged', 'warn'])
      expect(verdicts[1].reason).toContain(`It looks like step green_lights of ticket ${first.uid}`)
    })

    const likenessOf = async (photoId: string): Promise<ReadonlyArray<Record<string, string>>> => {
      const { rows } = await api.pool.query('select verdicts from ticket_attachments where id = $1', [photoId])
      return rows[0].verdicts.filter((one: { check: string }) => one.check === 'likeness')
    }
    const versionOf = async (id: string): Promise<number> =>
      (await api.as('lerato').get(`/tickets/${id}`)).body.data.version

    it('when it looks like none, is said to, and when, and whoever read its ticket before is not late', async () => {
      const { id } = await aTicket()
      const sent = await send(id, 'green_lights', await generated(25, 900))
      const version = await versionOf(id)
      const { rows } = await api.pool.query(
        `select event_id as id, type, ticket_id as "ticketId", body, at from outbox where type = 'PhotoAdded' and ticket_id = $1`,
        [id],
      )
      const reaction = api.uses.reactions.find(({ name }) => name === 'note_look_alikes')
      for (const event of [rows[0], rows[0]]) await reaction?.handle(event, new AbortController().signal)
      expect(await likenessOf(sent.id)).toMatchObject([
        { outcome: 'not_judged' },
        { outcome: 'pass', reason: 'No earlier photo looks like it', at: expect.stringMatching(/^20.+Z$/) },
      ])
      expect(await versionOf(id)).toBe(version)
    })

    it('is found though the first was stored before there were hashes: they are made from its original', async () => {
      const photo = await generated(26, 900)
      const [first, second] = [await aTicket(), await aTicket()]
      const old = await send(first.id, 'green_lights', photo)
      await api.pool.query(
        'delete from photo_fingerprints f using photo_hashes h where f.photo_no = h.photo_no and h.photo_id = $1',
        [old.id],
      )
      const aYearAgo = `now() - interval '1 year'`
      await api.pool.query(
        `update photo_hashes set quality = null, probes = null, uploaded_at = ${aYearAgo} where photo_id = $1`,
        [old.id],
      )
      await api.pool.query(`update ticket_attachments set uploaded_at = ${aYearAgo} where id = $1`, [old.id])
      const again = await send(second.id, 'work_area_final', await forwarded(photo))
      expect(reuseOf(again)).toMatchObject({ outcome: 'pass' })
      const both = await Promise.all([api.uses.judgePhotosAgain(), api.uses.judgePhotosAgain()])
      expect(both).toMatchObject([{ right: { failed: 0 } }, { right: { failed: 0 } }])
      const [step] = (await api.as('lerato').get(`/tickets/${second.id}/verification`)).body.data.steps.filter(
        (one: { step_key: string }) => one.step_key === 'work_area_final',
      )
      expect(step.photos[0].blocks_readiness).toMatchObject([{ check: 'reuse' }])
      const [later] = step.photos[0].verdicts.filter((one: { checker: string }) => one.checker === 'reuse')
      expect(later).toMatchObject({
        outcome: 'block',
        reason: expect.stringContaining(`The same picture is step green_lights of ticket ${first.uid}`),
      })
      const { rows } = await api.pool.query(
        `select v ->> 'outcome' as outcome from ticket_attachments, jsonb_array_elements(verdicts) v where id = $1 and v ->> 'check' = 'reuse'`,
        [old.id],
      )
      expect(rows).toEqual([{ outcome: 'pass' }])
      const third = await aTicket()
      expect(reuseOf(await send(third.id, 'green_lights', await forwarded(photo)))).toMatchObject({ outcome: 'block' })
      expect(await api.uses.judgePhotosAgain()).toMatchObject({ right: { judged: 0, failed: 0 } })
    })

    it('is compared from its original when the ticket is finished or the photo is history, and nothing else changes', async () => {
      const photo = await generated(27, 900)
      const { id } = await aTicket()
      const old = await send(id, 'green_lights', photo)
      await api.pool.query('delete from photo_fingerprints')
      await api.pool.query('update photo_hashes set quality = null, probes = null')
      const cancelled = await api.as('naledi').change(`/tickets/${id}/transitions`, await versionOf(id), {
        command: 'cancel',
        reason: 'Reported twice',
      })
      expect(cancelled.body.error).toBeUndefined()
      const asItWas = await api.pool.query('select verdicts from ticket_attachments where id = $1', [old.id])
      expect(await api.uses.judgePhotosAgain()).toMatchObject({ right: { failed: 0 } })
      expect((await api.pool.query('select verdicts from ticket_attachments where id = $1', [old.id])).rows).toEqual(
        asItWas.rows,
      )
      const other = await aTicket()
      expect(reuseOf(await send(other.id, 'work_area_final', await forwarded(photo)))).toMatchObject({
        outcome: 'block',
      })
      const { rows } = await api.pool.query('select count(*)::integer as left from photo_hashes where quality is null')
      expect(rows).toEqual([{ left: 0 }])
      // The look-alikes of the one just sent: nobody else looks for them here.
      expect(await api.uses.judgePhotosAgain()).toMatchObject({ right: { compared: 1, judged: 0, failed: 0 } })
      expect(await api.uses.judgePhotosAgain()).toMatchObject({ right: { compared: 0, judged: 0, failed: 0 } })
    })
  })
