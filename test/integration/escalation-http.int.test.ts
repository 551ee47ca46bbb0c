import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { escalationRoutes } from '../../src/adapters/http/escalation-routes.ts'
import { memoryEscalationQueries } from '../../src/adapters/memory/escalation-queries.ts'
import { escalationState, memoryEscalationStore } from '../../src/adapters/memory/escalation-store.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { checkRepeatFaults } from '../../src/application/escalation/check-repeat-faults.ts'
import { endEscalation } from '../../src/application/escalation/end-escalation.ts'
import { escalateRepeatFaults } from '../../src/application/escalation/escalate-repeat-faults.ts'
import {
  listEscalations,
  listEscalationsAfter,
  viewEscalation,
} from '../../src/application/escalation/list-escalations.ts'
import { runCommand } from '../../src/application/ticket/lifecycle.ts'
import { plusMs } from '../../src/domain/shared/time.ts'
import { fault, NOW, right } from '../contract/escalation.contract.ts'
import { changeDeps } from '../support/change-deps.ts'
import { testApp } from '../support/http-app.ts'

const ROOT = '/api/ticketing'
const place = { dr: 'DR1729500', pole: null, pon: null, zone: null }

describe('Escalations over HTTP', () => {
  let app: ReturnType<typeof testApp>
  let cancelIts: (ticketId: string) => Promise<unknown>
  beforeEach(async () => {
    const [state, ticketState, publish] = [escalationState(), memoryState(), () => {}]
    const tickets = memoryTicketStore({ state: ticketState, sha256, publish })
    const deps = {
      ...changeDeps(tickets, NOW),
      escalations: memoryEscalationStore({ state, ticketState, tickets, publish }),
      escalationQueries: memoryEscalationQueries({ state, ticketState }),
      directory: null as never,
      evidence: null as never,
    }
    for (const n of [2, 1, 0]) {
      const ticket = await fault(deps, { projectId: 'lawley', place }, plusMs(NOW, -n))
      await right(escalateRepeatFaults(deps)({ id: randomUUID(), at: ticket.createdAt }, ticket.id))
    }
    cancelIts = (ticketId) =>
      right(
        runCommand(deps)(
          {
            ticketId,
            principal: { userId: 'mpho', role: 'manager', contractorId: null, teams: [] },
            version: null,
          },
          { command: 'cancel', reason: 'Made by mistake' },
        ),
      )
    app = testApp({
      routes: escalationRoutes({
        list: listEscalations(deps),
        listAfter: listEscalationsAfter(deps),
        view: viewEscalation(deps),
        end: endEscalation(deps),
        check: checkRepeatFaults(deps),
      }),
    })
  })
  const as = (role: string, test: request.Test) => test.set('X-Local-User', `a-${role}`).set('X-Local-Role', role)
  const get = (path: string, role = 'manager') => as(role, request(app).get(`${ROOT}${path}`))
  const first = async () => (await get('/escalations')).body.data[0]

  it('are listed by filters and shown with their faults and the version to send back', async () => {
    const listed = await get('/escalations?status=open,investigating&scope_type=dr&project_id=lawley&pageSize=10')
    expect(listed.status).toBe(200)
    expect(listed.body.data).toMatchObject([{ scope_value: 'DR1729500', fault_count: 3, status: 'open' }])
    const shown = await get(`/escalations/${listed.body.data[0].id}`)
    expect(shown.status).toBe(200)
    expect(shown.headers.etag).toBe('"1"')
    expect(shown.body.data.contributing_tickets).toHaveLength(3)
    expect(shown.body.data.ticket).toMatchObject({ ticket_type: 'infrastructure', status: 'open' })
    expect((await get('/escalations?status=resolved')).body.data).toEqual([])
    expect((await get('/escalations?cursor=rubbish')).status).toBe(422)
    const walked = await get('/escalations?cursor=&pageSize=1')
    expect(Object.keys(walked.body.pagination)).toEqual(['pageSize', 'nextCursor'])
    const paged = await get('/escalations?page=1&pageSize=1')
    expect(paged.body.data).toEqual(walked.body.data)
    const { total, totalPages } = paged.body.pagination
    expect(paged.body.pagination).toEqual({ page: 1, pageSize: 1, total: totalPages, totalPages: total })
    expect((await get('/escalations?page=2&cursor=')).status).toBe(422)
    expect((await get(`/escalations/${randomUUID()}`)).status).toBe(404)
    expect((await get('/escalations', 'technician')).status).toBe(403)
  })

  it('end with notes and the version read, after their ticket', async () => {
    const { id, escalation_ticket_id: ticketId } = await first()
    const end = (version: string | null, body: object, role = 'manager') => {
      const post = as(role, request(app).post(`${ROOT}/escalations/${id}/resolve`))
      return (version === null ? post : post.set('If-Match', version)).send(body)
    }
    const said = { resolution_notes: 'Joint re-spliced' }
    expect((await end(null, said)).status).toBe(428)
    expect((await end('"1"', {})).status).toBe(422)
    expect((await end('"1"', said, 'qa_lead')).status).toBe(403)
    const running = await end('"1"', said)
    expect(running.status).toBe(422)
    expect(running.body.error.details).toMatchObject({
      rule: 'InfrastructureTicketStillRunning',
      ticket_status: 'open',
    })
    await cancelIts(ticketId)
    const lost = await end('"5"', said)
    expect(lost.status).toBe(409)
    expect(lost.body.error.details.current).toMatchObject({ id, version: 1 })
    const ended = await end('"1"', { ...said, outcome: 'no_action' })
    expect(ended.status).toBe(200)
    expect(ended.headers.etag).toBe('"2"')
    expect(ended.body.data).toMatchObject({
      status: 'no_action',
      resolution_notes: 'Joint re-spliced',
      resolved_by: 'a-manager',
    })
    expect((await end('"2"', said)).body.error.details).toMatchObject({ rule: 'EscalationAlreadyEnded' })
  })

  it('are foreseen: a place against its limits, or the nearest places of a project', async () => {
    const at = await get('/repeat-faults/check?project_id=lawley&dr_number=dr%201729500')
    expect(at.body.data.scopes).toMatchObject([
      {
        scope: 'dr',
        value: 'DR1729500',
        count: 3,
        threshold: 2,
        over_threshold: true,
        live_escalation: { status: 'open' },
      },
    ])
    const everywhere = await get('/repeat-faults/check?project_id=lawley')
    expect(everywhere.body.data.patterns).toMatchObject([{ scope: 'dr', value: 'DR1729500', count: 3 }])
    expect((await get('/repeat-faults/check')).status).toBe(422)
    expect((await get('/repeat-faults/check?project_id=lawley', 'technician')).status).toBe(403)
  })
})
