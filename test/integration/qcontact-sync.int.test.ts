import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Fault } from '../../src/adapters/qcontact/stand-in/faults.ts'
import { type StandIn, startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import { askSync, resolveConflict, viewConflict } from '../../src/application/sync/desk.ts'
import { followCases } from '../../src/application/sync/follow-cases.ts'
import { listCases } from '../../src/application/sync/list-cases.ts'
import { qcontactService } from '../../src/application/sync/setup.ts'
import { syncCase } from '../../src/application/sync/sync-case.ts'
import { STATUS_MAPS } from '../../src/domain/sync/status-map.ts'
import { STATUSES, type TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { storedInProject } from '../support/linked.ts'
import { AGENT, manager, right, type Syncing, syncingOn, TECHNICIAN } from '../support/syncing.ts'

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Tickets and their cases', () => {
    let database: TestDatabase
    let standIn: StandIn
    let here: Syncing
    let tests = 0

    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())
    beforeEach(async () => {
      tests += 1
      standIn = await startStandIn({ firstId: 40_000_000_000 + tests * 1_000_000 })
      await database.pool.query(
        'truncate sync_tenants, qcontact_sync_log, sync_cases, sync_sightings, sync_conflicts, sync_notes, sync_troubles, sync_personal, sync_runs cascade',
      )
      here = syncingOn(database.pool, standIn)
      await here.prepare()
    })
    afterEach(() => standIn.close())

    const imported = async (said: Parameters<StandIn['cases']['add']>[0] = {}) => {
      const id = standIn.cases.add({ reference: `FT${String(Math.floor(Math.random() * 900_000) + 100_000)}`, ...said })
      const done = await here.look(id)
      expect(done.outcome).toBe('created')
      const { ticket } = await here.ticketOf(id)
      return { id, ticketId: ticket.id, ticket }
    }
    const remoteStatus = (id: string) => standIn.cases.known(id).fields.status
    const goesWell = (caseId: string) => right(here.deps.syncStore.settle(caseId, null, new Date().toISOString()))
    const writesTo = () => standIn.requests.filter(({ method }) => method === 'PATCH').length

    it('a new case becomes an open ticket with its own number, its drop and its client, once', async () => {
      const { id, ticket } = await imported({
        label: 'Connection Issue FT657323',
        category: 'Connectivity::ONTMove',
        dr: 'DR1733214',
        contact: 'Nomsa',
        fields: { telephone: '0821234567', description: 'No light', address: '1 Long St' },
      })
      expect(ticket).toMatchObject({
        uid: 'FT657323',
        externalId: id,
        source: 'qcontact',
        type: 'ont_swap',
        status: 'open',
        projectId: 'lawley',
        description: 'No light',
        address: '1 Long St',
        createdBy: 'qcontact',
        place: { dr: 'DR1733214' },
      })
      expect((await here.ticketOf(id)).client).toEqual({ name: 'Nomsa', phone: '0821234567', email: null })
      expect((await here.look(id)).outcome).toBe('in_step')
      expect(writesTo()).toBe(0)
    })

    it('a case without a drop becomes a ticket, not ready until that is resolved; a finished case becomes none', async () => {
      const { ticket } = await imported()
      expect([ticket.place.dr, ticket.qaReady]).toEqual([null, false])
      const over = standIn.cases.add({ status: 'Solved' })
      expect((await here.look(over)).outcome).toBe('skipped')
    })

    it('two cases with one number become two tickets', async () => {
      await imported({ reference: 'FT777001' })
      const { ticket } = await imported({ reference: 'FT777001' })
      expect(ticket.uid).toMatch(/^FT\d{7,}$/)
    })

    it('the case of a deleted ticket is not imported again, and is solved', async () => {
      const { id, ticketId } = await imported()
      await here.run(ticketId, { command: 'delete' }, { ...manager, role: 'admin' })
      await here.look(id, { onlyNews: true })
      expect(remoteStatus(id)).toBe('Solved')
      await database.pool.query('delete from sync_cases where case_id = $1', [id])
      standIn.cases.change(id, { status: 'Open' })
      expect((await here.look(id)).outcome).toBe('skipped')
    })

    it('Assigned with someone we know assigns an open ticket, InProgress starts its work, and neither is written back', async () => {
      const { id } = await imported()
      standIn.cases.change(id, { status: 'Assigned', assigned_to: AGENT })
      await here.look(id)
      expect((await here.ticketOf(id)).ticket).toMatchObject({
        status: 'assigned',
        assignment: { technician: TECHNICIAN },
      })
      standIn.cases.change(id, { status: 'InProgress' })
      await here.look(id)
      const { ticket } = await here.ticketOf(id)
      expect([ticket.status, ticket.workedBy]).toEqual(['in_progress', []])
      expect(writesTo()).toBe(0)
      expect(await here.conflicts()).toEqual([])
    })

    it('a case that comes assigned to someone we know is an assigned ticket', async () => {
      const { ticket } = await imported({ status: 'Assigned', assignee: AGENT })
      expect(ticket.status).toBe('assigned')
    })

    it('anything else moves nothing, is recorded, and our status is written back once per change', async () => {
      const { id } = await imported()
      for (const asked of ['Solved', 'InReview', 'Assigned', 'Unsolved - No Response']) {
        standIn.cases.change(id, { status: asked })
        await here.look(id)
        await here.look(id)
        expect([remoteStatus(id), (await here.ticketOf(id)).ticket.status]).toEqual(['Open', 'open'])
      }
      expect(writesTo()).toBe(4)
      expect(await here.conflicts()).toMatchObject([
        { kind: 'status_refused', ours: 'Open', theirs: 'Unsolved - No Response', times: 4, resolved_at: null },
      ])
    })

    it('a case reopened after Solved is left open; the manager makes a follow-up of it, and the case goes on as that', async () => {
      const { id, ticketId } = await imported({ contact: 'Nomsa' })
      await here.run(ticketId, { command: 'cancel', reason: 'private words' })
      await here.look(id, { onlyNews: true })
      expect(remoteStatus(id)).toBe('Solved')
      standIn.cases.change(id, { status: 'Open' })
      await here.look(id, { repair: true })
      await here.look(id, { repair: true })
      expect(remoteStatus(id)).toBe('Open')
      const [found] = await here.conflicts()
      expect(found).toMatchObject({ kind: 'reopened', ours: 'Solved', theirs: 'Open', times: 1 })
      const desk = { desk: here.desk, sync: here.deps }
      const done = await right(
        resolveConflict(desk)(manager, found?.id ?? '', found?.version ?? 0, { resolution: 'follow_up', notes: null }),
      )
      expect(done).toMatchObject({ resolution: 'follow_up', resolved_by: manager.userId })
      const [next] = await right(here.deps.tickets.load([done.follow_up_id ?? '']))
      expect(next?.ticket).toMatchObject({ followUpOf: ticketId, status: 'open', externalId: id })
      await here.look(id)
      standIn.cases.change(id, { status: 'Assigned', assigned_to: AGENT })
      await here.look(id)
      const [moved] = await right(here.deps.tickets.load([done.follow_up_id ?? '']))
      expect(moved?.ticket.status).toBe('assigned')
    })

    it('every status of ours, pushed and read back, moves no ticket', async () => {
      const reached = new Set<TicketStatus>()
      for (const status of STATUSES) {
        const { ticketId, caseId } = await storedInProject(here, standIn, status)
        await here.look(caseId, { repair: true })
        expect(remoteStatus(caseId)).toBe(STATUS_MAPS.out[status])
        for (let n = 0; n < 2; n += 1) await here.look(caseId)
        const [stored] = await right(here.deps.tickets.load([ticketId]))
        expect(stored?.ticket.status).toBe(status)
        reached.add(status)
      }
      expect(reached.size).toBe(STATUSES.length)
      expect((await here.conflicts()).filter(({ kind }) => kind !== 'arrived_so')).toEqual([])
    })

    it('client data comes in; what was changed here as well is theirs, and both values are recorded', async () => {
      const { id, ticketId } = await imported({ contact: 'Nomsa', fields: { telephone: '0821111111' } })
      standIn.cases.change(id, { telephone: '0822222222' })
      await here.look(id)
      expect((await here.ticketOf(id)).client?.phone).toBe('0822222222')
      await database.pool.query('update ticket_clients set phone = $2 where ticket_id = $1', [ticketId, '0829999999'])
      await here.look(id)
      expect(await here.conflicts()).toMatchObject([
        { field: 'client_phone', ours: '0829999999', theirs: '0822222222', winner: 'local' },
      ])
      standIn.cases.change(id, { telephone: '0823333333' })
      await here.look(id)
      expect((await here.ticketOf(id)).client?.phone).toBe('0823333333')
    })

    it('after the host has pruned what it may, nothing is written or told a second time', async () => {
      const { id, ticketId } = await imported({ contact: 'Nomsa' })
      const follow = followCases(here.deps)
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      await here.run(ticketId, { command: 'hold', reason: 'awaiting_access', note: null })
      const at = '2026-03-03T08:00:00.000Z'
      const events = [
        { id: randomUUID(), type: 'TicketAssigned', ticketId, body: { type: 'TicketAssigned' }, at },
        {
          id: randomUUID(),
          type: 'TicketHeld',
          ticketId,
          body: { type: 'TicketHeld', reason: 'awaiting_access' },
          at,
        },
      ]
      for (const event of events) expect(await follow.handle(event, here.signal)).toBe(undefined)
      const said = () => standIn.cases.known(id).events.length
      const before = said()
      expect(before).toBeGreaterThan(1)
      await database.pool.query('delete from qcontact_sync_log')
      await database.pool.query('delete from sync_runs')
      for (const event of events) expect(await follow.handle(event, here.signal)).toBe(undefined)
      expect((await here.look(id, { repair: true })).outcome).toBe('in_step')
      expect(said()).toBe(before)
      expect(await here.conflicts()).toEqual([])
    })

    it('what was erased here is not taken in again', async () => {
      const { id, ticketId } = await imported({ contact: 'Nomsa' })
      await database.pool.query('update ticket_clients set name = null where ticket_id = $1', [ticketId])
      await database.pool.query('delete from sync_personal where ticket_id = $1', [ticketId])
      standIn.cases.change(id, { contact: 'Nomsa Again' })
      await here.look(id, { repair: true })
      expect((await here.ticketOf(id)).client?.name).toBe(null)
    })

    it('a fact that is frozen is a conflict; on a pending ticket the check runs again', async () => {
      const frozen = await storedInProject(here, standIn, 'qa_in_progress')
      standIn.cases.change(frozen.caseId, { dr: 'DR1799999' })
      await here.look(frozen.caseId)
      await here.look(frozen.caseId)
      expect((await here.conflicts()).filter(({ kind }) => kind !== 'arrived_so')).toMatchObject([
        { field: 'dr_number', kind: 'not_taken', theirs: 'DR1799999', times: 1 },
      ])
      const pending = await storedInProject(here, standIn, 'pending_qa')
      standIn.cases.change(pending.caseId, { dr: 'DR1799999' })
      await here.look(pending.caseId)
      const [stored] = await right(here.deps.tickets.load([pending.ticketId]))
      expect([stored?.ticket.place.dr, stored?.ticket.status]).toEqual(['DR1799999', 'in_progress'])
    })

    it('a drop that comes later keeps the place that people had said; another drop hangs elsewhere', async () => {
      const { id, ticketId } = await imported()
      await database.pool.query("update tickets set pole_number = 'LAW.P.A002' where id = $1", [ticketId])
      standIn.cases.change(id, { dr: 'DR1733214' })
      await here.look(id)
      expect((await here.ticketOf(id)).ticket.place).toMatchObject({ dr: 'DR1733214', pole: 'LAW.P.A002' })
      standIn.cases.change(id, { dr: 'DR1733215' })
      await here.look(id)
      expect((await here.ticketOf(id)).ticket.place).toMatchObject({ dr: 'DR1733215', pole: null })
    })

    it('an assignment of ours is told, and one of theirs is taken', async () => {
      const { id, ticketId } = await imported()
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      await here.look(id, { onlyNews: true })
      expect(standIn.cases.known(id).relationships.assigned_to?.id).toBe(AGENT)
      expect(remoteStatus(id)).toBe('Assigned')
    })

    it('notes for the client and one fixed sentence leave, each once; what is internal never does', async () => {
      const { id, ticketId } = await imported()
      const events = followCases(here.deps)
      const tell = (type: string, eventId: string, body: object) =>
        events.handle(
          { id: eventId, type, ticketId, body: { type, ...body }, at: '2026-03-03T08:00:00.000Z' },
          here.signal,
        )
      const note = async (type: 'client' | 'internal', content: string) => {
        const said = { id: randomUUID(), ticketId, type, content, by: 'mpho', at: '2026-03-03T08:00:00.000Z' } as const
        await right(here.papers.addNote(said))
        return { id: said.id, type: 'NoteAdded', ticketId, body: { noteType: type }, at: said.at }
      }
      const written = [await note('internal', 'canary-internal'), await note('client', 'We come at nine')]
      const concerning = (await events.concerns?.(written)) ?? new Set()
      for (const event of [...written, ...written].filter(({ id: one }) => concerning.has(one)))
        await events.handle(event, here.signal)
      const held = randomUUID()
      for (let n = 0; n < 2; n += 1) await tell('TicketHeld', held, { reason: 'awaiting_client', note: 'canary-hold' })
      await tell('TicketCancelled', randomUUID(), { reason: 'canary-cancel' })
      const said = standIn.cases.known(id).events.flatMap(({ subtitle }) => subtitle?.split('\n')[0] ?? [])
      expect(said).toEqual([
        'We come at nine',
        'The work is on hold: we are waiting to hear from the client.',
        'The work was cancelled.',
      ])
    })

    const madeAndNotLinked = async () => {
      const id = standIn.cases.add()
      standIn.faults.script({ fault: 'server_error', when: { method: 'GET', path: /events/ } })
      const asked = { caseId: id, repair: false, onlyNews: false, believesGone: false }
      expect(await syncCase(here.deps)(asked, here.signal)()).toMatchObject({ left: { type: 'Transient' } })
      expect(await right(here.deps.syncStore.find({ caseId: id }))).toBeNull()
      return { id, ticketId: (await here.ticketOf(id)).ticket.id }
    }

    it('a case that is solved over there before it is linked with its ticket is linked all the same, and that is recorded', async () => {
      const { id, ticketId } = await madeAndNotLinked()
      standIn.cases.change(id, { status: 'Solved' })
      await here.look(id)
      expect(await right(here.deps.syncStore.find({ caseId: id }))).toMatchObject({ ticketId })
      expect((await here.conflicts()).map(({ kind, theirs }) => [kind, theirs])).toEqual([['arrived_so', 'Solved']])
    })

    it('what is said to the client before ticket and case are linked is said once they are', async () => {
      const { id, ticketId } = await madeAndNotLinked()
      const follow = followCases(here.deps)
      const said = { id: randomUUID(), ticketId, type: 'client', content: 'We come at nine', by: 'mpho' } as const
      const at = '2026-03-03T08:00:00.000Z'
      await right(here.papers.addNote({ ...said, at }))
      const news = [
        { id: said.id, type: 'NoteAdded', ticketId, body: { noteType: 'client' }, at },
        { id: randomUUID(), type: 'TicketHeld', ticketId, body: { reason: 'awaiting_client' }, at },
      ]
      const concerning = (await follow.concerns?.(news)) ?? new Set()
      for (const event of news.filter(({ id: one }) => concerning.has(one)))
        expect(await follow.handle(event, here.signal)).toBe(undefined)
      expect((await here.look(id)).outcome).toBe('created')
      expect(standIn.cases.known(id).events.flatMap(({ subtitle }) => subtitle?.split('\n')[0] ?? [])).toEqual([
        'We come at nine',
        'The work is on hold: we are waiting to hear from the client.',
      ])
    })

    it("somebody's change that our write ran over is recorded", async () => {
      const { id, ticketId } = await imported()
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      // Between our reading and our writing somebody asks for something else.
      const { history } = here.deps.system
      let first = true
      const deps = {
        ...here.deps,
        system: {
          ...here.deps.system,
          history: (caseId: string, signal: AbortSignal) => async () => {
            const found = await history(caseId, signal)()
            if (first) standIn.cases.change(id, { status: 'Escalated' })
            first = false
            return found
          },
        },
      }
      await right(syncCase(deps)({ caseId: id, repair: false, onlyNews: false, believesGone: false }, here.signal))
      expect(remoteStatus(id)).toBe('Assigned')
      expect(await here.conflicts()).toMatchObject([{ kind: 'overtaken', theirs: 'Escalated', ours: 'Assigned' }])
    })

    it('a poll looks at what is new, changed or gone and at nothing else; a full run looks at everything and writes nothing when in step', async () => {
      const ids = [standIn.cases.add(), standIn.cases.add(), standIn.cases.add()]
      const told = async () => {
        const { rows } = await database.pool.query(
          "delete from outbox where type = 'QContactCaseSeen' returning event_id as id, type, ticket_id, body, at",
        )
        return rows.map((row) => ({
          id: row.id,
          type: row.type,
          ticketId: row.ticket_id,
          body: row.body,
          at: new Date(row.at).toISOString(),
        }))
      }
      const follow = followCases(here.deps)
      const poll = async (kind: 'changes' | 'full') => {
        const run = { id: randomUUID(), kind, askedBy: 'test', at: '2026-03-03T08:00:00.000Z' }
        await right(listCases(here.deps)(run, here.signal))
        const seen = await told()
        // What is not found is asked for again.
        for (const event of seen)
          for (let tries = 0; (await follow.handle(event, here.signal)) !== undefined; tries += 1) {
            expect(tries).toBeLessThan(5)
            await goesWell(ids[0] ?? '')
          }
        return { seen: seen.map(({ body }) => body.caseId).sort(), run: await right(here.desk.run(run.id)) }
      }
      await told()
      expect((await poll('changes')).seen).toEqual(ids.toSorted())
      expect((await poll('changes')).seen).toEqual([])
      standIn.cases.change(ids[1] ?? '', { status: 'Escalated' })
      expect((await poll('changes')).seen).toEqual([ids[1]])
      // Our own status, written back, shows in the list once more.
      expect((await poll('changes')).seen).toEqual([ids[1]])
      expect((await poll('changes')).seen).toEqual([])
      standIn.cases.remove(ids[2] ?? '')
      expect((await poll('changes')).seen).toEqual([ids[2]])
      expect((await here.conflicts()).map(({ kind }) => kind).sort()).toEqual(['gone', 'status_refused'])
      const before = writesTo()
      const full = await poll('full')
      expect(full.run).toMatchObject({ state: 'finished', cases: 3, in_step: 2, skipped: 1, drift: 0, failed: 0 })
      expect(writesTo()).toBe(before)
      await database.pool.query('delete from qcontact_sync_log')
      expect((await poll('full')).run).toMatchObject({ drift: 0, in_step: 2 })
      expect(writesTo()).toBe(before)
    })

    it('what passes costs a page another try and not the whole walk; what lasts breaks it off', async () => {
      const ids = Array.from({ length: 20 }, () => standIn.cases.add())
      const walk = async (faults: number) => {
        let waited = 0
        const wait = async (ms: number) => {
          waited += ms
          await database.pool.query('update sync_tenants set paused_until = null')
        }
        standIn.faults.script(
          { fault: 'too_many', when: { path: /Case$/ } },
          { fault: 'not_found', when: { path: /Case$/ } },
          { fault: 'unknown_to_proxy', when: { path: /Case$/ }, times: faults - 1 },
        )
        const before = standIn.requests.length
        const run = { id: randomUUID(), kind: 'changes', askedBy: 'test', at: '2026-03-03T08:00:00.000Z' } as const
        const answer = await listCases({ ...here.deps, wait })(run, here.signal)()
        return { answer: answer._tag, waited, asked: standIn.requests.length - before }
      }
      // Four pages, the last row before each but the first, and a sign-in.
      expect(await walk(3)).toEqual({ answer: 'Right', waited: 1_000 + 1_000 + 2_000 + 4_000, asked: 7 + 4 + 1 })
      const { rows } = await database.pool.query('select count(*)::int as n from sync_sightings')
      expect(rows[0].n).toBe(ids.length)
      expect(await walk(4)).toEqual({ answer: 'Left', waited: 1_000 + 1_000 + 2_000 + 4_000, asked: 5 })
    })

    it('a case that is Solved on both sides is compared by the clock every 30 days, and whenever a person asks', async () => {
      const solved = await imported()
      await here.run(solved.ticketId, { command: 'cancel', reason: 'private words' })
      const open = await imported()
      for (const { id } of [solved, open]) await here.look(id)
      const compared = async (askedBy: string, days: number) => {
        for (const { id } of [solved, open])
          await right(here.deps.syncStore.settle(id, null, '2026-03-03T08:00:00.000Z'))
        const at = new Date(Date.parse('2026-03-03T08:00:00.000Z') + days * 86_400_000).toISOString()
        const run = { id: randomUUID(), kind: 'full', askedBy, at } as const
        // What the list shows is looked at for its own sake the first time only.
        await right(listCases(here.deps)({ ...run, id: randomUUID(), kind: 'changes' }, here.signal))
        await right(listCases(here.deps)(run, here.signal))
        const { rows } = await database.pool.query('select case_id from sync_run_cases where run_id = $1', [run.id])
        return rows.map((row) => row.case_id).sort()
      }
      const both = [solved.id, open.id].sort()
      expect(await compared('qcontact', 29)).toEqual([open.id])
      expect(await compared('qcontact', 31)).toEqual(both)
      expect(await compared('mpho', 29)).toEqual(both)
    })

    it('runs of every kind are forgotten after 90 days, with what they looked at', async () => {
      await imported()
      const at = (day: number) => new Date(Date.parse('2026-03-03T08:00:00.000Z') + day * 86_400_000).toISOString()
      const run = (kind: 'changes' | 'full', day: number) => ({
        id: randomUUID(),
        kind,
        askedBy: 'qcontact',
        at: at(day),
      })
      for (const one of [run('full', 0), run('full', 89), run('changes', 90)])
        await right(listCases(here.deps)(one, here.signal))
      const left = async (table: string) =>
        (await database.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n
      expect([await left('sync_runs'), (await left('sync_run_cases')) > 0]).toEqual([3, true])
      await right(listCases(here.deps)(run('changes', 179.5), here.signal))
      expect(await left('sync_runs')).toBe(2)
      await right(listCases(here.deps)(run('changes', 500), here.signal))
      expect([await left('sync_runs'), await left('sync_run_cases')]).toEqual([1, 0])
    })

    it('trouble that passes is tried again later; what is refused or ignored waits for a person', async () => {
      const { id, ticketId } = await imported()
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      const follow = followCases(here.deps)
      const event = { id: randomUUID(), type: 'TicketAssigned', ticketId, body: {}, at: '2026-03-03T08:00:00.000Z' }
      standIn.faults.script({ fault: 'reset', when: { method: 'PATCH' } })
      expect(await follow.handle(event, here.signal)).toMatchObject({ type: 'RetryAfter', ms: 1_000 })
      standIn.faults.script({ fault: 'silent', when: { method: 'PATCH' }, times: 5 })
      for (const ms of [1_000, 2_000, 4_000, 8_000])
        expect(await follow.handle(event, here.signal)).toMatchObject({ type: 'RetryAfter', ms })
      expect(await follow.handle(event, here.signal)).toEqual({
        type: 'GiveUp',
        why: 'SilentlyIgnored: status, assignee (5 times)',
      })
      expect((await right(here.desk.standing())).problems).toMatchObject([{ ticket_id: ticketId, attempts: 6 }])
      expect(await follow.handle(event, here.signal)).toBe(undefined)
      expect(remoteStatus(id)).toBe('Assigned')
      expect((await right(here.desk.standing())).problems).toEqual([])
    })

    it('each kind of trouble is counted by itself: what passes brings nothing nearer to a person', async () => {
      const { id, ticketId } = await imported()
      const other = await imported()
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      const follow = followCases(here.deps)
      const event = { id: randomUUID(), type: 'TicketAssigned', ticketId, body: {}, at: '2026-03-03T08:00:00.000Z' }
      const meeting = (fault: Fault) => {
        standIn.faults.script({ fault, when: { method: 'PATCH' } })
        return follow.handle(event, here.signal)
      }
      for (const ms of [1_000, 2_000, 4_000, 8_000])
        expect(await meeting('reset')).toMatchObject({ type: 'RetryAfter', ms })
      expect(await meeting('silent')).toMatchObject({
        type: 'RetryAfter',
        ms: 1_000,
        why: 'SilentlyIgnored: status, assignee',
      })
      for (let n = 0; n < 20; n += 1) {
        expect(await meeting('too_many')).toMatchObject({ type: 'RetryAfter', why: 'RateLimited' })
        await database.pool.query('update sync_tenants set paused_until = null')
      }
      await goesWell(other.id)
      for (let n = 0; n < 11; n += 1) expect(await meeting('reset')).toMatchObject({ type: 'RetryAfter' })
      expect(await meeting('reset')).toMatchObject({ type: 'GiveUp', why: expect.stringContaining('(16 times)') })
      expect((await right(here.desk.standing())).problems).toMatchObject([{ qcontact_ticket_id: id, attempts: 37 }])
    })

    it('a case of which something is missing waits longer each time, and then for a person, once others are well', async () => {
      const { ticketId } = await imported()
      const other = await imported()
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      const follow = followCases(here.deps)
      const event = { id: randomUUID(), type: 'TicketAssigned', ticketId, body: {}, at: '2026-03-03T08:00:00.000Z' }
      standIn.faults.script({ fault: 'not_found', when: { path: /events$/ }, times: 10 })
      // Everything may be missing: then it is QContact that is unwell, and no case.
      for (const ms of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000])
        expect(await follow.handle(event, here.signal)).toMatchObject({ type: 'RetryAfter', ms })
      await goesWell(other.id)
      for (const ms of [2_000, 4_000, 8_000])
        expect(await follow.handle(event, here.signal)).toMatchObject({ type: 'RetryAfter', ms })
      expect(await follow.handle(event, here.signal)).toEqual({
        type: 'GiveUp',
        why: 'Missing: its change log (10 times)',
      })
      expect(await follow.handle(event, here.signal)).toBe(undefined)
    })

    it('a case that is not found is asked for again before it is taken to be gone, and is no conflict when it is there', async () => {
      const { id, ticketId } = await imported()
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      const event = { id: randomUUID(), type: 'TicketAssigned', ticketId, body: {}, at: '2026-03-03T08:00:00.000Z' }
      standIn.faults.script({ fault: 'not_found', when: { method: 'GET' }, times: 2 })
      const follow = followCases(here.deps)
      expect(await follow.handle(event, here.signal)).toMatchObject({ type: 'RetryAfter', ms: 1_000, why: 'Gone' })
      expect(await follow.handle(event, here.signal)).toMatchObject({ type: 'RetryAfter', ms: 2_000, why: 'Gone' })
      expect(await follow.handle(event, here.signal)).toBe(undefined)
      expect([remoteStatus(id), await here.conflicts()]).toEqual(['Assigned', []])
    })

    it('a new case that is not found at first becomes a ticket, and nothing when it is gone', async () => {
      const seen = (caseId: string) => ({
        id: randomUUID(),
        type: 'QContactCaseSeen',
        ticketId: null,
        body: { caseId, ticketId: here.deps.ticketIdOf(caseId), runId: null, repair: false },
        at: '2026-03-03T08:00:00.000Z',
      })
      const follow = followCases(here.deps)
      await imported()
      const late = seen(standIn.cases.add())
      standIn.faults.script({ fault: 'not_found', when: { method: 'GET' } })
      expect(await follow.handle(late, here.signal)).toMatchObject({ type: 'RetryAfter', why: 'Gone' })
      expect(await follow.handle(late, here.signal)).toBe(undefined)
      expect((await here.ticketOf(late.body.caseId)).ticket.status).toBe('open')
      const never = seen('49999999999')
      const answers = []
      for (let n = 0; n < 5; n += 1) {
        await goesWell(late.body.caseId)
        answers.push((await follow.handle(never, here.signal))?.type ?? 'over')
      }
      expect(answers).toEqual(['RetryAfter', 'RetryAfter', 'RetryAfter', 'RetryAfter', 'over'])
      expect([await here.conflicts(), (await right(here.desk.standing())).problems]).toEqual([[], []])
    })

    it('a case that was gone and is there again goes on by itself: news are told, notes said, and its conflict is over', async () => {
      const { id, ticketId } = await imported()
      const other = await imported()
      const follow = followCases(here.deps)
      const happened = (type: string, body: object = {}) => ({
        id: randomUUID(),
        type,
        ticketId,
        body: { ...body },
        at: '2026-03-03T08:00:00.000Z',
      })
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      const away = { fault: 'not_found', when: { path: new RegExp(`/${id}$`) } } as const
      const assigned = happened('TicketAssigned')
      standIn.faults.script({ ...away, times: 6 })
      for (let n = 0; n < 4; n += 1) {
        expect(await follow.handle(assigned, here.signal)).toMatchObject({ type: 'RetryAfter', why: 'Gone' })
        await goesWell(other.id)
      }
      expect(await follow.handle(assigned, here.signal)).toBe(undefined)
      expect(await here.conflicts()).toMatchObject([{ kind: 'gone', resolved_at: null }])
      // Known to be gone it is asked for once, and by the clock for 30 days.
      standIn.faults.script(away)
      const asked = standIn.requests.length
      await right(here.deps.syncNotes.queue(randomUUID(), ticketId, 'cancelled', '2026-03-03T08:00:00.000Z'))
      expect(await follow.handle(happened('WorkStarted'), here.signal)).toBe(undefined)
      expect([standIn.requests.length - asked, remoteStatus(id)]).toEqual([1, 'Open'])
      const compared = async (askedBy: string, days: number) => {
        const at = new Date(Date.now() + days * 86_400_000).toISOString()
        const run = { id: randomUUID(), kind: 'full', askedBy, at } as const
        await right(listCases(here.deps)({ ...run, id: randomUUID(), kind: 'changes' }, here.signal))
        await right(listCases(here.deps)(run, here.signal))
        const { rows } = await database.pool.query('select case_id from sync_run_cases where run_id = $1', [run.id])
        return rows.map((row) => row.case_id).includes(id)
      }
      expect([await compared('qcontact', 29), await compared('qcontact', 31), await compared('mpho', 31)]).toEqual([
        true,
        false,
        true,
      ])
      expect(await follow.handle(happened('WorkStarted'), here.signal)).toBe(undefined)
      expect(remoteStatus(id)).toBe('Assigned')
      expect(standIn.cases.known(id).events.filter(({ event_type: type }) => type === 'note')).toHaveLength(1)
      expect(await here.conflicts()).toMatchObject([{ kind: 'gone', resolution: 'agreed' }])
    })

    it('a case that goes between our writing and our reading back is asked for again, and then is gone', async () => {
      const { id, ticketId } = await imported()
      await here.run(ticketId, { command: 'cancel', reason: 'private words' })
      const { apply } = here.deps.system
      const going = {
        ...here.deps,
        system: {
          ...here.deps.system,
          apply: (...said: Parameters<typeof apply>) => {
            standIn.cases.remove(id)
            return apply(...said)
          },
        },
      }
      const event = { id: randomUUID(), type: 'TicketCancelled', ticketId, body: {}, at: '2026-03-03T08:00:00.000Z' }
      expect(await followCases(going).handle(event, here.signal)).toMatchObject({ type: 'RetryAfter', ms: 1_000 })
      const other = await imported()
      for (let n = 0; n < 4; n += 1) {
        expect(await followCases(here.deps).handle(event, here.signal)).toMatchObject({ type: 'RetryAfter' })
        await goesWell(other.id)
      }
      expect(await followCases(here.deps).handle(event, here.signal)).toBe(undefined)
      expect((await here.conflicts()).map(({ kind }) => kind)).toEqual(['gone'])
    })

    it('a note that cannot be said is given up and holds up none behind it; asked for again it is tried again', async () => {
      standIn.allowNotes(false)
      const { id, ticketId } = await imported()
      const follow = followCases(here.deps)
      const written = async (content: string) => {
        const said = {
          id: randomUUID(),
          ticketId,
          type: 'client',
          content,
          by: 'mpho',
          at: '2026-03-03T08:00:00.000Z',
        } as const
        await right(here.papers.addNote(said))
        return { id: said.id, type: 'NoteAdded', ticketId, body: { noteType: 'client' }, at: said.at }
      }
      standIn.cases.change(id, { c__update: 'w'.repeat(9_500) })
      const [long, short] = [await written('n'.repeat(9_999)), await written('We come at nine')]
      expect(await follow.handle(long, here.signal)).toEqual({
        type: 'GiveUp',
        why: 'Rejected: the field has no room for the note (c__update)',
      })
      expect(await follow.handle(short, here.signal)).toBe(undefined)
      const kept = String(standIn.cases.known(id).fields.c__update)
      expect(kept.startsWith('We come at nine') && kept.endsWith('w'.repeat(9_500))).toBe(true)
      expect((await right(here.desk.standing())).notes_waiting).toBe(0)
      const before = writesTo()
      expect((await here.look(id, { repair: true })).outcome).toBe('in_step')
      expect(writesTo()).toBe(before)
      standIn.cases.change(id, { c__update: '' })
      expect(await follow.handle(long, here.signal)).toBe(undefined)
      expect(String(standIn.cases.known(id).fields.c__update)).toContain(`[FF ${long.id}]`)
    })

    it('a note goes out though the status of its case is ignored', async () => {
      const { id, ticketId } = await imported()
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      standIn.faults.script({ fault: 'silent', when: { method: 'PATCH' } })
      await right(here.deps.syncNotes.queue(randomUUID(), ticketId, 'cancelled', '2026-03-03T08:00:00.000Z'))
      const event = { id: randomUUID(), type: 'TicketAssigned', ticketId, body: {}, at: '2026-03-03T08:00:00.000Z' }
      expect(await followCases(here.deps).handle(event, here.signal)).toMatchObject({ type: 'RetryAfter' })
      expect(standIn.cases.known(id).events.filter(({ event_type: type }) => type === 'note')).toHaveLength(1)
    })

    it('a manager keeps ours, takes theirs or notes it; each word counts once', async () => {
      const { id, ticketId } = await imported({ fields: { address: '1 Long St' } })
      await database.pool.query("update tickets set address = '2 Long St' where id = $1", [ticketId])
      await here.look(id)
      const desk = { desk: here.desk, sync: here.deps }
      const [found] = await here.conflicts()
      const word = { resolution: 'take_theirs', notes: 'theirs is right' } as const
      await right(resolveConflict(desk)(manager, found?.id ?? '', found?.version ?? 0, word))
      expect((await here.ticketOf(id)).ticket.address).toBe('1 Long St')
      expect(await resolveConflict(desk)(manager, found?.id ?? '', found?.version ?? 0, word)()).toMatchObject({
        left: { type: 'Stale' },
      })
      expect(await viewConflict(desk)(qcontactService, found?.id ?? '')()).toMatchObject({
        left: { type: 'NotAllowed' },
      })
      expect(await askSync({ ...desk, sync: null })(manager, { kind: 'full', ticketId: null })()).toEqual({
        _tag: 'Left',
        left: { type: 'QContactNotConfigured' },
      })
      const run = await right(askSync(desk)(manager, { kind: 'changes', ticketId }))
      expect(await right(here.desk.run(run.id))).toMatchObject({ kind: 'case', state: 'running', cases: 1, done: 0 })
    })
  })
