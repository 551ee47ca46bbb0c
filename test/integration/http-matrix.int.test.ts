import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Route } from '../../src/adapters/http/route.ts'
import { type Action, isWithin, reachOf } from '../../src/application/permissions.ts'
import { type Principal, ROLES, type Role } from '../../src/application/principal.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { examples } from '../../src/infrastructure/examples.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn, ROOT } from '../support/http-api.ts'
import { type OpenApi, type Operation, operationsOf, SOME_ID, sampleOf } from '../support/http-hostile.ts'
import { jpeg } from '../support/pictures.ts'

/** One caller for each role. Thabo and Pieter are of the contractor that has the ticket `own`; nobody here is of the other's. */
const CALLERS: Readonly<Record<Role, string>> = {
  technician: 'thabo',
  contractor: 'pieter',
  qa: 'lerato',
  qa_lead: 'zanele',
  manager: 'naledi',
  admin: 'admin',
  viewer: 'vusi',
  service: 'weekly-robot',
}
const principalOf = (role: Role): Principal => ({
  userId: CALLERS[role],
  role,
  contractorId: examples.people.find(({ id }) => id === CALLERS[role])?.contractorId ?? null,
  teams: examples.teams.filter(({ memberIds }) => memberIds.includes(CALLERS[role])).map(({ id }) => id),
})

/** No ticket ever had it: whoever may do the thing loses the race, so that nothing changes from one try to the next. */
const NEVER_READ = '"2000000000"'

type Subject = { readonly ticket: string; readonly uid: string; readonly photo: string; readonly risk: string }

vi.setConfig({ testTimeout: 240_000 }) // thousands of requests, on a machine that may be busy

