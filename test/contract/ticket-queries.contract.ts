import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sight } from '../../src/application/permissions.ts'
import {
  type Position,
  TICKET_SORTS,
  type TicketFilters,
  type TicketQueries,
  type TicketRow,
  type TicketSlice,
  type TicketSort,
  type Wanted,
} from '../../src/application/ports/ticket-queries.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { searchWords } from '../../src/application/ticket/search-words.ts'
import type { NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import { deleteTicket } from '../../src/domain/ticket/delete-ticket.ts'
import { markDuplicate } from '../../src/domain/ticket/mark-duplicate.ts'
import type { Common, Ticket, TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { AT, later, MANAGER, PLACE, stamp } from '../support/tickets.ts'

export type TicketQueriesHarness = {
  readonly store: TicketStore
  readonly queries: TicketQueries
  readonly close: () => Promise<void>
}

const NOW = later(60 * 24 * 30)
const EVERYONE: Sight = { type: 'all' }
const own = (userId: string, contractorId: string | null = null, teams: ReadonlyArray<string> = []): Sight => ({
  type: 'own',
  userId,
  contractorId,
  teams,
})
const sla = (dueAt: string): Common['sla'] => ({ dueAt, responseDueAt: null, firstResponseAt: null, breached: false })

/** What every list of tickets promises. */
export const ticketQueriesContract = (title: string, open: () => Promise<TicketQueriesHarness>): void => {
  describe(`Lists of tickets ${title}`, () => {
    let harness: TicketQueriesHarness
    const ids: Record<string, string> = {}
    const keep = async (
      name: string,
      status: TicketStatus,
      said: Partial<NewTicket> = {},
      over: Partial<Common> = {},
    ): Promise<void> => {
      const ticket = { ...aTicket(status, said), ...over } as Ticket
      const client = { name: 'A Client', phone: '+27820000001', email: null }
      await done(harness.store.commit([creationOf(ticket, { client })], []))
      ids[name] = ticket.id
    }

    beforeAll(async () => {
      harness = await open()
      await keep(
        'plain',
        'open',
        { title: 'Blinking red light', description: 'Ask Nomsa, red gate' },
        { createdAt: later(1), sla: sla(later(100)) },
      )
      await keep('held', 'on_hold', { priority: 'critical' }, { createdAt: later(2), sla: sla(later(50)) })
      await keep('rejected', 'qa_rejected', { priority: 'low' }, { createdAt: later(3), rectificationCount: 2 })
      const elsewhere = { dr: null, pole: 'MOH.P.B77', pon: null, zone: null }
      await keep(
        'elsewhere',
        'open',
        { projectId: 'mohadin', type: 'incident', place: elsewhere },
        { createdAt: later(4) },
      )
      await keep(
        'lost',
        'open',
        { source: 'weekly_report', place: { ...elsewhere, pole: null } },
        { createdAt: later(5) },
      )
      await keep('done', 'closed', { priority: 'urgent' }, { createdAt: later(6), sla: sla(later(7)) })
      const teamwork = { technician: null, contractor: 'builders', team: 'north' }
      await keep('team', 'assigned', { externalId: 'QC-4711' }, {
        createdAt: later(7),
        createdBy: 'robot',
        assignment: teamwork,
      } as Partial<Common>)
      await keep('twin', 'assigned', {}, { createdAt: later(8) })
      await keep('gone', 'open', {}, { createdAt: later(9) })
      await change('gone', (ticket) => deleteTicket({ ...stamp(MANAGER), snapshots: 0, duplicates: [] })(ticket))
      const survivor = await load('plain')
      await change('twin', (ticket) =>
        markDuplicate({
          ...stamp(MANAGER, later(20)),
          survivorId: survivor.id,
          survivor,
          reason: null,
          duplicates: [],
        })(ticket),
      )
    })
    afterAll(() => harness.close())

    const stored = async (name: string) => only(await done(harness.store.load([ids[name] ?? ''])))
    const load = async (name: string): Promise<Ticket> => (await stored(name)).ticket
    const change = async (name: string, decide: (ticket: Ticket) => Parameters<typeof changeOf>[1]): Promise<void> => {
      const before = await stored(name)
      await done(harness.store.commit([], [changeOf(before, decide(before.ticket))]))
    }
    const nameOf = ({ id }: Pick<TicketRow, 'id'>): string =>
      Object.entries(ids).find(([, known]) => known === id)?.[0] ?? id

    const wanted = (over: Partial<Wanted> & { readonly q?: string } = {}): Wanted => ({
      sight: EVERYONE,
      filters: {},
      words: searchWords(over.q ?? ''),
      sort: { by: 'created_at', direction: 'asc' },
      now: NOW,
      client: true,
      ...over,
    })
    const names = async (over: Partial<Wanted> & { readonly q?: string } = {}): Promise<ReadonlyArray<string>> =>
      (await done(harness.queries.page(wanted(over), { page: 1, pageSize: 100 }))).rows.map(nameOf)

    const ALL = ['plain', 'held', 'rejected', 'elsewhere', 'lost', 'done', 'team', 'twin']

    it('never show a deleted ticket', async () => {
      expect(await names()).toEqual(ALL)
    })

    it.each<readonly [TicketFilters, ReadonlyArray<string>]>([
      [{ status: ['on_hold', 'closed'] }, ['held', 'done']],
      [{ status: [] }, []],
      [{ status: ['open'], project: ['lawley'] }, ['plain', 'lost']],
      [{ type: ['incident'] }, ['elsewhere']],
      [{ priority: ['critical', 'low'] }, ['held', 'rejected']],
      [{ source: ['weekly_report'] }, ['lost']],
      [{ owner: ['maintenance'] }, ['done']],
      [{ faultCause: ['vandalism'] }, []],
      [{ assignee: ['thandi'] }, ['held', 'rejected', 'done', 'twin']],
      [{ contractor: ['builders'] }, ['team']],
      [{ team: ['north'] }, ['team']],
      [{ dr: [PLACE.dr], status: ['open'] }, ['plain']],
      [{ pole: ['MOH.P.B77'] }, ['elsewhere']],
      [{ pon: [PLACE.pon], zone: [PLACE.zone], priority: ['urgent'] }, ['done']],
      [{ createdFrom: later(2), createdBefore: later(4) }, ['held', 'rejected']],
      [{ qaReady: true, status: ['closed', 'open'] }, ['done']],
      [{ paperwork: true }, []],
      [{ overdue: true }, ['plain']],
      [{ overdue: false, priority: ['critical', 'urgent'] }, ['held', 'done']],
      [{ unassigned: true }, ['plain', 'elsewhere', 'lost']],
      [{ unassigned: false, priority: ['critical'] }, ['held']],
      [{ unknownDrop: true }, ['lost']],
      [{ unknownDrop: false, project: ['mohadin'] }, ['elsewhere']],
      [{ rejectedMoreThan: 2 }, ['rejected']],
      [{ rejectedMoreThan: 3 }, []],
      [{ failedCheck: ['photos_exist'] }, []],
      [{ weeklyReport: ['no-uuid'] }, []],
      [{ duplicateOf: ['no-uuid'] }, []],
    ])('hold what %j lets through', async (filters, expected) => {
      expect(await names({ filters })).toEqual(expected)
    })

    it('show the duplicates of a ticket', async () => {
      expect(await names({ filters: { duplicateOf: [ids.plain ?? ''] } })).toEqual(['twin'])
    })

    it.each<readonly [string, ReadonlyArray<string>]>([
      ['red', ['plain']],
      ['RED blink', ['plain']],
      ['red green', []],
      ['moh.p.b', ['elsewhere']],
      ['MOH P B77', ['elsewhere']],
      ['qc-4711', ['team']],
      ["o'neill \\ :* | ! (", []],
    ])('find what was typed as %j', async (q, expected) => {
      expect(await names({ q })).toEqual(expected)
    })

    it('find no word of a description for whoever may not see the client, in lists, by cursor and in counts', async () => {
      const counted = async (q: string, client: boolean) => {
        const { rows, total } = await done(harness.queries.page(wanted({ q, client }), { page: 1, pageSize: 100 }))
        const slice = await done(harness.queries.slice(wanted({ q, client }), { after: null, limit: 100 }))
        expect(slice.rows.map(nameOf)).toEqual(rows.map(nameOf))
        return [rows.map(nameOf), total]
      }
      for (const q of ['nomsa', 'nom', 'blinking nomsa', 'DR1729500 gate']) {
        expect(await counted(q, true)).toEqual([['plain'], 1])
        expect(await counted(q, false)).toEqual([[], 0])
      }
      const { uid } = await load('plain')
      for (const q of ['red', 'blink light', uid ?? '', (uid ?? '').slice(2)])
        expect(await counted(q, false)).toEqual([['plain'], 1])
      expect(await counted('qc-4711', false)).toEqual([['team'], 1])
      expect(await counted('moh.p.b', false)).toEqual([['elsewhere'], 1])
      for (const q of ['1729500', '']) expect(await counted(q, false)).toEqual(await counted(q, true))
    })

    it.each(['DR1729500', 'dr 1729500', 'Drop no. 1729500', '1729500', '17295', 'dr17'])(
      'find a drop typed as %j, and not those without one',
      async (q) => {
        expect(await names({ q })).toEqual(ALL.filter((name) => name !== 'elsewhere' && name !== 'lost'))
      },
    )

    it('find a ticket by its number however it is typed', async () => {
      const { uid } = await load('held')
      for (const q of [uid ?? '', (uid ?? '').toLowerCase(), (uid ?? '').slice(2), (uid ?? '').replace('FT', 'ft ')])
        expect(await names({ q })).toEqual(['held'])
    })

    it.each<readonly [string, Sight, ReadonlyArray<string>]>([
      ['a technician sees what is assigned to it', own('thandi'), ['held', 'rejected', 'done', 'twin']],
      ['a contractor sees what is assigned to it', own('boss', 'builders'), ['team']],
      ['a member sees what is assigned to its team', own('sipho', null, ['south', 'north']), ['team']],
      ['a stranger sees nothing', own('stranger'), []],
      ['a service sees what it made', { type: 'made', userId: 'robot' }, ['team']],
      ['who may not read sees nothing', { type: 'none' }, []],
    ])('%s, in lists and in counts', async (_, sight, expected) => {
      expect(await names({ sight })).toEqual(expected)
      const { total } = await done(harness.queries.page(wanted({ sight }), { page: 1, pageSize: 1 }))
      expect(total).toBe(expected.length)
    })

    it('give pages with a total, and an empty page beyond the last', async () => {
      const page = (number: number) => done(harness.queries.page(wanted(), { page: number, pageSize: 3 }))
      expect((await page(2)).rows.map(nameOf)).toEqual(['elsewhere', 'lost', 'done'])
      expect(await page(9)).toEqual({ rows: [], total: 8, totalIsEstimate: false })
    })

    it.each(TICKET_SORTS.flatMap((by) => [{ by, direction: 'asc' } as const, { by, direction: 'desc' } as const]))(
      'sorted by %j are the same walked by cursor as by page, each ticket once',
      async (sort: TicketSort) => {
        const walked: string[] = []
        for (let after: Position | null = null, first = true; first || after !== null; first = false) {
          const slice: TicketSlice = await done(harness.queries.slice(wanted({ sort }), { after, limit: 3 }))
          walked.push(...slice.rows.map(nameOf))
          after = slice.next
        }
        expect(walked).toEqual(await names({ sort }))
        expect(walked.toSorted()).toEqual(ALL.toSorted())
      },
    )
    it('rank priorities by urgency, states by the lifecycle, and what has no value last', async () => {
      const first = async (sort: TicketSort) => (await names({ sort }))[0]
      expect(await first({ by: 'priority', direction: 'desc' })).toBe('held')
      expect(await first({ by: 'priority', direction: 'asc' })).toBe('rejected')
      expect(await first({ by: 'status', direction: 'desc' })).toBe('twin')
      expect(await first({ by: 'sla_due_at', direction: 'asc' })).toBe('done')
      expect((await names({ sort: { by: 'dr_number', direction: 'asc' } })).slice(-2).toSorted()).toEqual([
        'elsewhere',
        'lost',
      ])
    })

    it('show progress, due times and the client, and no client to whoever may not see one', async () => {
      const [row] = (
        await done(harness.queries.page(wanted({ filters: { priority: ['critical'] } }), { page: 1, pageSize: 1 }))
      ).rows
      expect(row).toMatchObject({
        ticket_uid: expect.stringMatching(/^FT\d{7}$/),
        progress: '3/12',
        required_steps: 3,
        required_completed: 3,
        sla_due_at: later(50),
        overdue: false,
        assigned_to: 'thandi',
        created_at: later(2),
        client_name: 'A Client',
        client_phone: '+27820000001',
        version: 1,
      })
      const [bare] = (await done(harness.queries.page(wanted({ client: false }), { page: 1, pageSize: 1 }))).rows
      expect(Object.keys(bare ?? {})).not.toEqual(expect.arrayContaining(['address']))
      expect(JSON.stringify(bare)).not.toMatch(/client|gps|address/)
    })

    it('count from the time of looking: what is due at this very moment is not overdue yet', async () => {
      expect(await names({ filters: { overdue: true }, now: later(100) })).toEqual([])
      expect(await names({ filters: { overdue: true }, now: later(101) })).toEqual(['plain'])
      expect(AT < NOW).toBe(true)
    })
  })
}
