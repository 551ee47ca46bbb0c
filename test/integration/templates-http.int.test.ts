import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { tellPeople } from '../../src/application/notification/notify.ts'
import { DEFAULT_TEMPLATES } from '../../src/domain/notification/template-defaults.ts'
import { TEMPLATE_KINDS } from '../../src/domain/notification/template-kinds.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg } from '../support/pictures.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const GROUP = '120363000000000004@g.us'

describeOn('pglite', 'Templates and what is told by them, over HTTP', () => {
  let api: Api
  const templates = (user = 'naledi') => api.as(user).get('/projects/lawley/templates')
  const change = (version: number, said: object) =>
    api.as('naledi').put('/projects/lawley/templates', version, { templates: said })
  const preview = (kind: string, said: object = {}) =>
    api.as('naledi').post(`/projects/lawley/templates/${kind}/preview`, said)

  beforeAll(async () => {
    api = await apiOn('pglite')
    const own = { id: 'ubuntu-fibre', name: 'Ubuntu Fibre', phone: '082 555 0123', groupId: GROUP, isOwn: false }
    const saved = await api.ports.directory.save({ contractors: [own] })()
    if (E.isLeft(saved)) throw new Error(saved.left.type)
  })
  afterAll(() => api.close())

  it('a project begins with the built-in ones, and each says which variables it may name', async () => {
    const { status, body, headers } = await templates()
    expect(status).toBe(200)
    expect(headers.etag).toBe('"0"')
    expect(body.data).toMatchObject({ project_id: 'lawley', version: 0, changed_by: null })
    expect(body.data.templates.map(({ kind }: { kind: string }) => kind)).toEqual([...TEMPLATE_KINDS])
    expect(body.data.templates[0]).toMatchObject({ text: DEFAULT_TEMPLATES.assignment, own: false })
    expect(body.data.templates[0].variables).toContain('ticket_uid')
  })

  it('an unknown variable is refused with 422, which names field, rule and value, and changes nothing', async () => {
    const { status, body } = await change(0, { qa_rejection: 'Look at {{ticket_uid}}: {{what_is_worng}}' })
    expect(status).toBe(422)
    expect(body.error.code).toBe('VALIDATION_ERROR')
    expect(Object.keys(body.error.details)).toEqual(['templates.qa_rejection'])
    expect(body.error.details['templates.qa_rejection']).toMatch(
      /^must be text that names only these variables: ticket_uid, .*what_is_wrong.*; it is "\{\{what_is_worng\}\}"$/,
    )
    expect((await templates()).body.data.version).toBe(0)
    const shown = await preview('assignment', { text: '{{ticket_uid}} {{client_name}}' })
    expect(shown.status).toBe(422)
    expect(shown.body.error.details.text).toContain('; it is "{{client_name}}"')
  })

  it('an unknown kind, an empty text, one too long and a strange field are refused by name', async () => {
    const refused = async (said: object) => (await change(0, said)).body.error.details
    expect(await refused({ greeting: 'Hello {{ticket_uid}}' })).toEqual({
      'templates.greeting': 'is not a known field',
    })
    expect(await refused({ assignment: ' ' })).toEqual({
      'templates.assignment': expect.stringContaining('must not be empty'),
    })
    expect(await refused({ assignment: 'x'.repeat(1_001) })).toEqual({
      'templates.assignment': expect.stringContaining('must have at most 1000 characters'),
    })
    expect((await preview('greeting')).status).toBe(422)
    expect((await api.as('naledi').get('/projects/nowhere/templates')).status).toBe(404)
  })

  it('only a manager reads, changes and previews them', async () => {
    for (const user of ['thabo', 'pieter', 'lerato', 'zanele', 'vusi']) {
      expect((await templates(user)).status).toBe(403)
      const changed = await api.as(user).put('/projects/lawley/templates', 0, { templates: {} })
      expect(changed.status).toBe(403)
      expect((await api.as(user).post('/projects/lawley/templates/assignment/preview')).status).toBe(403)
    }
  })

  it('a change is kept by its version; who read an earlier one gets 409 and what stands now', async () => {
    const first = await change(0, { assignment: '{ticket_uid}: {dr_number}\r\nGo!' })
    expect(first.status).toBe(200)
    expect(first.headers.etag).toBe('"1"')
    expect(first.body.data).toMatchObject({ version: 1, changed_by: 'naledi', changed_at: api.clock.now })
    expect(first.body.data.templates[0]).toMatchObject({ text: '{ticket_uid}: {dr_number}\nGo!', own: true })
    const late = await change(0, {})
    expect(late.status).toBe(409)
    expect(late.body.error.details.current.version).toBe(1)
    const missing = await api.as('naledi').post('/projects/lawley/templates', {})
    expect(missing.status).toBe(405)
    const back = await change(1, { assignment: DEFAULT_TEMPLATES.assignment })
    expect(back.body.data.templates[0]).toMatchObject({ text: DEFAULT_TEMPLATES.assignment, own: false })
  })

  it('a preview fills an invented ticket, in the text in use or in the one being written, and sends nothing', async () => {
    const shown = await preview('qa_rejection')
    expect(shown.status).toBe(200)
    expect(shown.body.data).toMatchObject({ kind: 'qa_rejection', example: true })
    expect(shown.body.data.text).toContain('• Green lights: missing')
    const typed = await preview('assignment', { text: 'Go to {{address}} for {{ticket_uid}}' })
    expect(typed.body.data.text).toBe('Go to 12 Acacia Street, Lawley for FT1000042')
    expect((await api.pool.query('select from whatsapp_notifications')).rowCount).toBe(0)
  })

  it('a rejected ticket tells its contractor exactly what is wrong, once, even after old rows were pruned', async () => {
    const naledi = api.as('naledi')
    const made = await naledi.post('/tickets', {
      project_id: 'lawley',
      ticket_type: 'incident',
      title: 'Pole *leans* over',
      fault_cause: 'vandalism',
      pole_number: 'LAW.P.A002',
      client_name: 'Nomsa Client',
      client_phone: '082 555 0199',
      description: 'CANARY-description',
    })
    expect(made.body.error).toBeUndefined()
    const { id, ticket_uid: uid } = made.body.data
    const run = async (user: string, said: object, path = 'transitions') => {
      const { version } = (await naledi.get(`/tickets/${id}`)).body.data
      const done = await api.as(user).change(`/tickets/${id}/${path}`, version, said)
      expect(done.body.error).toBeUndefined()
    }
    await run('naledi', { command: 'assign', assigned_contractor_id: 'ubuntu-fibre' })
    await run('pieter', { command: 'start_work' })
    await run('pieter', { command: 'hold', reason: 'awaiting_client', note: 'CANARY-hold' })
    await run('pieter', { command: 'resume' })
    await api
      .as('pieter')
      .upload(`/tickets/${id}/verification/work_area_final/photos`)
      .attach('photo', await jpeg({ seed: 77, width: 800, height: 600 }), 'a.jpg')
    await api.as('pieter').post(`/tickets/${id}/verification/complete`)
    await run('pieter', { command: 'submit_for_qa' })
    await run('lerato', { command: 'start_qa' })
    await run(
      'lerato',
      {
        decision: 'reject',
        codes: ['wrong_photo'],
        verdicts: [{ step: 'work_area_final', outcome: 'incorrect', comment: 'This is _another_ pole' }],
      },
      'qa-decision',
    )

    const reaction = tellPeople({ ...api.ports, ...api.ports.changes })
    const { rows: events } = await api.pool.query(
      'select event_id as id, type, ticket_id as "ticketId", body, at from outbox where ticket_id = $1 order by outbox.id',
      [id],
    )
    const tellAll = async () => {
      for (const { at, ...event } of events)
        if (reaction.eventTypes.includes(event.type))
          await reaction.handle({ ...event, at: at.toISOString() }, new AbortController().signal)
      return (
        await api.pool.query(
          `select recipient_type, recipient_phone, recipient_name, message_template, message_content, status
           from whatsapp_notifications where ticket_id = $1 order by created_at, message_template`,
          [id],
        )
      ).rows
    }
    const rows = await tellAll()
    const contractor = { recipient_type: 'contractor', recipient_name: 'Ubuntu Fibre', status: 'pending' }
    expect(rows).toMatchObject([
      { ...contractor, recipient_phone: GROUP, message_template: 'assignment' },
      { ...contractor, recipient_phone: GROUP, message_template: 'qa_rejection' },
    ])
    expect(rows[1].message_content).toBe(
      [
        `*QA REVIEW INCOMPLETE - ${uid}*`,
        'Pole ·leans· over',
        'To be put right:',
        '• Work area final: incorrect - This is -another- pole',
        'Because of: wrong photo',
        'Steps not named here passed and stay as they are.',
      ].join('\n'),
    )
    expect(JSON.stringify(rows)).not.toMatch(/CANARY|0199|Nomsa/)

    expect(await tellAll()).toEqual(rows)
    await api.pool.query('delete from whatsapp_notifications where ticket_id = $1', [id])
    expect(await tellAll()).toEqual([])

    const real = await preview('qa_rejection', { ticket_id: id })
    expect(real.body.data).toEqual({ kind: 'qa_rejection', text: rows[1].message_content, example: false })
    const toClient = await preview('client_update', { ticket_id: id })
    expect(toClient.body.data.text).toContain('Dear Nomsa Client')
    const elsewhere = await naledi.post('/projects/mohadin/templates/qa_rejection/preview', { ticket_id: id })
    expect(elsewhere.status).toBe(404)
  })
})
