import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FatedLine, KeyedLine, NewReport } from '../../src/application/ports/report-store.ts'
import { carryOutReport, decideBatch } from '../../src/application/weekly-report/carry-out.ts'
import { fatesOf, importKeyOf } from '../../src/application/weekly-report/fates.ts'
import { plusMs } from '../../src/domain/shared/time.ts'
import { STATUSES, type Ticket } from '../../src/domain/ticket/ticket.ts'
import { reportUid } from '../../src/domain/weekly-report/report-uid.ts'
import type { ReportLine } from '../../src/domain/weekly-report/weekly-report.ts'
import { changeDeps, type ImportStores, left, right } from '../support/importing.ts'
import { ticketIn } from '../support/lifecycle.ts'
import { readReport } from '../support/read-report.ts'
import { creationOf, storable } from '../support/stored-tickets.ts'
import { begin } from '../support/tickets.ts'
import { sheetRows } from '../support/workbooks.ts'

const AT = '2026-03-02T09:00:00.000Z'
let drops = 1_729_500
const nextDr = (): string => `DR${drops++}`

const lineOf = (dr: string, more: Partial<ReportLine> = {}): ReportLine => {
  const { lines } = readReport(sheetRows([['Note 1: low'], [dr, -27.5]]))
  const [line] = lines
  if (line === undefined) throw new Error('no line')
  return { ...line, ...more }
}
const keyed = (...lines: ReadonlyArray<ReportLine>): ReadonlyArray<KeyedLine> =>
  lines.map((line, n) => ({ lineNo: n + 1, line, importKey: importKeyOf('lawley', line), first: null }))
const asFated =
  (fateOf: ReturnType<typeof fatesOf>) =>
  (line: KeyedLine): FatedLine => {
    const fate = fateOf(line)
    const ticketId = fate.fate === 'joins_open' ? fate.ticket.ticketId : null
    return { ...line, fate: fate.fate, reason: fate.reason, ticketId }
  }

