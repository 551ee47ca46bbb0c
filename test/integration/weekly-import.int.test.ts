import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exceljsWorkbookWriter } from '../../src/adapters/excel/workbook-writer.ts'
import type { Stored } from '../../src/application/ports/ticket-store.ts'
import type { Cell } from '../../src/domain/shared/sheet.ts'
import { describeOn } from '../support/databases.ts'
import {
  type ImportEngine,
  type ImportStores,
  importing,
  left,
  MANAGER,
  notesBook,
  right,
  storesOn,
} from '../support/importing.ts'
import { flatRows, hostile, notesRows } from '../support/workbooks.ts'

const DATA = '../shared/data'
const hasData = existsSync(`${DATA}/Lawley WE251114.xlsx`)
if (!hasData) console.warn(`The real reports are not in ${DATA}: only synthetic ones are imported.`)

const WEEK_46 = 'Lawley WE251114.xlsx'
const WEEK_47 = 'Lawley WE251121.xlsx'
const NOTE_1: ReadonlyArray<ReadonlyArray<Cell>> = [
  ['Note 1: lower than -26 dB'],
  ['Drop', 'Serial', 'ONT RX (dBm)', 'Team', 'Date'],
]
const item = (dr: string, rx = -27.5): ReadonlyArray<Cell> => [dr, 'ALCLB465A671', rx, 'law1', 45_974]
const noteOne = (...drs: ReadonlyArray<string>): Buffer => notesBook([...NOTE_1, ...drs.map((dr) => item(dr))])