describeOn('pglite', 'every route for every role', () => {
  let api: Api
  let operations: ReadonlyArray<Operation>
  const subjects: Record<'own' | 'foreign', Subject> = {
    own: { ticket: '', uid: '', photo: '', risk: '' },
    foreign: { ticket: '', uid: '', photo: '', risk: '' },
  }
  const missing: Subject = { ticket: SOME_ID, uid: 'FT0000000', photo: SOME_ID, risk: SOME_ID }
  const stored = new Map<string, Ticket>()

  const aTicketOf = async (technician: string, contractor: string, seed: number): Promise<Subject> => {
    const made = await api.as('naledi').post('/tickets', {
      project_id: 'lawley',
      ticket_type: 'incident',
      title: 'A cable lies in the road',
      fault_cause: 'vandalism',
      pole_number: 'LAW.P.A002',
      client_name: 'Nomsa Client',
    })
    const { id, ticket_uid: uid } = made.body.data
    const version = async () => (await api.as('naledi').get(`/tickets/${id}`)).body.data.version
    const run = async (user: string, said: object) => {
      const got = await api.as(user).change(`/tickets/${id}/transitions`, await version(), said)
      expect(got.body.error).toBeUndefined()
    }
    await run('naledi', { command: 'assign', assigned_to: technician, assigned_contractor_id: contractor })
    await run(technician, { command: 'start_work' })
    const photo = await api
      .as(technician)
      .upload(`/tickets/${id}/verification/work_area_final/photos`)
      .attach('photo', await jpeg({ seed, width: 800, height: 600 }), 'a.jpg')
    await api.as(technician).post(`/tickets/${id}/verification/complete`)
    await run(technician, { command: 'submit_for_qa' })
    await run('zanele', { command: 'start_qa' })
    const risk = await api.as('zanele').change(`/tickets/${id}/risk-acceptance`, await version(), {
      risk_type: 'minor_defect',
      risk_description: 'A clip is loose',
      risk_expiry_date: '2026-04-01',
    })
    expect(risk.body.error).toBeUndefined()
    return { ticket: id, uid, photo: photo.body.data.id, risk: risk.body.data.id }
  }

  beforeAll(async () => {
    api = await apiOn('pglite')
    subjects.own = await aTicketOf('thabo', 'ubuntu-fibre', 1)
    subjects.foreign = await aTicketOf('anele', 'highveld-drops', 2)
    for (const { ticket } of Object.values(subjects)) {
      const loaded = await api.ports.tickets.load([ticket])()
      if (loaded._tag === 'Right' && loaded.right[0] !== undefined) stored.set(ticket, loaded.right[0].ticket)
    }
    const document = await request(api.server).get(`${ROOT}/openapi.json`)
    operations = operationsOf(document.body as OpenApi)
  })
  afterAll(() => api.close())

  const idFor = (path: string, subject: Subject): string =>
    path.startsWith('/attachments/')
      ? subject.photo
      : path.startsWith('/risk-acceptances/')
        ? subject.risk
        : subject.ticket
  const aboutATicket = ({ path }: Route): boolean => /^\/(tickets|attachments|risk-acceptances)\/\{id\}/.test(path)

  const operationOf = (route: Route): Operation | undefined =>
    operations.find(({ method, path }) => method === route.method && path === `${ROOT}${route.path}`)
  const queryFor = (route: Route): Record<string, string> =>
    Object.fromEntries(
      (operationOf(route)?.parameters ?? [])
        .filter((one) => one.in === 'query' && one.required === true)
        .map(({ name, schema }) => [name, String(sampleOf(schema))]),
    )

  /** A body that the schema takes; where any will not do, one that does. */
  const bodyFor = (route: Route): object => {
    const own: Readonly<Record<string, object>> = {
      attributeFault: { fault_cause: 'vandalism', reason: 'seen' },
      linkTickets: { ticket_id: subjects.own.ticket },
      assignTicket: { assigned_to: 'thabo' },
      editTicket: { priority: 'high' },
      createTicket: { project_id: 'lawley', ticket_type: 'incident', title: 'x', fault_cause: 'vandalism' },
      eraseSubject: { project_id: 'lawley', dr_number: 'DR9999999', reason: 'asked' },
      markDuplicate: { duplicate_of: subjects.own.ticket },
    }
    const operation = operationOf(route)
    return own[route.name] ?? (operation?.json == null ? {} : (sampleOf(operation.json) as object))
  }

  const call = async (route: Route, role: Role, subject: Subject, said?: object) => {
    const path = route.path
      .replace(
        '{id}',
        aboutATicket(route) ? idFor(route.path, subject) : route.path.startsWith('/projects/') ? 'lawley' : SOME_ID,
      )
      .replace('{step}', 'work_area_final')
      .replace('{kind}', 'assignment')
      .replace(/\{(dr|drNumber)\}/, 'DR1729500')
      .replace(/\{\w+\}/, 'sow')
    const sent = request(api.server)
      [route.method](`${ROOT}${path}`)
      .query(queryFor(route))
      .set('X-Local-User', CALLERS[role])
    const guarded = route.ifMatch ? sent.set('If-Match', NEVER_READ) : sent
    if (route.upload !== null) return guarded.attach(route.upload.field, Buffer.from('no file of any kind'), 'x.bin')
    return route.method === 'get' ? guarded : guarded.send(said ?? bodyFor(route))
  }

  const actionsOf = ({ may }: Route): ReadonlyArray<Action> =>
    may === 'anyone' ? [] : typeof may === 'string' ? [may] : may

  it('about a ticket: what the table does not grant is refused, what is out of sight is not there', async () => {
    const seen = new Set<number>()
    for (const route of api.routes.filter(aboutATicket)) {
      for (const role of ROLES) {
        const principal = principalOf(role)
        for (const [whose, subject] of Object.entries({ ...subjects, missing })) {
          const ticket = stored.get(subject.ticket)
          const reads = ticket !== undefined && isWithin(reachOf(principal, 'read_ticket'), principal, ticket)
          const [first] = actionsOf(route) // the one that the body made for the route asks for
          const may =
            ticket !== undefined && first !== undefined && isWithin(reachOf(principal, first), principal, ticket)
          const { status, body } = await call(route, role, subject)
          const what = `${role} ${route.name} on ${whose}: ${status} ${JSON.stringify(body).slice(0, 200)}`
          seen.add(status)
          expect(status, what).toBeLessThan(500)
          if (!reads) {
            const never = actionsOf(route).every((one) => reachOf(principal, one) === null)
            expect(never ? [403, 404] : [404], what).toContain(status) // refused whatever ticket it is says nothing of one
          } else if (!may) expect(status, what).toBe(403)
          else expect([401, 403, 404], what).not.toContain(status)
          if (!may) expect(JSON.stringify(body), what).not.toMatch(/Nomsa|cable lies/)
        }
      }
    }
    expect([...seen].sort()).toEqual(expect.arrayContaining([200, 201, 403, 404, 409]))
  })

  it('about no ticket: what the table does not grant is refused', async () => {
    for (const route of api.routes.filter((one) => !aboutATicket(one))) {
      for (const role of ROLES) {
        const may = actionsOf(route).some((one) => reachOf(principalOf(role), one) !== null)
        const { status, body } = await call(route, role, missing)
        const what = `${role} ${route.name}: ${status} ${JSON.stringify(body).slice(0, 200)}`
        expect(status, what).toBeLessThan(500)
        if (route.may === 'anyone') expect(status, what).toBe(401)
        else if (may) expect([401, 403], what).not.toContain(status)
        else expect(status, what).toBe(403)
      }
    }
  })

  it('each command of the lifecycle goes by its own line of the table', async () => {
    const transitions = api.routes.find(({ name }) => name === 'runCommand')
    const variants = operations.find(({ path }) => path === `${ROOT}/tickets/{id}/transitions`)?.json
    if (transitions === undefined) throw new Error('no transitions')
    const commands = (variants?.oneOf ?? variants?.anyOf ?? []).map(
      (one) => sampleOf(one) as { readonly command: string },
    )
    expect(commands).toHaveLength(20)
    for (const said of commands) {
      const action = (said.command === 'delete' ? 'delete_ticket' : said.command) as Action
      for (const role of ROLES) {
        const principal = principalOf(role)
        for (const subject of Object.values(subjects)) {
          const ticket = stored.get(subject.ticket)
          if (ticket === undefined) throw new Error('not stored')
          const { status } = await call(transitions, role, subject, said)
          const reads = isWithin(reachOf(principal, 'read_ticket'), principal, ticket)
          const may = isWithin(reachOf(principal, action), principal, ticket)
          expect([role, said.command, status]).toEqual([role, said.command, reads ? (may ? 409 : 403) : 404])
        }
      }
    }
  })

  it('no list, count or export tells a technician or contractor of a ticket that is not theirs', async () => {
    for (const route of api.routes.filter(({ method }) => method === 'get')) {
      for (const role of ['technician', 'contractor'] as const) {
        const { text, body } = await call(route, role, subjects.own)
        const told = `${text}${JSON.stringify(body)}`
        for (const secret of [
          subjects.foreign.ticket,
          subjects.foreign.uid,
          subjects.foreign.photo,
          subjects.foreign.risk,
        ])
          expect(told, `${role} ${route.name}`).not.toContain(secret)
      }
    }
  })

  describe('a caller', () => {
    const asking = (headers: Record<string, string>) => request(api.server).get(`${ROOT}/tickets`).set(headers)
    it.each([
      ['who claims to be system', { 'X-Local-User': 'system' }, 401],
      ['who claims the role of the system', { 'X-Local-Role': 'system' }, 401],
      ['of an unknown role', { 'X-Local-Role': 'root' }, 401],
      ['who is system by cookie', { Cookie: 'X-Local-User=system' }, 401],
      ['with a line break in the name', { Cookie: 'X-Local-User=a%0Ab' }, 401],
      ['by another host name', { Host: 'attacker.example' }, 403],
      ['by another host name and a loopback port', { Host: 'attacker.example:3000' }, 403],
      ['by a host name that only begins like loopback', { Host: '127.0.0.1.attacker.example' }, 403],
      ['from a page of another origin', { Origin: 'https://attacker.example' }, 403],
      ['from a page of nowhere', { Origin: 'null' }, 403],
      ['from another port of this machine', { Host: '127.0.0.1:3000', Origin: 'http://127.0.0.1:4000' }, 403],
      ['from its own page', { Host: '127.0.0.1:3000', Origin: 'http://127.0.0.1:3000' }, 200],
      ['by localhost', { Host: 'localhost:3000' }, 200],
      ['by IPv6', { Host: '[::1]:3000' }, 200],
      [
        'whom the directory knows, with a role of their own choice',
        { 'X-Local-User': 'thabo', 'X-Local-Role': 'admin' },
        200,
      ],
      ['whom nobody knows', { 'X-Local-User': 'stranger' }, 200],
    ])('%s is answered so', async (_who, headers, status) => {
      expect((await asking(headers as Record<string, string>)).status).toBe(status)
    })
  })
})