/** What every store of weekly reports promises. */
export const reportStoreContract = (title: string, open: () => Promise<ImportStores>): void => {
  describe(`A store of weekly reports ${title}`, () => {
    let stores: ImportStores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close())

    const deps = () => changeDeps(stores.tickets, () => AT)
    const keep = async (ticket: Ticket): Promise<Ticket> => {
      right(await stores.tickets.commit([creationOf(ticket)], [])())
      return ticket
    }
    const earlier = (status: Ticket['status'], dr: string, survivor: string | null = null): Promise<Ticket> => {
      const importKey = importKeyOf('lawley', lineOf(dr))
      return keep({ ...storable(ticketIn(status, { importKey, externalId: null }), survivor) })
    }
    const kept = async (lines: ReadonlyArray<KeyedLine>, id: string = randomUUID()): Promise<string> => {
      right(await stores.reports.keepLines({ id, projectId: 'lawley' }, lines, (found) => asFated(fatesOf(found)))())
      return id
    }
    const report = (id: string, lines: number, more: Partial<NewReport> = {}): NewReport => ({
      id,
      projectId: 'lawley',
      isoYear: 2026,
      week: 10,
      reportDate: '2026-03-06',
      filename: 'Lawley WE260306.xlsx',
      filePath: `reports/${id}.xlsx`,
      sha256: id.replaceAll('-', '').padEnd(64, '0'),
      layout: 'notes',
      totalRows: lines,
      uploadedBy: 'mpho',
      uploadedAt: AT,
      ...more,
    })
    const uidOf = (nth: number) => reportUid({ isoYear: 2026, week: 10, projectCode: 'LAWLEY', nth })
    const committed = async (...lines: ReadonlyArray<ReportLine>): Promise<string> => {
      const id = await kept(keyed(...lines))
      right(await stores.reports.add(report(id, lines.length), uidOf)())
      right(await stores.reports.commit(id, { version: 1, userId: 'mpho', at: AT, eventId: randomUUID() })())
      return id
    }
    const carryOut = (id: string) =>
      carryOutReport({
        ...deps(),
        reports: stores.reports,
        now: () => AT,
        chunk: 2,
        onTrouble: (e) => {
          throw e
        },
      })(id, new AbortController().signal)
    const linesOf = async (id: string) => right(await stores.views.lines(id, null, { page: 1, pageSize: 100 })())

    it.each(STATUSES.filter((status) => status !== 'cancelled'))(
      'a line whose ticket is %s joins it, or follows it up once it was handed over',
      async (status) => {
        const dr = nextDr()
        const before = await earlier(status, dr)
        const id = await committed(lineOf(dr))
        await carryOut(id)
        const [line] = await linesOf(id)
        const isOver = status === 'handed_to_maintenance' || status === 'closed'
        expect([line?.fate, line?.ticket_id === before.id]).toEqual(isOver ? ['create', false] : ['joins_open', true])
        const [stored] = right(await stores.tickets.load([line?.ticket_id ?? ''])())
        expect(stored?.ticket.followUpOf).toBe(isOver ? before.id : null)
        expect(await stores.toldOn(before.id)).toHaveLength(isOver ? 0 : 1)
      },
    )

    it('a line whose ticket was cancelled or deleted makes a new one that follows nothing up', async () => {
      const [cancelled, deleted] = [nextDr(), nextDr()]
      await keep({
        ...storable(begin({ importKey: importKeyOf('lawley', lineOf(deleted)) })),
        deletedAt: AT,
      })
      const plain = storable(ticketIn('cancelled', { importKey: importKeyOf('lawley', lineOf(cancelled)) }))
      if (plain.status !== 'cancelled') throw new Error('not cancelled')
      await keep({ ...plain, because: { kind: 'cancelled', reason: 'gone' } })
      const id = await committed(lineOf(cancelled), lineOf(deleted))
      await carryOut(id)
      for (const line of await linesOf(id)) {
        const [stored] = right(await stores.tickets.load([line.ticket_id ?? ''])())
        expect([line.fate, stored?.ticket.followUpOf]).toEqual(['create', null])
      }
    })

    it('a line of a duplicate goes to its survivor', async () => {
      const dr = nextDr()
      const survivor = await keep(storable(begin()))
      const plain = storable(ticketIn('cancelled', { importKey: importKeyOf('lawley', lineOf(dr)) }))
      if (plain.status !== 'cancelled') throw new Error('not cancelled')
      await keep({
        ...plain,
        because: { kind: 'duplicate', survivor: survivor.id, reason: null, restores: {} as never },
      })
      const id = await committed(lineOf(dr))
      await carryOut(id)
      expect((await linesOf(id))[0]).toMatchObject({ fate: 'joins_open', ticket_id: survivor.id })
    })

    it('what a batch decides is kept whole or not at all', async () => {
      const id = await committed(lineOf(nextDr()), lineOf(nextDr()))
      const before = await stores.ticketIds()
      await expect(
        stores.reports.work(id, 10, AT, (batch) => {
          decideBatch(deps(), AT)(batch)
          throw new Error('a bug')
        })(),
      ).rejects.toThrow('a bug')
      const stale = await stores.reports.work(id, 10, AT, (batch) => {
        const decided = decideBatch(deps(), AT)(batch)
        return { ...decided, creations: decided.creations.map((creation) => ({ ...creation, factsVersion: 99 })) }
      })()
      expect(left(stale)).toMatchObject({ type: 'Stale' })
      expect(await stores.ticketIds()).toEqual(before)
      expect(right(await stores.views.one(id)())).toMatchObject({ done_count: 0, status: 'processing' })
      await carryOut(id)
      expect(right(await stores.views.one(id)())).toMatchObject({ done_count: 2, status: 'completed' })
    })

    it('a key that another import took is said, and nothing of the batch is kept', async () => {
      const dr = nextDr()
      const id = await committed(lineOf(dr), lineOf(nextDr()))
      const importKey = importKeyOf('lawley', lineOf(dr))
      const refused = await stores.reports.work(id, 10, AT, (batch) => {
        const decided = decideBatch(deps(), AT)(batch)
        const doubled = decided.creations.map((made) => ({ ...made, ticket: { ...made.ticket, importKey } }))
        return { ...decided, creations: doubled }
      })()
      expect(left(refused)).toMatchObject({ type: 'AlreadyExists', constraint: 'uq_tickets_import_key' })
      await carryOut(id)
      expect((await linesOf(id)).map(({ fate }) => fate)).toEqual(['create', 'create'])
    })

    it('batches of one report never overlap', async () => {
      const id = await committed(...Array.from({ length: 9 }, () => lineOf(nextDr())))
      await Promise.all([carryOut(id), carryOut(id), carryOut(id)])
      const view = right(await stores.views.one(id)())
      expect(view).toMatchObject({ imported_count: 9, done_count: 9, status: 'completed' })
    })

    it('lines are nothing until their report is added, and are gone when it never is', async () => {
      const rows = await stores.keptRows()
      const id = await kept(keyed(lineOf(nextDr())))
      expect(right(await stores.views.one(id)())).toBeNull()
      right(await stores.reports.forget(id, AT)())
      expect(await stores.keptRows()).toBe(rows)
      const stays = await kept(keyed(lineOf(nextDr())))
      right(await stores.reports.add(report(stays, 1), uidOf)())
      right(await stores.reports.forget(stays, AT)())
      expect(await stores.keptRows()).toBe(rows + 1)
    })

    it('a report that failed says why, may be uploaded again, and is worked on no more', async () => {
      const id = await committed(lineOf(nextDr()))
      right(await stores.reports.fail(id, 'its rows cannot be read back', AT)())
      const view = right(await stores.views.one(id)())
      expect(view).toMatchObject({ status: 'failed', errors: [{ row: null, reason: 'its rows cannot be read back' }] })
      expect(right(await stores.reports.work(id, 10, AT, () => ({ creations: [], lines: [] }))())).toEqual({
        done: 0,
        left: 0,
      })
      expect(right(await stores.views.byFile('lawley', view?.file_sha256 ?? '')())).toBeNull()
      const again = await kept(keyed(lineOf(nextDr())))
      right(await stores.reports.add(report(again, 1, { sha256: view?.file_sha256 ?? '' }), uidOf)())
      const third = await stores.reports.add(report(randomUUID(), 1, { sha256: view?.file_sha256 ?? '' }), uidOf)()
      expect(left(third)).toEqual({ type: 'AlreadyExists', constraint: 'uq_weekly_reports_file' })
    })

    it('more reports than a number can count are refused', async () => {
      const id = await kept(keyed(lineOf(nextDr())))
      const refused = await stores.reports.add(report(id, 1), (nth) => E.left({ type: 'TooManyReportsInWeek', nth }))()
      expect(left(refused)).toMatchObject({ type: 'TooManyReportsInWeek' })
    })

    it('a report without a line is completed at once', async () => {
      const id = randomUUID()
      right(await stores.reports.add(report(id, 0), uidOf)())
      right(await stores.reports.commit(id, { version: 1, userId: 'mpho', at: AT, eventId: randomUUID() })())
      await carryOut(id)
      expect(right(await stores.views.one(id)())).toMatchObject({ status: 'completed', total_rows: 0 })
    })

    it('lists are paged: reports newest first, lines in the order of the file, by fate', async () => {
      const invalid = { problems: [{ field: 'dr', rule: 'missing', value: '', blocks: true }] } as const
      const id = await kept(
        keyed(lineOf(nextDr()), lineOf(nextDr(), invalid), lineOf(nextDr()), lineOf(nextDr(), invalid)),
      )
      right(await stores.reports.add(report(id, 4, { uploadedAt: plusMs(AT, 60_000) }), uidOf)())
      const newest = right(
        await stores.views.list(
          { projectId: 'lawley', status: 'pending', uploadedBy: null, after: null },
          { page: 1, pageSize: 1 },
        )(),
      )
      expect([newest.items.map((item) => item.id), newest.total > 1]).toEqual([[id], true])
      const from = { projectId: 'lawley', status: 'pending', uploadedBy: null } as const
      const all = right(await stores.views.list({ ...from, after: null }, { page: 1, pageSize: 100 })()).items
      for (const [index, { created_at: key, id: at }] of all.entries()) {
        const beyond = await stores.views.list({ ...from, after: { key, id: at } }, { page: 1, pageSize: 100 })()
        expect(right(beyond).items.map((item) => item.id)).toEqual(all.slice(index + 1).map((item) => item.id))
      }
      expect(
        right(
          await stores.views.list(
            { projectId: 'nowhere', status: null, uploadedBy: null, after: null },
            { page: 1, pageSize: 5 },
          )(),
        ),
      ).toEqual({
        items: [],
        total: 0,
      })
      const by = (uploadedBy: string) =>
        stores.views.list({ projectId: 'lawley', status: null, uploadedBy, after: null }, { page: 1, pageSize: 1 })()
      const { uploadedBy } = report(id, 4)
      expect(right(await by(uploadedBy)).items.map((item) => item.id)).toEqual([id])
      expect(right(await by('someone-else'))).toEqual({ items: [], total: 0 })
      const second = right(await stores.views.lines(id, null, { page: 2, pageSize: 3 })())
      expect(second.map(({ line_no }) => line_no)).toEqual([4])
      const wrong = right(await stores.views.lines(id, 'invalid', { page: 1, pageSize: 3 })())
      expect(wrong.map(({ line_no }) => line_no)).toEqual([2, 4])
      expect(right(await stores.views.fates(id)())).toMatchObject({ create: 2, invalid: 2 })
      const after = right(await stores.views.rejected(id, 2, 10)())
      expect(after.map(({ lineNo, line }) => [lineNo, line.problems])).toEqual([[4, invalid.problems]])
    })

    it('a rejected line comes back as it was, with what it held of a client', async () => {
      const line = lineOf(nextDr(), {
        layout: 'flat',
        personal: { clientName: 'Nomsa', clientContact: '0821234567', address: '1 Main Rd' },
        values: {
          client_name: 'Nomsa',
          client_contact: '0821234567',
          address: '1 Main Rd',
          reported_on: { wallClock: '2026-03-01T00:00:00' },
        },
        problems: [{ field: 'dr', rule: 'missing', value: '', blocks: true }],
      })
      const id = await committed(line)
      await carryOut(id)
      const [rejected] = right(await stores.views.rejected(id, 0, 10)())
      expect(rejected?.line).toEqual(line)
      expect(JSON.stringify(await linesOf(id))).not.toContain('Nomsa')
    })
  })
}
