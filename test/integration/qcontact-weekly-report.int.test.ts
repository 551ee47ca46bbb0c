import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import type { Cell } from '../../src/domain/shared/sheet.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { importing, notesBook, onPool, right } from '../support/importing.ts'
import { aTicket, creationOf } from '../support/stored-tickets.ts'
import { AGENT, type Syncing, syncingOn, right as syncRight, TECHNICIAN } from '../support/syncing.ts'

const HEADER = ['Ticket No', 'DR Number', 'Fault Description', 'Client Name']
let numbers = 500_000
let drops = 1_700_000
const nextNumber = (): string => `FT${numbers++}`
const nextDr = (): string => `DR${drops++}`

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'A fault that comes in a weekly report and as a case of QContact', () => {
    let database: TestDatabase
    let standIn: StandIn
    let here: Syncing
    let weekly: ReturnType<typeof importing>
    let tests = 0
    beforeAll(async () => {
      database = await testDatabase(engine)
      weekly = importing(onPool(database.pool))
    })
    afterAll(() => database.close())
    beforeEach(async () => {
      tests += 1
      standIn = await startStandIn({ firstId: 50_000_000_000 + tests * 1_000_000 })
      here = syncingOn(database.pool, standIn)
      await here.prepare()
    })
    afterEach(() => standIn.close())

    const reported = async (rows: ReadonlyArray<ReadonlyArray<Cell>>, project = 'LAWLEY') => {
      const { report } = await weekly.imported(notesBook([HEADER, ...rows]), 'flat.xlsx', {
        project,
        week: { isoYear: 2025, week: 46 },
      })
      return weekly.linesOf(report.id)
    }
    const reportedOne = async (number: string, dr = nextDr(), project = 'LAWLEY'): Promise<string> => {
      const [line] = await reported([[number, dr, `fault of ${number}`, 'Nomsa D']], project)
      return line?.ticket_id ?? ''
    }
    const ticketOf = async (id: string) => {
      const [stored] = right(await here.deps.tickets.load([id], { deleted: true })())
      if (stored === undefined) throw new Error(`no ticket ${id}`)
      return stored
    }
    const caseOf = async (caseId: string) => right(await here.deps.syncStore.find({ caseId })())
    const ticketsOf = async (number: string, caseId: string): Promise<ReadonlyArray<string>> => {
      const { rows } = await database.pool.query(
        'select id from tickets where external_id = any($1) or ticket_uid = any($1) order by created_at, id',
        [[number, caseId]],
      )
      return rows.map(({ id }) => id)
    }
    const statusThere = (id: string) => standIn.cases.known(id).fields.status

    it('the case joins the ticket that its number was reported for, and the client is as QContact knows them', async () => {
      const number = nextNumber()
      const ticketId = await reportedOne(number)
      const caseId = standIn.cases.add({
        reference: number,
        contact: 'Nomsa Dlamini',
        fields: { telephone: '0821234567', description: 'told to the call centre' },
      })
      await here.look(caseId)
      expect((await caseOf(caseId))?.ticketId).toBe(ticketId)
      expect(await ticketsOf(number, caseId)).toEqual([ticketId])
      const { ticket, client } = await ticketOf(ticketId)
      expect(client).toMatchObject({ name: 'Nomsa Dlamini', phone: '0821234567' })
      expect(ticket.description).toContain(`fault of ${number}`)
      expect([ticket.source, ticket.externalId, statusThere(caseId)]).toEqual(['weekly_report', number, 'Open'])
      expect((await here.look(caseId)).outcome).toBe('in_step')
      expect((await here.conflicts()).filter(({ ticket_id }) => ticket_id === ticketId)).toEqual([])
    })

    it('it joins by the number of the case itself as well', async () => {
      const caseId = standIn.cases.add({ reference: nextNumber() })
      const ticketId = await reportedOne(caseId)
      await here.look(caseId)
      expect((await caseOf(caseId))?.ticketId).toBe(ticketId)
    })

    it('what was done on the ticket meanwhile is told to the case', async () => {
      const number = nextNumber()
      const ticketId = await reportedOne(number)
      await here.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      await here.run(ticketId, { command: 'start_work' })
      const caseId = standIn.cases.add({ reference: number })
      await here.look(caseId)
      expect([statusThere(caseId), standIn.cases.known(caseId).relationships.assigned_to?.id]).toEqual([
        'InProgress',
        AGENT,
      ])
    })

    it('a case that comes assigned asks its open ticket to be; a status that moves nothing is recorded and ours is written', async () => {
      const [asked, refused] = [nextNumber(), nextNumber()]
      const [first, second] = [await reportedOne(asked), await reportedOne(refused)]
      const caseId = standIn.cases.add({ reference: asked, status: 'Assigned', assignee: AGENT })
      await here.look(caseId)
      expect((await ticketOf(first)).ticket).toMatchObject({
        status: 'assigned',
        assignment: { technician: TECHNICIAN },
      })
      const other = standIn.cases.add({ reference: refused, status: 'InReview' })
      await here.look(other)
      expect([(await ticketOf(second)).ticket.status, statusThere(other)]).toEqual(['open', 'Open'])
      expect((await here.conflicts()).filter(({ ticket_id }) => ticket_id === second)).toMatchObject([
        { field: 'status', kind: 'status_refused', ours: 'Open', theirs: 'InReview' },
      ])
    })

    it('another drop over there is recorded, and the ticket keeps its own', async () => {
      const [number, dr] = [nextNumber(), nextDr()]
      const ticketId = await reportedOne(number, dr)
      const caseId = standIn.cases.add({ reference: number, dr: 'DR1999999' })
      await here.look(caseId)
      expect((await ticketOf(ticketId)).ticket.place.dr).toBe(dr)
      expect((await here.conflicts()).filter(({ ticket_id }) => ticket_id === ticketId)).toMatchObject([
        { field: 'dr_number', kind: 'both_changed', ours: dr, theirs: 'DR1999999', winner: 'local' },
      ])
    })

    it('a ticket that is handed over is not reopened: the case is left open for a follow-up', async () => {
      const number = nextNumber()
      const ticket = { ...aTicket('closed'), externalId: number }
      const { id: ticketId, projectId, place } = ticket
      const { facts } = await syncRight(here.deps.tickets.context(projectId, place.dr))
      right(await here.deps.tickets.commit([creationOf(ticket, { factsVersion: facts.version })], [])())
      const caseId = standIn.cases.add({ reference: number })
      await here.look(caseId, { repair: true })
      expect([statusThere(caseId), await ticketsOf(number, caseId)]).toEqual(['Open', [ticketId]])
      expect((await here.conflicts()).filter(({ ticket_id }) => ticket_id === ticketId)).toMatchObject([
        { field: 'status', kind: 'reopened' },
      ])
    })

    it('a ticket that was cancelled or deleted is not joined, nor one that is another case already', async () => {
      const number = nextNumber()
      const gone = await reportedOne(number)
      await here.run(gone, { command: 'cancel', reason: 'told twice' })
      const caseId = standIn.cases.add({ reference: number })
      expect((await here.look(caseId)).outcome).toBe('created')
      const again = standIn.cases.add({ reference: number })
      expect((await here.look(again)).outcome).toBe('created')
      expect((await here.ticketOf(again)).ticket.uid).toMatch(/^FT\d{7,}$/)
    })

    it('a row joins the case’s ticket in whatever project that is, since the number is QContact’s own', async () => {
      const number = nextNumber()
      const caseId = standIn.cases.add({ reference: number })
      await here.look(caseId)
      const ticketId = (await caseOf(caseId))?.ticketId
      expect(await reportedOne(number, nextDr(), 'MOHADIN')).toBe(ticketId)
      expect(await reportedOne(caseId, nextDr(), 'MOHADIN')).toBe(ticketId)
    })

    it('a number is the same however it is spelled', async () => {
      const number = nextNumber()
      const ticketId = await reportedOne(` ft ${number.slice(2)} `)
      const caseId = standIn.cases.add({ reference: number })
      await here.look(caseId)
      expect((await caseOf(caseId))?.ticketId).toBe(ticketId)
    })

    it('when both come at the same moment it is one ticket, whoever was first', async () => {
      const ROWS = 5
      const first = { weekly_report: 0, qcontact: 0 }
      for (let round = 0; round < 24 && (round < 6 || Math.min(...Object.values(first)) === 0); round += 1) {
        const both = Array.from({ length: ROWS }, () => {
          const number = nextNumber()
          return { number, caseId: standIn.cases.add({ reference: number }) }
        })
        const rows = both.map(({ number }) => [number, nextDr(), `fault of ${number}`, null])
        const { report } = right(
          await weekly.upload(notesBook([HEADER, ...rows]), 'flat.xlsx', {
            project: 'LAWLEY',
            week: { isoYear: 2025, week: 46 },
          }),
        )
        right(
          await weekly.commit(
            { userId: 'mpho', role: 'manager', contractorId: null, teams: [] },
            report.id,
            report.version,
          )(),
        )
        await Promise.all([
          sleep((round % 6) * 4).then(() => weekly.carryOut(report.id)),
          ...both.map(({ caseId }) => here.look(caseId)),
        ])
        for (const { number, caseId } of both) {
          const found = await ticketsOf(number, caseId)
          expect(found, number).toHaveLength(1)
          expect((await caseOf(caseId))?.ticketId).toBe(found[0])
          first[(await ticketOf(found[0] ?? '')).ticket.source as keyof typeof first] += 1
        }
      }
      expect(weekly.trouble).toEqual([])
      expect(first.weekly_report).toBeGreaterThan(0)
      expect(first.qcontact).toBeGreaterThan(0)
    }, 60_000)
  })
