import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { ReportStore } from '../../src/application/ports/report-store.ts'
import type { Creation } from '../../src/application/ports/ticket-store.ts'
import { carryOutReport, carryOutReports, DATABASE_AWAY } from '../../src/application/weekly-report/carry-out.ts'
import { importKeyOf } from '../../src/application/weekly-report/fates.ts'
import { receiveReport } from '../../src/application/weekly-report/preview.ts'
import { ticketFromLine } from '../../src/application/weekly-report/ticket-from-line.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/settings/settings.ts'
import type { Cell } from '../../src/domain/shared/sheet.ts'
import type { ReportLine } from '../../src/domain/weekly-report/weekly-report.ts'
import { changeDeps, importing, left, MANAGER, notesBook, right, storesOn } from '../support/importing.ts'
import { readReport } from '../support/read-report.ts'
import { facts, noPlatforms } from '../support/tickets.ts'
import { sheetRows } from '../support/workbooks.ts'

const AT = '2025-11-17T08:00:00.000Z'

const lineIn = (...rows: ReadonlyArray<ReadonlyArray<Cell>>): ReportLine => {
  const [line] = readReport(sheetRows(rows)).lines
  if (line === undefined) throw new Error('no line')
  return line
}
const flat = (headers: ReadonlyArray<string>, ...cells: ReadonlyArray<Cell>): ReportLine => lineIn(headers, cells)

const made = (line: ReportLine): Creation =>
  right(
    ticketFromLine(
      changeDeps({} as never, () => AT),
      {
        report: {
          id: 'r',
          reportUid: 'WR2025-W46-LAWLEY',
          projectId: 'lawley',
          status: 'processing',
          version: 2,
          committedBy: 'mpho',
        },
        line,
        importKey: 'key',
        followUpOf: null,
        context: { settings: DEFAULT_SETTINGS, facts: facts({ platforms: noPlatforms, rows: [] }), installed: null },
        at: AT,
        by: 'mpho',
      },
    ),
  )

describe('The ticket of a line', () => {
  it('takes over a valid serial, but not one beside a different serial of the field app', () => {
    const headers = ['DR Number', 'Fault Description', 'ONT serial (OLT)', 'ONT serial (Field App)']
    const serial = (...serials: ReadonlyArray<Cell>) =>
      made(flat(headers, 'DR1729500', 'No light', ...serials)).ticket.equipment.ontSerial
    expect(serial('ALCLB465A671', null)).toBe('ALCLB465A671')
    expect(serial('ALCLB465A671', 'ALCLB465A671')).toBe('ALCLB465A671')
    expect(serial('ALCLB465A671', 'ALCLB465A672')).toBeNull()
    expect(serial('11504715', null)).toBeNull()
  })

  it('keeps a serial that is none as it was reported, as text', () => {
    const { ticket } = made(flat(['DR Number', 'Fault Description', 'Serial'], 'DR1729500', 'No light', '1TCN-AA01'))
    expect(ticket.description).toContain('Reported ONT serial: 1TCN-AA01')
  })

  it('began on the day that was reported, unless that day lies ahead', () => {
    const headers = ['DR Number', 'Fault Description', 'Date Logged']
    expect(made(flat(headers, 'DR1729500', 'x', '2025-11-14')).ticket.sourceCreatedAt).toBe('2025-11-13T22:00:00.000Z')
    expect(made(flat(headers, 'DR1729500', 'x', '2025-11-18')).ticket.sourceCreatedAt).toBeNull()
    expect(made(flat(headers, 'DR1729500', 'x', null)).ticket.sourceCreatedAt).toBeNull()
  })

  it('never takes a reported reading for the reading after the repair', () => {
    const { ticket } = made(lineIn(['Note 5: break'], ['Drop', 'RX'], ['DR1729500', -18]))
    expect([ticket.equipment.ontRx, ticket.weeklyNote, ticket.priority]).toEqual([null, 5, 'high'])
    expect(ticket.description).toContain('Reported ONT RX (dBm): -18')
  })
})

describe('The key of a line', () => {
  it('is short enough to be indexed, and tells long descriptions apart', () => {
    const about = (text: string) => importKeyOf('lawley', flat(['DR Number', 'Fault Description'], 'DR1729500', text))
    const [one, other] = [about(`${'x'.repeat(9_000)} one`), about(`${'x'.repeat(9_000)} two`)]
    expect(one).not.toBe(other)
    expect((one ?? '').length).toBeLessThan(500)
    expect(about(`${'x'.repeat(9_000)} ONE!`)).toBe(one)
  })

  it('is none where nobody can act on the line', () => {
    expect(importKeyOf('lawley', lineIn(['Note 1: low'], ['DR12', -27]))).toBeNull()
  })
})

