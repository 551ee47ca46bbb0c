import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sight } from '../../src/application/permissions.ts'
import type { RiskFilters, RiskPosition, RiskQueries, RiskRow } from '../../src/application/ports/risk-queries.ts'
import type { SnapshotQueries } from '../../src/application/ports/snapshot-queries.ts'
import type { Link, Note } from '../../src/application/ports/ticket-papers.ts'
import type { TicketRecordQueries } from '../../src/application/ports/ticket-record-queries.ts'
import type { Change, TicketStore } from '../../src/application/ports/ticket-store.ts'
import { faultsOf } from '../../src/domain/handover/snapshot-fault.ts'
import type { Risk } from '../../src/domain/risk/risk.ts'
import { markDuplicate } from '../../src/domain/ticket/mark-duplicate.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { tools } from '../support/proof.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { facts, later, MANAGER, REVIEWER, stamp } from '../support/tickets.ts'

export type TicketRecordHarness = {
  readonly store: TicketStore
  readonly records: TicketRecordQueries
  readonly risks: RiskQueries
  readonly snapshots: SnapshotQueries
  readonly write: (note: Note) => Promise<void>
  readonly link: (link: Link) => Promise<void>
  readonly close: () => Promise<void>
}

type RiskSlice = { readonly rows: ReadonlyArray<RiskRow>; readonly next: RiskPosition | null }

const EVERYONE: Sight = { type: 'all' }
const STRANGER: Sight = { type: 'own', userId: 'stranger', contractorId: null, teams: [] }
const TODAY = '2026-03-10'

const risk = (over: Partial<Risk>): Risk => ({
  id: randomUUID(),
  type: 'minor_defect',
  description: 'Duct cover missing',
  conditions: null,
  steps: ['work_area_final'],
  expiresOn: '2026-03-14',
  followUpOn: null,
  status: 'active',
  acceptedBy: 'lerato',
  acceptedAt: later(1),
  resolvedBy: null,
  resolvedAt: null,
  resolution: null,
  escalationTicket: null,
  reviews: [],
  ...over,
})

