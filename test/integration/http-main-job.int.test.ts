import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOn, type Engine } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg, pdf } from '../support/pictures.ts'

const ENGINES: ReadonlyArray<Engine> = ['pglite', 'postgres']
const REQUIRED = ['work_area_final', 'power_meter_reading', 'green_lights'] as const

for (const engine of ENGINES) {
  describeOn(engine, 'the main job of one ticket over HTTP', () => {
    let api: Api
    beforeAll(async () => {
      api = await apiOn(engine)
    })
    afterAll(() => api.close())

    const create = async (said: object = {}) => {
      const made = await api.as('naledi').post('/tickets', {
        project_id: 'lawley',
        ticket_type: 'maintenance',
        title: 'No signal since Sunday',
        dr_number: 'drop 1729500',
        pole_number: 'law.p.a002',
        pon_number: 'PON 7',
        zone_no: '12',
        ont_serial: 'ALCLB465A671',
        fault_cause: 'third_party',
        client_name: 'Nomsa Client',
        client_phone: '0821234567',
        address: '12 Protea Street',
        ...said,
      })
      expect(made.body.error).toBeUndefined()
      return made
    }
    let seed = 1
    const picture = () => {
      seed += 1
      return jpeg({ seed, width: 800, height: 600 })
    }
    const inProgress = async () => {
      const made = await create()
      const { id } = made.body.data
      const assigned = await api.as('naledi').change(`/tickets/${id}/assign`, 1, {
        assigned_to: 'thabo',
        assigned_contractor_id: 'ubuntu-fibre',
      })
      const started = await api
        .as('thabo')
        .change(`/tickets/${id}/transitions`, assigned.body.data.version, { command: 'start_work' })
      return started.body.data as { id: string; version: number }
    }
    const provenBy = async (user: string, id: string) => {
      for (const step of REQUIRED) {
        const sent = await api
          .as(user)
          .upload(`/tickets/${id}/verification/${step}/photos`)
          .attach('photo', await picture(), 'step.jpg')
        expect([step, sent.status]).toEqual([step, 201])
      }
      const steps = (await api.as(user).get(`/tickets/${id}/verification`)).body.data.steps
      const meter = steps.find((one: { step_key: string }) => one.step_key === 'power_meter_reading')
      const read = await api
        .as(user)
        .put(`/tickets/${id}/verification/power_meter_reading`, meter.version, { value: '-18.962' })
      expect([read.status, read.headers.etag]).toEqual([200, `"${meter.version + 1}"`])
      const done = await api.as(user).post(`/tickets/${id}/verification/complete`)
      expect([done.status, done.body.data.required_completed]).toEqual([200, 3])
    }

    it('from the call to closed, with a rejection on the way', async () => {
      const made = await create()
      expect([made.status, made.headers.etag, made.headers.location]).toEqual([
        201,
        '"1"',
        `/api/ticketing/tickets/${made.body.data.id}`,
      ])
      expect(made.body.data).toMatchObject({
        dr_number: 'DR1729500',
        pole_number: 'LAW.P.A002',
        pon_number: '7',
        status: 'open',
        progress: '0/12',
        client_name: 'Nomsa Client',
        dr_unknown: false,
      })
      const { id } = made.body.data
      let { version } = made.body.data
      const run = async (user: string, said: object, status = 200) => {
        const got = await api.as(user).change(`/tickets/${id}/transitions`, version, said)
        expect([said, got.status, got.body.error]).toEqual([said, status, got.body.error])
        version = got.body.data?.version ?? version
        return got.body
      }
      await run('naledi', { command: 'assign', assigned_to: 'thabo', assigned_contractor_id: 'ubuntu-fibre' })
      await run('thabo', { command: 'start_work' })
      const refused = await run('thabo', { command: 'submit_for_qa' }, 422)
      expect(refused.error).toMatchObject({ code: 'BUSINESS_RULE_VIOLATION', details: { rule: 'NotReady' } })
      expect(refused.error.details.failures[0]).toMatchObject({ check: 'photos_exist', outcome: 'failed' })
      await provenBy('thabo', id)
      version = (await api.as('thabo').get(`/tickets/${id}`)).body.data.version
      const checked = await api.as('thabo').post(`/tickets/${id}/qa-readiness-check`)
      expect(checked.body.data).toMatchObject({ qa_ready: true })
      version = checked.body.data.version
      await run('thabo', { command: 'submit_for_qa' })
      expect((await run('thabo', { command: 'start_qa' }, 403)).error.code).toBe('INSUFFICIENT_PERMISSIONS')
      const review = await api.as('lerato').change(`/tickets/${id}/handover`, version, { handover_type: 'build_to_qa' })
      expect([review.status, review.body.data.status, review.body.data.owner_type]).toEqual([
        200,
        'qa_in_progress',
        'qa',
      ])
      version = review.body.data.version
      const frozen = await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/green_lights/photos`)
        .attach('photo', await picture(), 'late.jpg')
      expect([frozen.status, frozen.body.error.code, frozen.body.error.details.rule]).toEqual([
        423,
        'RESOURCE_LOCKED',
        'PhotoTooLate',
      ])
      const verdicts = REQUIRED.map((step) =>
        step === 'green_lights'
          ? { step, outcome: 'incorrect', comment: 'The drop number is not visible' }
          : { step, outcome: 'correct' },
      )
      const rejected = await api
        .as('lerato')
        .change(`/tickets/${id}/qa-decision`, version, { decision: 'reject', codes: ['photo_quality'], verdicts })
      expect([rejected.status, rejected.body.data.status]).toEqual([200, 'qa_rejected'])
      version = rejected.body.data.version
      await run('thabo', { command: 'start_work' })
      const again = await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/green_lights/photos`)
        .attach('photo', await picture(), 'better.jpg')
      expect(again.status).toBe(201)
      version = again.body.data.ticket.version
      const completed = await api.as('thabo').post(`/tickets/${id}/verification/complete`)
      expect(completed.status).toBe(200)
      version = (await api.as('thabo').get(`/tickets/${id}`)).body.data.version
      await run('thabo', { command: 'submit_for_qa' })
      await run('lerato', { command: 'start_qa' })
      await run('lerato', {
        command: 'approve',
        verdicts: REQUIRED.map((step) => ({ step, outcome: 'correct' })),
      })
      await run('lerato', { command: 'request_handover' })
      const gate = await run('naledi', { command: 'hand_over' }, 422)
      expect(gate.error.details.failures.map((one: { check: string }) => one.check)).toEqual(['as_built_confirmed'])
      await run('naledi', {
        command: 'confirm_as_built',
        as_built_confirmed_at: '2026-03-03T07:00:00+00:00',
        as_built_document: 'as-built-1.pdf',
      })
      await run('naledi', { command: 'hand_over' })
      const late = await api.as('naledi').put(`/tickets/${id}`, version, { dr_number: 'DR1729501' })
      expect([late.status, late.body.error.code]).toEqual([423, 'RESOURCE_LOCKED'])
      const closed = await run('naledi', { command: 'complete_maintenance' })
      expect(closed.data).toMatchObject({ status: 'closed', owner_type: 'maintenance', rectification_count: 1 })
      const history = await api.as('naledi').get(`/tickets/${id}/handover-history`)
      expect(
        history.body.data.map((one: { handover_type: string; verified: boolean }) => [one.handover_type, one.verified]),
      ).toEqual([
        ['build_to_qa', true],
        ['build_to_qa', true],
        ['qa_to_maintenance', true],
        ['maintenance_complete', true],
      ])
      const verified = await api.as('naledi').get(`/tickets/${id}/handover-history/verification`)
      expect(verified.body.data).toEqual({ snapshots: 4, faults: 0, findings: [], not_yet_anchored: 4, chains: [] })
      const timeline = await api.as('thabo').get(`/tickets/${id}/timeline?pageSize=100`)
      expect(timeline.body.data.at(-1)).toMatchObject({ system_event: 'TicketCreated' })
    })

    it('is logged, with someone assigned, in at most three round trips to the database', async () => {
      let trips = 0
      const count = () => {
        trips += 1 // each statement takes a connection of its own out of the pool
      }
      api.pool.on('acquire', count)
      await create()
      expect(trips).toBeLessThanOrEqual(3)
      trips = 0
      await create({ assigned_to: 'thabo', assigned_contractor_id: 'ubuntu-fibre' })
      expect(trips).toBe(3)
      api.pool.off('acquire', count)
    })

    it('answers every read as the OpenAPI document says', async () => {
      const { id } = await inProgress()
      await provenBy('thabo', id)
      await api.as('thabo').post(`/tickets/${id}/qa-readiness-check`)
      const reads = api.routes.filter(({ method, path }) => method === 'get' && /^\/tickets(\/\{id\}|$)/.test(path))
      expect(reads.length).toBeGreaterThan(9)
      for (const { path, name, answers } of reads) {
        const { status, body } = await api.as('naledi').get(path.replace('{id}', id))
        expect([name, status]).toEqual([name, 200])
        if (answers.type !== 'body' && answers.type !== 'page') throw new Error(`${name} answers no JSON`)
        const shape = answers.type === 'page' ? answers.schema.array() : answers.schema
        expect([name, shape.safeParse(body.data).error?.issues]).toEqual([name, undefined])
      }
      const sla = await api.as('naledi').get(`/tickets/${id}/sla`)
      expect(sla.body.data).toMatchObject({
        priority: 'normal',
        clocks: { response: { state: 'met' }, resolution: { state: 'running' } },
      })
    })

    it('approved with conditions, the risk reviewed and resolved', async () => {
      const { id } = await inProgress()
      await provenBy('thabo', id)
      const now = async () => (await api.as('zanele').get(`/tickets/${id}`)).body.data.version
      await api.as('thabo').change(`/tickets/${id}/transitions`, await now(), { command: 'submit_for_qa' })
      await api.as('zanele').change(`/tickets/${id}/transitions`, await now(), { command: 'start_qa' })
      const approved = await api.as('zanele').change(`/tickets/${id}/qa-decision`, await now(), {
        decision: 'approve_with_conditions',
        verdicts: [
          { step: 'work_area_final', outcome: 'correct' },
          { step: 'power_meter_reading', outcome: 'correct' },
          { step: 'green_lights', outcome: 'incorrect', comment: 'blurred' },
        ],
        new_risks: [
          {
            risk_type: 'documentation_gap',
            risk_description: 'The sticker is not readable',
            steps: ['green_lights'],
            risk_expiry_date: '2026-04-01',
            followup_date: '2026-03-10',
          },
        ],
      })
      expect(approved.body.error).toBeUndefined()
      const [risk] = approved.body.data.risk_acceptances
      expect(approved.body.data).toMatchObject({ status: 'qa_approved' })
      expect(risk).toMatchObject({ status: 'active', risk_expiry_date: '2026-04-01', accepted_by: 'zanele' })
      const expiring = await api.as('naledi').get('/risk-acceptances?expiring_within_days=60')
      expect(expiring.body.data.map((one: { id: string }) => one.id)).toContain(risk.id)
      const { length: total } = expiring.body.data
      expect(expiring.body.pagination).toEqual({ page: 1, pageSize: 50, total, totalPages: 1 })
      const walked = await api.as('naledi').get('/risk-acceptances?expiring_within_days=60&cursor=')
      expect([walked.body.data, walked.body.pagination]).toEqual([
        expiring.body.data,
        { pageSize: 50, nextCursor: null },
      ])
      const reviewed = await api.as('zanele').post(`/risk-acceptances/${risk.id}/reviews`, {
        id: '5e0d3c1a-94b0-4f5e-8a36-0d6f1c2b3a49',
        outcome: 'Visit planned',
        next_date: '2026-03-20',
      })
      expect([reviewed.status, reviewed.body.data.followup_date]).toEqual([201, '2026-03-20'])
      const review = (said: object) => api.as('zanele').post(`/risk-acceptances/${risk.id}/reviews`, said)
      const sentAgain = await review({
        id: '5e0d3c1a-94b0-4f5e-8a36-0d6f1c2b3a49',
        outcome: 'Visit planned',
        next_date: '2026-03-20',
      })
      expect([sentAgain.status, sentAgain.body.data]).toEqual([201, reviewed.body.data])
      expect(sentAgain.body.data.reviews).toHaveLength(1)
      const other = await review({ id: '5e0d3c1a-94b0-4f5e-8a36-0d6f1c2b3a49', outcome: 'Something else' })
      expect([other.status, other.body.error.details.rule]).toEqual([409, 'ReviewIdTaken'])
      const past = await review({ outcome: 'x', next_date: '2025-01-31' })
      expect([past.status, past.body.error.code]).toEqual([422, 'VALIDATION_ERROR'])
      expect(past.body.error.details.next_date).toMatch(/^must be 20\d\d-\d\d-\d\d or later; it is 2025-01-31$/)
      const hidden = await api.as('anele').post(`/risk-acceptances/${risk.id}/reviews`, { outcome: 'x' })
      expect([hidden.status, hidden.body.error.message]).toEqual([
        404,
        `Risk acceptance with identifier '${risk.id}' not found`,
      ])
      const resolved = await api
        .as('zanele')
        .put(`/risk-acceptances/${risk.id}/resolve`, Number(JSON.parse(String(reviewed.headers.etag))), {
          resolution_notes: 'New photo taken',
        })
      expect([resolved.status, resolved.body.data.status]).toEqual([200, 'resolved'])
      expect((await api.as('naledi').get(`/tickets/${id}/risk-acceptances`)).body.data).toHaveLength(1)
    })

    it('is decided by the version that was read, and the loser sees what it is now', async () => {
      const { body: made } = await create()
      const { id } = made.data
      await api.as('naledi').put(`/tickets/${id}`, 1, { priority: 'high' })
      const lost = await api.as('naledi').put(`/tickets/${id}`, 1, { priority: 'low' })
      expect([lost.status, lost.body.error.code]).toEqual([409, 'CONFLICT'])
      expect(lost.body.error.details).toMatchObject({
        current_version: 2,
        current: { id, priority: 'high', version: 2 },
      })
    })

    it('shows a viewer nothing of the client, and a foreigner nothing at all', async () => {
      const { id } = await inProgress()
      const viewed = await api.as('vusi').get(`/tickets/${id}`)
      expect(viewed.status).toBe(200)
      expect(JSON.stringify(viewed.body)).not.toMatch(/Nomsa|0821234567|Protea/)
      expect(viewed.body.data.allowed_commands).toEqual([])
      expect((await api.as('anele').get(`/tickets/${id}`)).status).toBe(404)
      expect((await api.as('thabo').get(`/tickets/${id}`)).body.data.allowed_commands).toEqual([
        'hold',
        'submit_for_qa',
        'confirm_as_built',
      ])
      const listed = await api.as('vusi').get('/tickets')
      expect(JSON.stringify(listed.body)).not.toMatch(/Nomsa|0821234567|Protea/)
      expect((await api.as('anele').get('/tickets')).body.data).toEqual([])
    })

    it('keeps notes, documents, links and duplicates with it, each once', async () => {
      const { id } = await inProgress()
      const note = {
        id: randomUUID(),
        content: 'Gate code is with the neighbour',
      }
      expect((await api.as('thabo').post(`/tickets/${id}/notes`, note)).status).toBe(201)
      expect((await api.as('thabo').post(`/tickets/${id}/notes`, note)).status).toBe(201)
      expect((await api.as('thabo').post(`/tickets/${id}/notes`, { ...note, content: 'Other' })).status).toBe(409)
      const sent = await api.as('thabo').upload(`/tickets/${id}/attachments`).attach('file', pdf(seed), 'plan "1".pdf')
      expect([sent.status, sent.body.data.mime_type]).toEqual([201, 'application/pdf'])
      expect((await api.as('vusi').get(`/attachments/${sent.body.data.id}/content`)).status).toBe(403)
      const got = await api.as('lerato').get(`/attachments/${sent.body.data.id}/content`)
      expect([got.status, got.headers['content-type'], got.headers['content-security-policy']]).toEqual([
        200,
        'application/pdf',
        "default-src 'none'; sandbox",
      ])
      expect((await api.as('anele').get(`/attachments/${sent.body.data.id}/content`)).status).toBe(404)
      const html = await api
        .as('thabo')
        .upload(`/tickets/${id}/attachments`)
        .attach('file', Buffer.from('<html><script>alert(1)</script>'), 'x.pdf')
      expect([html.status, html.body.error.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
      const { body: other } = await create()
      const linked = await api.as('naledi').post(`/tickets/${id}/links`, { ticket_id: other.data.id })
      expect([linked.status, linked.body.data.map((one: { kind: string }) => one.kind)]).toEqual([201, ['related']])
      const marked = await api.as('naledi').change(`/tickets/${other.data.id}/duplicate`, 1, { duplicate_of: id })
      expect(marked.body.data).toMatchObject({ status: 'cancelled', duplicate_of: id })
      expect(marked.body.data.allowed_commands).toEqual(['unmark_duplicate'])
      const back = await api.as('naledi').delete(`/tickets/${other.data.id}/duplicate`, marked.body.data.version)
      expect(back.body.data).toMatchObject({ status: 'open', duplicate_of: null })
    })

    it('is found by filters, words, pages and cursor', async () => {
      const { body: made } = await create({ title: 'Zebra crossing fell on the pole', priority: 'critical' })
      const found = await api
        .as('naledi')
        .get('/tickets?q=zebra&priority=critical,urgent&status=open&page=1&pageSize=5')
      expect([found.body.pagination, found.body.data.map((one: { id: string }) => one.id)]).toEqual([
        { page: 1, pageSize: 5, total: 1, totalPages: 1 },
        [made.data.id],
      ])
      const walked: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const slice = await api.as('naledi').get(`/tickets?sort=-created_at&pageSize=2&cursor=${cursor}`)
        walked.push(...slice.body.data.map((one: { id: string }) => one.id))
        cursor = slice.body.pagination.nextCursor
      }
      const all = await api.as('naledi').get('/tickets?pageSize=100')
      expect(new Set(walked)).toEqual(new Set(all.body.data.map((one: { id: string }) => one.id)))
    })

    it('many at once answer one by one', async () => {
      const [one, two] = [(await create()).body.data, (await create()).body.data]
      const sent = await api.as('naledi').post('/tickets/bulk', {
        command: 'assign',
        assigned_to: 'thabo',
        items: [
          { ticket_id: one.id, version: 1 },
          { ticket_id: two.id, version: 9 },
          { ticket_id: '0b9d3f4e-5a57-4c5f-9d3b-0e8f1a2b3c4d', version: 1 },
        ],
      })
      expect(sent.body.data).toMatchObject([
        { ticket_id: one.id, success: true, status: 'assigned', version: 2 },
        {
          success: false,
          error: {
            status: 409,
            code: 'CONFLICT',
            details: { rule: 'Stale', current_version: 1, current: { id: two.id, status: 'open', version: 1 } },
          },
        },
        { success: false, error: { status: 404, code: 'NOT_FOUND' } },
      ])
      const alone = await api.as('naledi').change(`/tickets/${two.id}/assign`, 9, { assigned_to: 'thabo' })
      expect(sent.body.data[1].error.details).toEqual(alone.body.error.details)
      expect(
        (await api.as('thabo').post('/tickets/bulk', { command: 'resume', items: [{ ticket_id: one.id, version: 2 }] }))
          .status,
      ).toBe(403)
    })

    it('is judged beside the lifecycle: cause, waiver, billing, reuse', async () => {
      const { id, version } = await inProgress()
      const cause = await api.as('thabo').change(`/tickets/${id}/fault-cause`, version, {
        fault_cause: 'material_failure',
        fault_component: 'ont',
        reason: 'The ONT is dead',
      })
      expect(cause.body.data).toMatchObject({ fault_cause: 'material_failure', fault_component: 'ont' })
      const blamed = await api.as('thabo').change(`/tickets/${id}/fault-cause`, cause.body.data.version, {
        fault_cause: 'workmanship',
        reason: 'x',
      })
      expect(blamed.status).toBe(403)
      const waived = await api.as('zanele').change(`/tickets/${id}/waivers`, cause.body.data.version, {
        platform: 'tracker',
        reason: 'The sheet is a month old',
      })
      expect(waived.body.data.waivers).toMatchObject([{ platform: 'tracker', by: 'zanele' }])
      const again = await api
        .as('zanele')
        .delete(`/tickets/${id}/waivers`, waived.body.data.version, { platform: 'tracker', reason: 'It is fresh now' })
      expect(again.body.data.waivers).toEqual([])
      const billed = await api.as('naledi').change(`/tickets/${id}/billing-classification`, again.body.data.version, {
        billing_classification: 'billable_client',
        reason: 'Agreed with the client',
      })
      expect(billed.body.data).toMatchObject({ billing_classification: 'billable_client', is_billable: true })
      const photo = await picture()
      const first = await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/green_lights/photos`)
        .attach('photo', photo, 'a.jpg')
      expect(first.status).toBe(201)
      const second = await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/work_area_final/photos`)
        .attach('photo', photo, 'b.jpg')
      expect(second.body.data.blocks_readiness).toMatchObject([{ check: 'reuse' }])
      const cleared = await api
        .as('zanele')
        .change(`/attachments/${second.body.data.id}/clear-reuse`, second.body.data.ticket.version, {
          reason: 'One frame shows both',
        })
      expect(cleared.status).toBe(200)
      const small = await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/house_front/photos`)
        .attach('photo', await jpeg({ seed: 99, width: 320, height: 200 }), 'small.jpg')
      expect(small.body.data.blocks_readiness).toMatchObject([{ check: 'size' }])
      const overridden = await api
        .as('zanele')
        .change(`/attachments/${small.body.data.id}/override`, small.body.data.ticket.version, {
          check: 'size',
          reason: 'Readable enough',
        })
      expect(overridden.status).toBe(200)
    })

    it('takes the installation date of its drop with where it comes from', async () => {
      const path = '/projects/lawley/drops/DR1729500/installation-date'
      const entered = await api.as('naledi').put(path, 0, { installed_on: '2026-01-15', source: 'Signed job card' })
      expect([entered.status, entered.headers.etag, entered.body.data.installed_on]).toEqual([200, '"1"', '2026-01-15'])
      expect((await api.as('naledi').put(path, 0, { installed_on: '2026-01-16', source: 'x' })).status).toBe(409)
      expect((await api.as('thabo').get(path)).body.data.source).toBe('Signed job card')
    })
  })
}