const away = TE.left({ type: 'Unavailable', what: 'database' } as const)
const noStore: ReportStore = {
  keepLines: () => away,
  add: () => away,
  forget: () => away,
  commit: () => away,
  work: () => away,
  fail: () => away,
}
const running = (store: Partial<ReportStore>) => {
  const trouble: unknown[] = []
  const deps = {
    ...changeDeps({} as never, () => AT),
    reports: { ...noStore, ...store },
    chunk: 10,
    onTrouble: (error: unknown) => void trouble.push(error),
  }
  return { deps, trouble, run: (signal = new AbortController().signal) => carryOutReport(deps)('r', signal) }
}

describe('A report being carried out', () => {
  it('is left to the next attempt while the database is away', async () => {
    await expect(running({}).run()).rejects.toThrow(DATABASE_AWAY)
  })

  it('is left to the next attempt when its time is up', async () => {
    await expect(running({}).run(AbortSignal.abort(new Error('time is up')))).rejects.toThrow('time is up')
  })

  it('is decided again after a lost race', async () => {
    let tries = 0
    const { run, trouble } = running({
      work: () => (++tries < 5 ? TE.left({ type: 'Stale', id: 'r', version: 2 }) : TE.right({ done: 1, left: 0 })),
    })
    await run()
    expect([tries, trouble]).toEqual([5, []])
  })

  it('fails by name when its lines cannot even be read back', async () => {
    const failed: string[] = []
    const { run, trouble } = running({
      work: () => async () => {
        throw new Error('corrupt')
      },
      fail: (_, why) => TE.fromIO(() => void failed.push(why)),
    })
    await run()
    expect(failed).toEqual(['its rows cannot be read back; the log says why. Upload the file again'])
    expect(trouble).toHaveLength(2)
  })

  it('goes back to whole batches once it is past the lines that failed', async () => {
    const sizes: number[] = []
    let left = 40
    const { run } = running({
      work: (_, size, __, decide) => async () => {
        sizes.push(size)
        if (left === 40 && size > 1) throw new Error('a bad line is in there')
        decide({
          report: {} as never,
          lines: [],
          found: { context: { settings: DEFAULT_SETTINGS, facts: facts(), installed: null }, byKey: new Map() },
        })
        left -= size
        return E.right({ done: size, left: Math.max(0, left) })
      },
    })
    await run()
    expect(sizes).toEqual([10, ...Array.from({ length: 10 }, () => 1), 10, 10, 10])
  })

  it('waits for its turn among the reports of its project', () => {
    const reaction = carryOutReports(running({}).deps)
    const event = {
      id: 'e',
      type: 'WeeklyReportCommitted',
      ticketId: null,
      body: { reportId: 'r', projectId: 'lawley' },
      at: AT,
    }
    expect([reaction.key(event), reaction.queue, reaction.eventTypes]).toEqual([
      'lawley',
      'imports',
      ['WeeklyReportCommitted'],
    ])
  })
})

describe('A preview', () => {
  const NOTE = notesBook([['Note 1: low'], ['DR1729500', -27]])

  it('finds the project by id, code or name, and refuses what names none or two', async () => {
    const use = importing(await storesOn('memory'))
    const project = async (called: string) => {
      const previewed = await use.upload(NOTE, 'x WE251114.xlsx', { project: called })
      return E.isRight(previewed) ? previewed.right.report.project_id : previewed.left.type
    }
    expect(await project('moh')).toBe('moh')
    expect(await project('mohadin')).toBe('moh')
    expect(await project(' Lawley ')).toBe('lawley')
    expect(await project('Soweto')).toBe('ProjectUnknown')
  })

  it('takes the last day of a week that alone is given', async () => {
    const use = importing(await storesOn('memory'))
    const previewed = await use.upload(NOTE, 'x.xlsx', { project: 'lawley', week: { isoYear: 2026, week: 1 } })
    expect(right(previewed).report).toMatchObject({ report_date: '2026-01-04', report_uid: 'WR2026-W01-LAWLEY' })
    const none = await use.upload(NOTE, 'x.xlsx', { project: 'lawley', week: { isoYear: 2025, week: 53 } })
    expect(left(none)).toMatchObject({ type: 'FieldInvalid', field: 'week' })
  })

  it('of a file too large stops the reading', async () => {
    const use = importing(await storesOn('memory'))
    const small = { ...use.preview, limits: { ...use.preview.limits, packedBytes: 10 } }
    const received = await receiveReport(small)(
      (async function* () {
        yield NOTE
      })(),
    )()
    expect(left(received)).toMatchObject({ type: 'PayloadTooLarge', limitBytes: 10 })
  })

  it('that the database leaves in the middle leaves nothing but what is swept later', async () => {
    const stores = await storesOn('memory')
    const use = importing({ ...stores, reports: { ...stores.reports, keepLines: () => away } })
    expect(left(await use.upload(NOTE, 'Lawley WE251114.xlsx'))).toMatchObject({ type: 'Unavailable' })
    expect(await stores.keptRows()).toBe(0)
    expect(left(await use.commit({ ...MANAGER, role: 'qa' }, 'r', 1)())).toMatchObject({ type: 'NotAllowed' })
  })
})