const suite = (engine: ImportEngine): void => {
  let stores: ImportStores
  let use: ReturnType<typeof importing>
  beforeEach(async () => {
    stores = await storesOn(engine)
    use = importing(stores)
  })
  afterEach(() => stores.close())

  const ticket = async (id: string | null | undefined): Promise<Stored> => {
    const [stored] = right(await stores.tickets.load([id ?? ''])())
    if (stored === undefined) throw new Error('no such ticket')
    return stored
  }

  it('the 93 rows of a weekly report become tickets by their notes, and three are only watched', async () => {
    const previewed = right(await use.upload(notesBook(notesRows()), WEEK_46))
    expect(previewed).toMatchObject({
      already: false,
      report: {
        report_uid: 'WR2025-W46-LAWLEY',
        status: 'pending',
        total_rows: 93,
        project_id: 'lawley',
        week_number: 46,
      },
      fates: { create: 81, monitor: 12, joins_open: 0, unknown_drop: 0, duplicate_in_file: 0, invalid: 0 },
    })
    expect(await stores.ticketIds()).toEqual([])
    right(await use.commit(MANAGER, previewed.report.id, previewed.report.version)())
    await use.carryOut(previewed.report.id)
    const { report, fates } = right(await use.reads.one(MANAGER, previewed.report.id)())
    expect(report).toMatchObject({
      status: 'completed',
      imported_count: 81,
      skipped_count: 12,
      error_count: 0,
      done_count: 93,
    })
    expect(fates).toEqual(previewed.fates)
    expect(await stores.ticketIds()).toHaveLength(81)
    expect(use.trouble).toEqual([])
  })

  it('a ticket of note 1 holds the reported reading as the fault, never as the reading after the repair', async () => {
    const { report } = await use.imported(noteOne('DR1729500'), WEEK_46)
    const [line] = await use.linesOf(report.id)
    const { ticket: made, client } = await ticket(line?.ticket_id)
    expect(made).toMatchObject({
      type: 'maintenance',
      source: 'weekly_report',
      priority: 'high',
      status: 'open',
      weeklyNote: 1,
      paperwork: false,
      place: { dr: 'DR1729500', pole: null, pon: null, zone: null },
      equipment: { ontSerial: 'ALCLB465A671', ontRx: null },
      fault: { cause: 'unknown', confirmed: null },
      sourceCreatedAt: '2025-11-12T22:00:00.000Z',
      createdBy: 'mpho',
      owner: 'build',
    })
    expect(made.description).toContain('WR2025-W46-LAWLEY, row 3, note 1')
    expect(made.description).toContain('Reported ONT RX (dBm): -27.5')
    expect(made.sla.dueAt).not.toBeNull()
    expect(client).toBeNull()
  })

  it('notes 2 and 4 are paperwork: normal, internal, no cause asked, and a serial that does not match is not taken over', async () => {
    const { report } = await use.imported(
      notesBook([
        ['Note 2: No entry on Field App'],
        ['DR1729600', 'ALCLB465A671', 'law1', 'No entry'],
        ['Note 4: do not match'],
        ['Drop', 'ONT serial (OLT)', 'ONT serial (Field App)'],
        ['DR1729700', 'ALCLB465A672', 'ALCLB465A673'],
      ]),
      WEEK_46,
    )
    const [two, four] = await use.linesOf(report.id)
    for (const line of [two, four]) {
      const { ticket: made } = await ticket(line?.ticket_id)
      expect(made).toMatchObject({ paperwork: true, priority: 'normal', fault: { cause: null } })
      expect(made.guarantee).toMatchObject({ billing: 'internal', billable: false })
    }
    expect((await ticket(two?.ticket_id)).ticket.equipment.ontSerial).toBe('ALCLB465A671')
    expect((await ticket(four?.ticket_id)).ticket.equipment.ontSerial).toBeNull()
    expect((await ticket(four?.ticket_id)).ticket.description).toContain('ONT serial on the field app: ALCLB465A673')
  })

  it('a place comes from the design where exactly one row knows the drop; an unknown drop is a ticket, flagged', async () => {
    await stores.knowsDrops('lawley', [
      { dr: 'DR1729500', pole: 'LAW.P.A002', pon: '7', zone: '12', ontSerial: null, spare: false },
      { dr: 'DR1729501', pole: 'LAW.P.C175', pon: '110', zone: '10', ontSerial: null, spare: false },
      { dr: 'DR1729501', pole: 'LAW.P.C698', pon: '137', zone: '11', ontSerial: null, spare: false },
    ])
    const { report, fates } = await use.imported(noteOne('DR1729500', 'DR1729501', 'DR1799999'), WEEK_46)
    expect(fates).toMatchObject({ create: 2, unknown_drop: 1 })
    const places = await Promise.all(
      (await use.linesOf(report.id)).map(async (line) => (await ticket(line.ticket_id)).ticket.place),
    )
    expect(places).toEqual([
      { dr: 'DR1729500', pole: 'LAW.P.A002', pon: '7', zone: '12' },
      { dr: 'DR1729501', pole: null, pon: null, zone: null },
      { dr: 'DR1799999', pole: null, pon: null, zone: null },
    ])
    expect(report.imported_count).toBe(3)
  })

  it('the same file again is recognised and answers its report, committed or not', async () => {
    const file = noteOne('DR1729500')
    const first = right(await use.upload(file, WEEK_46))
    const again = right(await use.upload(file, WEEK_46))
    expect(again).toMatchObject({ already: true, report: { id: first.report.id, status: 'pending' } })
    expect(right(await use.upload(file, WEEK_46, { project: 'moh' })).already).toBe(false)
    expect(readdirSync(use.folder)).toHaveLength(2)
  })

  it('a report committed twice is carried out once, and says so', async () => {
    const { report } = right(await use.upload(noteOne('DR1729500'), WEEK_46))
    const [one, other] = await Promise.all([
      use.commit(MANAGER, report.id, report.version)(),
      use.commit(MANAGER, report.id, report.version)(),
    ])
    expect([right(one).already, right(other).already].toSorted()).toEqual([false, true])
    await Promise.all([use.carryOut(report.id), use.carryOut(report.id)])
    expect(await stores.ticketIds()).toHaveLength(1)
    expect((await stores.outbox()).filter(({ type }) => type === 'WeeklyReportCommitted')).toHaveLength(1)
    expect(right(await use.commit(MANAGER, report.id, 1)())).toMatchObject({ already: true })
    expect(left(await use.commit(MANAGER, 'b2f6a2a4-0000-4000-8000-000000000000', 1)()).type).toBe('NotFound')
  })

  it('a commit by an old version is refused while the report still waits', async () => {
    const { report } = right(await use.upload(noteOne('DR1729500'), WEEK_46))
    expect(left(await use.commit(MANAGER, report.id, 7)())).toMatchObject({ type: 'Stale', version: 1 })
  })

  it('next week the same rows join their open tickets, which are told and keep their facts', async () => {
    const first = await use.imported(noteOne('DR1729500', 'DR1729501'), WEEK_46)
    const before = await ticket((await use.linesOf(first.report.id))[0]?.ticket_id)
    const { report, fates } = await use.imported(
      notesBook([...NOTE_1, item('DR1729500', -29), item('DR1729501'), item('DR1729502')]),
      WEEK_47,
    )
    expect(fates).toMatchObject({ joins_open: 2, create: 1 })
    expect(report).toMatchObject({ report_uid: 'WR2025-W47-LAWLEY', imported_count: 1, skipped_count: 2 })
    const [joined] = await use.linesOf(report.id)
    expect(joined?.ticket_id).toBe(before.ticket.id)
    const after = await ticket(before.ticket.id)
    expect([after.ticket, after.version]).toEqual([before.ticket, before.version])
    expect(await stores.toldOn(before.ticket.id)).toEqual(['Reported again in WR2025-W47-LAWLEY, row 3, note 1.'])
  })

  it('a ticket opened between preview and commit is joined, whatever the preview said', async () => {
    const one = right(await use.upload(noteOne('DR1729500'), WEEK_46))
    const two = right(await use.upload(noteOne('DR1729500', 'DR1729501'), WEEK_47))
    expect(two.fates).toMatchObject({ create: 2 })
    for (const { report } of [one, two]) {
      right(await use.commit(MANAGER, report.id, report.version)())
      await use.carryOut(report.id)
    }
    expect(right(await use.reads.one(MANAGER, two.report.id)()).fates).toMatchObject({ create: 1, joins_open: 1 })
    expect(await stores.ticketIds()).toHaveLength(2)
  })

  it('two reports with the same rows at the same moment make each ticket once', async () => {
    const drs = Array.from({ length: 20 }, (_, n) => `DR${1_729_500 + n}`)
    const one = right(await use.upload(noteOne(...drs), WEEK_46))
    const two = right(await use.upload(noteOne(...drs.toReversed()), WEEK_47))
    const slowly = importing(stores, { chunk: 3 })
    for (const { report } of [one, two]) right(await use.commit(MANAGER, report.id, report.version)())
    await Promise.all([slowly.carryOut(one.report.id), slowly.carryOut(two.report.id)])
    expect(await stores.ticketIds()).toHaveLength(20)
    const fates = await Promise.all(
      [one, two].map(async ({ report }) => right(await use.reads.one(MANAGER, report.id)()).fates),
    )
    expect(fates.map(({ create }) => create).reduce((a, b) => a + b)).toBe(20)
    expect(fates.map(({ joins_open }) => joins_open).reduce((a, b) => a + b)).toBe(20)
    expect([...use.trouble, ...slowly.trouble]).toEqual([])
  })

  it('the flat layout keeps ticket number, client and place; the client stands apart and is read by nobody in the report', async () => {
    const rows: ReadonlyArray<ReadonlyArray<Cell>> = [
      [
        'Ticket No',
        'DR Number',
        'Fault Description',
        'Priority',
        'Client',
        'Contact',
        'Address',
        'Zone',
        'PON',
        'Pole',
      ],
      [
        'FT406000',
        'DR1729500',
        'No link light',
        'Urgent',
        'Nomsa Dlamini',
        '0821234567',
        '1 Main Rd',
        3,
        7,
        'LAW.P.A002',
      ],
      ['FT406001', 'DR1729501', 'ONT offline', 'Low', 'Pieter', 'pieter@example.org', null, null, null, null],
    ]
    const { report } = await use.imported(notesBook(rows), 'flat.xlsx', {
      project: 'LAWLEY',
      week: { isoYear: 2025, week: 46 },
    })
    expect(report).toMatchObject({ layout: 'flat', report_date: '2025-11-16', report_uid: 'WR2025-W46-LAWLEY' })
    const lines = await use.linesOf(report.id)
    const [first, second] = await Promise.all(lines.map((line) => ticket(line.ticket_id)))
    expect(first).toMatchObject({
      client: { name: 'Nomsa Dlamini', phone: '0821234567', email: null },
      ticket: {
        externalId: 'FT406000',
        priority: 'urgent',
        weeklyNote: null,
        address: '1 Main Rd',
        place: { dr: 'DR1729500', pole: 'LAW.P.A002', pon: '7', zone: '3' },
      },
    })
    expect(second?.client).toEqual({ name: 'Pieter', phone: null, email: 'pieter@example.org' })
    const elsewhere = JSON.stringify([
      report,
      lines,
      first?.ticket.title,
      first?.ticket.description,
      await stores.outbox(),
    ])
    for (const personal of ['Nomsa', '0821234567', 'Main Rd', 'Pieter']) expect(elsewhere).not.toContain(personal)
    if (stores.pool !== null) {
      const { rows: kept } = await stores.pool.query('select line, personal from weekly_report_rows')
      expect(JSON.stringify(kept)).not.toContain('Nomsa')
    }
  })

  it('a flat row joins the open ticket that has its number, whoever made it', async () => {
    const first = await use.imported(notesBook(flatRows(1)), WEEK_46)
    const [line] = await use.linesOf(first.report.id)
    const { ticket: made } = await ticket(line?.ticket_id)
    const again = await use.imported(
      notesBook([
        ['Ticket No', 'DR Number', 'Fault Description'],
        [made.externalId, 'DR1729500', 'told otherwise'],
        [made.uid, 'DR1729500', 'by our own number'],
      ]),
      WEEK_47,
    )
    expect(again.fates).toMatchObject({ joins_open: 2, create: 0 })
    expect((await use.linesOf(again.report.id)).map(({ ticket_uid }) => ticket_uid)).toEqual([made.uid, made.uid])
  })

  it('further files of a week are numbered and linked to the first', async () => {
    const uploads = await Promise.all(
      ['DR1729500', 'DR1729501', 'DR1729502', 'DR1729503'].map((dr) => use.upload(noteOne(dr), WEEK_46)),
    )
    const reports = uploads.map((upload) => right(upload).report)
    expect(reports.map(({ report_uid }) => report_uid).toSorted()).toEqual([
      'WR2025-W46-LAWLEY',
      'WR2025-W46-LAWLEY-2',
      'WR2025-W46-LAWLEY-3',
      'WR2025-W46-LAWLEY-4',
    ])
    const first = reports.find(({ report_uid }) => report_uid === 'WR2025-W46-LAWLEY')
    for (const report of reports) expect(report.first_report_id).toBe(report.id === first?.id ? null : first?.id)
  })

  it('the same file uploaded twice at the same moment is one report', async () => {
    const file = noteOne('DR1729500')
    const both = await Promise.all([use.upload(file, WEEK_46), use.upload(file, WEEK_46)])
    expect(new Set(both.map((upload) => right(upload).report.id)).size).toBe(1)
    expect(readdirSync(use.folder)).toHaveLength(1)
    expect(await stores.keptRows()).toBe(1)
  })

  it('rejected rows come back as a workbook to correct, and the corrected ones are imported', async () => {
    const { report } = await use.imported(
      notesBook([...NOTE_1, item('DR1729500'), ['DR12', 'ALCLB465A671', -28, 'law1', 45_974], ['=cmd|calc', 'x']]),
      WEEK_46,
    )
    expect(report).toMatchObject({ imported_count: 1, error_count: 2, status: 'completed' })
    expect(report.errors).toHaveLength(2)
    expect(report.errors[0]?.row).toBe(4)
    const rejected = right(await use.reads.rejected(MANAGER, report.id)())
    const corrected = rejected.rows.map((row) => row.map((cell) => (cell === 'DR12' ? 'DR1729512' : cell)))
    const asWritten = async (rows: typeof rejected.rows): Promise<Buffer> => {
      const to = new PassThrough()
      const [written] = await Promise.all([buffer(to), exceljsWorkbookWriter.write(rejected.sheet, rows, to)()])
      return written
    }
    const again = await use.imported(await asWritten(corrected), WEEK_46)
    expect(again.report).toMatchObject({ report_uid: 'WR2025-W46-LAWLEY-2', imported_count: 1, error_count: 1 })
    const [line] = await use.linesOf(again.report.id)
    expect(line).toMatchObject({ dr_number: 'DR1729512', note: 1, fate: 'create' })
  })

  it('one row that cannot be stored is rejected and the others go on', async () => {
    const { report } = right(await use.upload(noteOne('DR1729500', 'DR1729501', 'DR1729502'), WEEK_46))
    right(await use.commit(MANAGER, report.id, report.version)())
    const broken = importing({
      ...stores,
      reports: {
        ...stores.reports,
        work: (id, size, now, decide) =>
          stores.reports.work(id, size, now, (batch) => {
            const decided = decide(batch)
            if (decided.creations.some(({ ticket: made }) => made.place.dr === 'DR1729501'))
              throw new Error('a bad row')
            return decided
          }),
      },
    })
    await broken.carryOut(report.id)
    expect(right(await use.reads.one(MANAGER, report.id)()).report).toMatchObject({
      status: 'completed',
      imported_count: 2,
      error_count: 1,
      errors: [{ row: 4, reason: 'it could not be stored; the log says why' }],
    })
    expect(broken.trouble).toHaveLength(1)
  })

  it.each(Object.entries(hostile))('%s is refused by name and leaves nothing behind', async (_, make) => {
    const refused = left(await use.upload(make(), WEEK_46))
    expect(['NotAWorkbook', 'EncryptedWorkbook', 'WorkbookTooLarge', 'CorruptWorkbook', 'StrictOpenXml']).toContain(
      (refused as { type: string }).type,
    )
    expect([readdirSync(use.folder), await stores.keptRows()]).toEqual([[], 0])
  })

  it.each([
    ['a header and no row', [['DR Number', 'Fault', 'Zone']]],
    ['sections and no row', [['Note 1: new faults'], ['DR Number', 'Fault'], ['Note 2: monitored']]],
  ])('a workbook with %s is refused, leaves nothing and takes no number', async (_, rows) => {
    expect(left(await use.upload(notesBook(rows), WEEK_46))).toEqual({
      type: 'FieldInvalid',
      field: 'file',
      rule: 'a weekly report with at least one row below its headers',
      value: WEEK_46,
    })
    expect([readdirSync(use.folder), await stores.keptRows()]).toEqual([[], 0])
    const { report } = right(await use.upload(noteOne('DR1729500'), WEEK_46))
    expect(report.report_uid).toBe('WR2025-W46-LAWLEY')
  })

  it('a workbook without a section or a header, one too large, and one nobody can place are refused and leave nothing', async () => {
    const nothing = notesBook([['Dear all,'], ['see you on Monday']])
    expect(left(await use.upload(nothing, WEEK_46))).toMatchObject({ type: 'NothingRecognised' })
    const small = importing(stores, { folder: use.folder })
    const tooLarge = { ...small.preview, limits: { ...small.preview.limits, rows: 2 } }
    expect(tooLarge.limits.rows).toBe(2)
    expect(left(await use.upload(noteOne('DR1729500'), 'Nowhere WE251114.xlsx'))).toMatchObject({
      type: 'ProjectUnknown',
    })
    expect(left(await use.upload(noteOne('DR1729500'), 'report.xlsx'))).toMatchObject({
      type: 'FieldInvalid',
      field: 'project_id',
    })
    expect(left(await use.upload(noteOne('DR1729500'), 'report.xlsx', { project: 'lawley' }))).toMatchObject({
      type: 'FieldInvalid',
      field: 'report_date',
    })
    expect(
      left(
        await use.upload(noteOne('DR1729500'), WEEK_46, {
          week: { isoYear: 2025, week: 40 },
          reportDate: '2025-11-14',
        }),
      ),
    ).toMatchObject({ type: 'FieldInvalid', field: 'week' })
    expect(left(await use.upload(noteOne('DR1729500'), WEEK_46, {}, { ...MANAGER, role: 'technician' }))).toMatchObject(
      { type: 'NotAllowed', action: 'import_reports' },
    )
    expect([readdirSync(use.folder), await stores.keptRows()]).toEqual([[], 0])
  })

  it('descriptions of a page and escaped control characters do not stop an import', async () => {
    const long = 'x'.repeat(20_000)
    const { report } = await use.imported(
      notesBook([
        ['DR Number', 'Fault Description', 'Team'],
        ['DR1729500', `${long}1`, 'a_x0000_b'],
        ['DR1729500', `${long}2`, null],
      ]),
      WEEK_46,
    )
    expect(report).toMatchObject({ imported_count: 2, error_count: 0 })
    expect(use.trouble).toEqual([])
  })

  describe.skipIf(!hasData)('the real reports', () => {
    it.each([
      ['Lawley WE251114.xlsx', 'notes', 81, 12],
      ['weekly-flat-2025-W46.xlsx', 'flat', 93, 0],
    ] as const)('%s', async (name, layout, created, watched) => {
      const { report, fates } = await use.imported(readFileSync(`${DATA}/${name}`), name, {
        project: 'lawley',
        reportDate: '2025-11-14',
      })
      expect(report).toMatchObject({ layout, total_rows: 93, status: 'completed', imported_count: created })
      expect(fates).toMatchObject({ create: created, monitor: watched, invalid: 0, duplicate_in_file: 0 })
      expect(await stores.ticketIds()).toHaveLength(created)
    })
  })

  it('progress is told as it changes and ends with the report', async () => {
    const { report } = right(await use.upload(notesBook(notesRows()), WEEK_46))
    const watching = new AbortController()
    const progress = right(await use.reads.progress(MANAGER, report.id, watching.signal)())
    right(await use.commit(MANAGER, report.id, report.version)())
    const told: Array<readonly [string, number]> = []
    const listening = (async () => {
      for await (const now of progress) told.push([now.status, now.done_count])
    })()
    await importing(stores, { chunk: 20 }).carryOut(report.id)
    await listening
    expect(told[0]?.[0]).toMatch(/pending|processing/)
    expect(told.at(-1)).toEqual(['completed', 93])
    expect(
      left(await use.reads.progress({ ...MANAGER, role: 'technician' }, report.id, watching.signal)()),
    ).toMatchObject({
      type: 'NotAllowed',
    })
  })

  it('a listener who goes away stops the looking', async () => {
    const { report } = right(await use.upload(noteOne('DR1729500'), WEEK_46))
    const watching = new AbortController()
    const progress = right(await use.reads.progress(MANAGER, report.id, watching.signal)())
    const seen: string[] = []
    setTimeout(() => watching.abort(), 50)
    for await (const now of progress) seen.push(now.status)
    expect(seen).toEqual(['pending'])
  })

  it('an import that was stopped goes on where it ended', async () => {
    const { report } = right(await use.upload(notesBook(notesRows()), WEEK_46))
    right(await use.commit(MANAGER, report.id, report.version)())
    const stop = new AbortController()
    const slow = importing(
      {
        ...stores,
        reports: {
          ...stores.reports,
          work: (id, size, now, decide) => async () => {
            const worked = await stores.reports.work(id, size, now, decide)()
            if (E.isRight(worked) && worked.right.left < 60) stop.abort()
            return worked
          },
        },
      },
      { chunk: 10 },
    )
    await expect(slow.carryOut(report.id, stop.signal)).rejects.toThrow()
    expect(right(await use.reads.one(MANAGER, report.id)()).report).toMatchObject({
      status: 'processing',
      done_count: 40,
    })
    await use.carryOut(report.id)
    expect(right(await use.reads.one(MANAGER, report.id)()).report).toMatchObject({
      status: 'completed',
      imported_count: 81,
    })
    expect(await stores.ticketIds()).toHaveLength(81)
  })
}

describe('A weekly import in memory', () => suite('memory'))
for (const engine of ['postgres', 'pglite'] as const) describeOn(engine, 'A weekly import', () => suite(engine))