/** What reading one ticket's past, its risks and its sealed handovers promises. */
export const ticketRecordContract = (title: string, open: () => Promise<TicketRecordHarness>): void => {
  describe(`What a ticket has gathered ${title}`, () => {
    let harness: TicketRecordHarness
    let own: Ticket
    let twin: Ticket
    const followUp = () => aTicket('open', { followUpOf: own.id, projectId: 'mohadin' })

    const load = async (id: string) => only(await done(harness.store.load([id])))
    const keep = async (ticket: Ticket): Promise<Ticket> => {
      await done(harness.store.commit([creationOf(ticket)], []))
      return (await load(ticket.id)).ticket
    }
    const change = async (id: string, decide: (ticket: Ticket) => Parameters<typeof changeOf>[1]): Promise<void> => {
      const before = await load(id)
      const changed: Change = changeOf(before, decide(before.ticket))
      await done(harness.store.commit([], [changed]))
    }

    beforeAll(async () => {
      harness = await open()
      own = await keep(aTicket('pending_qa'))
      twin = await keep(aTicket('in_progress'))
      await change(twin.id, (ticket) =>
        markDuplicate({ ...stamp(MANAGER, later(2)), survivorId: own.id, survivor: own, reason: null, duplicates: [] })(
          ticket,
        ),
      )
      await change(own.id, (ticket) => startQa(stamp(REVIEWER, later(3), randomUUID()), facts())(ticket))
      const note = { ticketId: own.id, content: 'Home after five', by: 'thandi' }
      await harness.write({ ...note, id: randomUUID(), type: 'client', at: later(60) })
      await harness.write({ ...note, id: randomUUID(), type: 'internal', at: later(61) })
    })
    afterAll(() => harness.close())

    const look = (sight: Sight = EVERYONE) => ({ sight, ticketId: own.id })
    const timeline = (before: number | null, limit: number, withWords = true) =>
      done(harness.records.timeline(look(), { before, limit, withWords }))

    it('is nothing at all to whoever may not see the ticket, and when there is none', async () => {
      const { records, risks, snapshots } = harness
      for (const one of [
        look(STRANGER),
        { sight: EVERYONE, ticketId: randomUUID() },
        { sight: EVERYONE, ticketId: 'x' },
      ]) {
        expect(await done(records.timeline(one, { before: null, limit: 9, withWords: true }))).toBeNull()
        expect(await done(records.attachments(one))).toBeNull()
        expect(await done(records.links(one))).toBeNull()
        expect(await done(records.readinessRuns(one, 9))).toBeNull()
        expect(await done(snapshots.ofTicket(one))).toBeNull()
        expect(await done(risks.ofTicket(one.sight, one.ticketId, TODAY))).toBeNull()
      }
    })

    it('tells its timeline with the newest first, page by page', async () => {
      const all = await timeline(null, 100)
      expect(all?.next).toBeNull()
      expect(all?.rows.map((row) => row.system_event ?? row.note_type)).toEqual([
        'internal',
        'client',
        'QaStarted',
        'ReadinessChecked',
        'TicketCreated',
      ])
      expect(all?.rows[2]).toMatchObject({
        content: 'QA started.',
        created_by: REVIEWER,
        created_at: later(3),
        note_type: 'system',
      })
      expect(all?.rows[2]?.event_data).toMatchObject({ type: 'QaStarted', from_owner: 'build', to_owner: 'qa' })
      const first = await timeline(null, 2)
      const second = await timeline(first?.next ?? null, 100)
      expect([...(first?.rows ?? []), ...(second?.rows ?? [])]).toEqual(all?.rows)
    })

    it('shows what happened, but no words that a person wrote, to whoever may not see the client', async () => {
      const rows = (await timeline(null, 100, false))?.rows ?? []
      expect(rows.map((row) => [row.note_type, row.content]).slice(0, 2)).toEqual([
        ['internal', null],
        ['client', null],
      ])
      const events = rows.filter((row) => row.note_type === 'system')
      expect(events.length).toBeGreaterThan(0)
      expect(events.every((row) => row.content !== null && row.event_data === null)).toBe(true)
    })

    it('lists its photos and those of its duplicate', async () => {
      const rows = (await done(harness.records.attachments(look()))) ?? []
      expect(rows).toHaveLength(own.photos.length + twin.photos.length)
      expect(new Set(rows.map((row) => row.ticket_uid))).toEqual(new Set([own.uid, twin.uid]))
      const photo = own.photos[0]
      expect(rows.find((row) => row.id === photo?.id)).toMatchObject({
        ticket_id: own.id,
        file_type: 'photo',
        sha256: photo?.object.sha256,
        storage_url: `/api/ticketing/attachments/${photo?.id}/content`,
        step_key: photo?.step,
        is_current: true,
        is_evidence: true,
        uploaded_at: photo?.arrivedAt,
      })
    })

    it('names the tickets tied to it from either side, and only those in sight', async () => {
      const followed = await keep(followUp())
      const related = await keep(aTicket('assigned'))
      await harness.link({ ticketId: related.id, otherId: own.id, by: MANAGER, at: later(5) })
      const kinds = async (ticketId: string, sight: Sight = EVERYONE) =>
        ((await done(harness.records.links({ sight, ticketId }))) ?? []).map((row) => [row.kind, row.ticket_uid])
      expect(await kinds(own.id)).toEqual([
        ['duplicate', twin.uid],
        ['follow_up', followed.uid],
        ['related', related.uid],
      ])
      expect(await kinds(twin.id)).toEqual([['duplicate_of', own.uid]])
      expect(await kinds(followed.id)).toEqual([['follow_up_of', own.uid]])
      expect(await kinds(related.id)).toEqual([['related', own.uid]])
      const thandi: Sight = { type: 'own', userId: 'thandi', contractorId: null, teams: [] }
      expect((await kinds(own.id, thandi)).map(([kind]) => kind)).toEqual(['duplicate', 'related'])
    })

    it('keeps every readiness run', async () => {
      const runs = (await done(harness.records.readinessRuns(look(), 9))) ?? []
      expect(runs).toMatchObject([{ passed: true, checked_by: REVIEWER, checked_at: later(3) }])
      expect(runs[0]?.results).toHaveLength(11)
    })

    it('gives its sealed handovers, each behind the entry before it, and the chain with its head', async () => {
      const second = await keep(aTicket('pending_qa'))
      await change(second.id, (ticket) => startQa(stamp(REVIEWER, later(9), randomUUID()), facts())(ticket))
      const [first] = (await done(harness.snapshots.ofTicket(look()))) ?? []
      const [next] = (await done(harness.snapshots.ofTicket({ ...look(), ticketId: second.id }))) ?? []
      expect(first).toMatchObject({
        previous: null,
        entry: { seq: 1, handoverType: 'build_to_qa', ticketUid: own.uid, handoverBy: REVIEWER },
      })
      expect(next?.previous).toEqual({ seq: 1, formatVersion: 2, chainHash: first?.entry.chainHash })
      expect(await done(harness.snapshots.projects())).toEqual(['lawley'])
      const part = await done(harness.snapshots.part('lawley', 0, 1))
      expect(part.entries.map(({ seq }) => seq)).toEqual([1])
      expect(part.head).toEqual({ seq: 2, chainHash: next?.entry.chainHash })
      for (const found of [first, next])
        if (found !== undefined)
          expect(faultsOf(tools, new Map(), new Map(), 0)('lawley', found.previous, found.entry)).toEqual([
            { type: 'SignatureMissing', seq: found.entry.seq },
            { type: 'SubjectKeyMissing', seq: found.entry.seq },
          ])
      expect([first?.anchored, next?.anchored]).toEqual([false, false])
      expect(await done(harness.snapshots.part('nowhere', 0, 9))).toEqual({ head: null, entries: [] })
    })

    it('lists risks by the date that presses, by what the date makes of them, and by cursor', async () => {
      const names = new Map<string, string>()
      const named = (name: string, over: Partial<Risk>): Risk => {
        const made = risk(over)
        names.set(made.id, name)
        return made
      }
      const first = await keep({
        ...aTicket('qa_in_progress'),
        risks: [
          named('soon', { followUpOn: '2026-03-10' }),
          named('past', { expiresOn: '2026-03-09', acceptedAt: later(2) }),
          named('today', { expiresOn: TODAY, acceptedAt: later(3) }),
          named('far', { expiresOn: '2026-05-01', followUpOn: '2026-03-01', acceptedAt: later(4) }),
        ],
      })
      const resolved = { status: 'resolved', resolvedBy: 'lerato', resolvedAt: later(5), resolution: 'Fitted' } as const
      const second = await keep({
        ...aTicket('qa_in_progress', { projectId: 'mohadin' }),
        risks: [named('over', { ...resolved, followUpOn: '2026-03-01' })],
      })
      const list = async (filters: RiskFilters = {}, sight: Sight = EVERYONE, limit = 100) => {
        const rows: string[] = []
        for (let after: RiskPosition | null = null, first = true; first || after !== null; first = false) {
          const slice: RiskSlice = await done(harness.risks.slice({ sight, filters, today: TODAY }, { after, limit }))
          rows.push(...slice.rows.map((row) => names.get(row.id) ?? row.id))
          after = slice.next
        }
        return rows
      }
      const idOf = (name: string): string => [...names].find(([, known]) => known === name)?.[0] ?? ''
      const sameDay = ['soon', 'over'].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
      expect(await list()).toEqual(['past', 'today', ...sameDay, 'far'])
      expect(await list({}, EVERYONE, 2)).toEqual(await list())
      expect(await list({ status: ['expired'] })).toEqual(['past'])
      expect(await list({ status: ['active'] })).toEqual(['today', 'soon', 'far'])
      expect(await list({ status: ['resolved'] })).toEqual(['over'])
      expect(await list({ project: ['mohadin'] })).toEqual(['over'])
      expect(await list({ expiringWithinDays: 4 })).toEqual(['today', 'soon'])
      expect(await list({ expiringWithinDays: 3 })).toEqual(['today'])
      expect(await list({ followUpDue: true }, EVERYONE, 1)).toEqual(['far', 'soon'])
      expect(await list({ followUpDue: false })).toEqual(['past', 'today', 'over'])
      expect(await list({}, STRANGER)).toEqual([])
      const pages = async (filters: RiskFilters, sight: Sight, page: number) => {
        const found = await done(harness.risks.page({ sight, filters, today: TODAY }, { page, pageSize: 2 }))
        return [found.rows.map((row) => names.get(row.id)), found.total, found.totalIsEstimate]
      }
      expect(await pages({}, EVERYONE, 1)).toEqual([['past', 'today'], 5, false])
      expect(await pages({}, EVERYONE, 3)).toEqual([['far'], 5, false])
      expect(await pages({}, EVERYONE, 4)).toEqual([[], 5, false])
      expect(await pages({ followUpDue: true }, EVERYONE, 1)).toEqual([['far', 'soon'], 2, false])
      expect(await pages({ expiringWithinDays: 3 }, EVERYONE, 1)).toEqual([['today'], 1, false])
      expect(await pages({}, STRANGER, 1)).toEqual([[], 0, false])
      const ofFirst = (await done(harness.risks.ofTicket(EVERYONE, first.id, TODAY))) ?? []
      expect(ofFirst.map((row) => [names.get(row.id), row.status, row.days_left])).toEqual([
        ['soon', 'active', 4],
        ['past', 'expired', -1],
        ['today', 'active', 0],
        ['far', 'active', 52],
      ])
      expect(ofFirst[0]).toMatchObject({
        ticket_uid: first.uid,
        project_id: 'lawley',
        risk_expiry_date: '2026-03-14',
        steps: ['work_area_final'],
      })
      expect(await done(harness.risks.ticketOf(EVERYONE, idOf('over')))).toBe(second.id)
      expect(await done(harness.risks.ticketOf(STRANGER, idOf('over')))).toBeNull()
      expect(await done(harness.risks.ticketOf(EVERYONE, 'x'))).toBeNull()
    })
  })
}
