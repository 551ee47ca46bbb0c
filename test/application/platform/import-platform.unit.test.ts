import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type ImportPlatform,
  importPlatform,
  uploadPlatform,
} from '../../../src/application/platform/import-platform.ts'
import type { WorkbookReader, WorkbookRefused } from '../../../src/application/ports/workbook-reader.ts'
import { DEFAULT_SETTINGS } from '../../../src/domain/settings/settings.ts'
import type { Cell } from '../../../src/domain/shared/sheet.ts'
import { changeDeps } from '../../support/change-deps.ts'
import { type OutsideStores, outsideInMemory } from '../../support/outside-stores.ts'
import { principal } from '../../support/principals.ts'
import { loaded, storedIn } from '../../support/ticket-copies.ts'
import { hldRows, qaRows, trackerRows } from '../../support/workbooks.ts'

const manager = principal('manager')
type Rows = ReadonlyArray<ReadonlyArray<Cell>>

/** A workbook of these sheets, handed over a few rows at a time. */
const workbookOf = (sheets: Readonly<Record<string, Rows>>): WorkbookReader => ({
  read:
    ({ sheet }, onRows) =>
    async () => {
      const name = sheet.type === 'named' ? sheet.name : ''
      const rows = sheets[name]
      if (rows === undefined) return E.left({ type: 'SheetNotFound', wanted: name, found: Object.keys(sheets) })
      for (const [at, cells] of rows.entries()) await onRows([{ sheet: name, row: at + 1, cells, faults: [] }])
      return E.right({ sheet: name, sheets: Object.keys(sheets), rows: rows.length })
    },
})
const refusing = (refused: WorkbookRefused): WorkbookReader => ({ read: () => TE.left(refused) })

describe('Importing what a platform says', () => {
  let stores: OutsideStores
  beforeEach(async () => {
    stores = await outsideInMemory()
    await stores.directory.save({
      projects: [{ id: 'lawley', code: 'LAW', name: 'Lawley', managerId: null, groupId: null }],
    })()
  })
  const request = (said: Partial<ImportPlatform> = {}): ImportPlatform => ({
    platform: 'sow',
    projectId: 'lawley',
    file: { path: '/nowhere.xlsx', name: 'Drops_Lawley.xlsx', sha256: 'a'.repeat(64) },
    signal: null,
    onRows: null,
    ...said,
  })
  const run = (workbooks: WorkbookReader, said: Partial<ImportPlatform> = {}, who = manager) =>
    importPlatform({ ...changeDeps(stores.tickets), ...stores, workbooks })(who, request(said))()

  it('the design brings every row, counts what is odd in it, and tells how far it has read', async () => {
    const heard: number[] = []
    const imported = await run(workbookOf({ HLD_Home: hldRows(100) }), { onRows: (rows) => heard.push(rows) })
    expect(imported).toMatchObject(
      E.right({
        sameFile: false,
        standing: {
          filename: 'Drops_Lawley.xlsx',
          carries: ['pole', 'pon', 'zone'],
          rowsRead: 96,
          rowsKept: 96,
          drops: 95,
          repeatedDrops: 1,
          problemCount: 0,
          importedBy: 'manager-1',
        },
      }),
    )
    expect(heard.at(-1)).toBe(97)
  })

  it('tracker and SharePoint sheets import by their own layouts; a field they do not carry is not compared', async () => {
    const book = workbookOf({ Tracker_Home: trackerRows(5), QA: qaRows(5) })
    expect(await run(book, { platform: 'tracker' })).toMatchObject(
      E.right({ standing: { carries: ['pole', 'pon', 'zone', 'ont_serial'], drops: 5 } }),
    )
    expect(await run(book, { platform: 'sharepoint' })).toMatchObject(
      E.right({ standing: { carries: ['pon', 'zone'], drops: 5 } }),
    )
    const context = await stores.tickets.context('lawley', 'DR1729500')()
    expect(context).toMatchObject(E.right({ installed: { day: '2025-06-02', source: 'tracker' } }))
  })

  it('the sheet, the header row and the headers are settings of the project', async () => {
    const { layouts } = DEFAULT_SETTINGS
    const sow = { ...layouts.sow, sheet: 'Drops', headerRow: 2, columns: { ...layouts.sow.columns, dr: ['Home'] } }
    await stores.projects.save(
      {
        projectId: 'lawley',
        version: 0,
        settings: { ...DEFAULT_SETTINGS, layouts: { ...layouts, sow } },
        by: 'x',
        at: '2026-03-02T08:00:00.000Z',
      },
      () => null,
    )()
    expect(
      await run(workbookOf({ Drops: [['Title'], ['Home', 'strtfeat'], ['DR1729500', 'LAW.P.A002']] })),
    ).toMatchObject(E.right({ standing: { drops: 1, carries: ['pole'] } }))
  })

  it('a row that cannot be used is counted and shown, and stops no other', async () => {
    const rows: Rows = [
      ['label', 'strtfeat', 'pon_no'],
      ['no drop', 'LAW.P.A002', 7],
      ['DR1729500', '??', 7],
      [null, 'LAW.P.A002', 7],
    ]
    expect(await run(workbookOf({ HLD_Home: rows }))).toMatchObject(
      E.right({
        standing: {
          rowsRead: 3,
          rowsKept: 1,
          problemCount: 3,
          problems: [
            { row: 2, field: 'dr', value: 'no drop' },
            { row: 3, field: 'pole', value: '??' },
            { row: 4, field: 'dr', value: '' },
          ],
        },
      }),
    )
  })

  it('of very many problems the first hundred are shown beside their number', async () => {
    const rows: Rows = [['label', 'strtfeat'], ...Array.from({ length: 150 }, (_, n) => [`DR${1_729_500 + n}`, '??'])]
    const imported = await run(workbookOf({ HLD_Home: rows }))
    expect(imported).toMatchObject(E.right({ standing: { problemCount: 150, problems: { length: 100 } } }))
  })

  it('the same file again is recognised before it is read', async () => {
    await run(workbookOf({ HLD_Home: hldRows(20) }))
    const again = await run(refusing({ type: 'ParseTimeout', timeMs: 1 }))
    expect(again).toMatchObject(E.right({ sameFile: true, standing: { rowsRead: 21 } }))
  })

  it('a pending ticket that the design now contradicts goes back to work', async () => {
    const pending = await storedIn(stores.tickets, 'pending_qa')
    expect(await run(workbookOf({ HLD_Home: hldRows(20) }))).toMatchObject(
      E.right({ standing: { touched: { rechecked: 1, fellBack: 1 } } }),
    )
    expect((await loaded(stores.tickets, pending)).ticket.status).toBe('in_progress')
  })

  it.each<readonly [string, Rows | null, string]>([
    ['a workbook without the sheet', null, 'SheetNotFound'],
    ['a sheet whose header does not name the drop', [['pole', 'pon']], 'NoSheetMatches'],
    [
      'a sheet without a single drop',
      [
        ['label', 'pon_no'],
        ['spare cable', 7],
      ],
      'FieldInvalid',
    ],
  ])('%s is refused by name and changes nothing', async (_, rows, type) => {
    expect(await run(workbookOf(rows === null ? { Other: [] } : { HLD_Home: rows }))).toMatchObject(E.left({ type }))
    expect(await stores.platforms.standing('lawley', 'sow')()).toEqual(E.right(null))
  })

  it('only those may import who may, and only for a project that is known', async () => {
    const book = workbookOf({ HLD_Home: hldRows(5) })
    expect(await run(book, {}, principal('qa_lead'))).toMatchObject(
      E.left({ type: 'NotAllowed', action: 'import_platforms' }),
    )
    expect(await run(book, { projectId: 'nowhere' })).toEqual(E.left({ type: 'ProjectUnknown', projectId: 'nowhere' }))
    expect(await run(book, {}, principal('service'))).toMatchObject(E.right({ sameFile: false }))
  })

  it('an uploaded workbook leaves no file behind, imported or refused', async () => {
    const files = new Set<string>()
    const reportFiles = {
      receive: (id: string) =>
        TE.fromIO(() => {
          files.add(id)
          return { id, path: `/${id}`, sha256: 'b'.repeat(64), size: 1 }
        }),
      discard: ({ id }: { readonly id: string }) => TE.fromIO(() => void files.delete(id)),
    }
    const upload = (workbooks: WorkbookReader, who = manager) =>
      uploadPlatform({ ...changeDeps(stores.tickets), ...stores, workbooks, reportFiles })(who, {
        platform: 'sow',
        projectId: 'lawley',
        filename: 'Drops.xlsx',
        content: (async function* () {})(),
        signal: null,
      })()
    expect(await upload(workbookOf({ HLD_Home: hldRows(5) }))).toMatchObject(
      E.right({ standing: { filename: 'Drops.xlsx' } }),
    )
    expect(await upload(refusing({ type: 'EncryptedWorkbook' }))).toMatchObject(E.right({ sameFile: true }))
    await run(workbookOf({ HLD_Home: hldRows(6) }))
    expect(await upload(refusing({ type: 'EncryptedWorkbook' }))).toEqual(E.left({ type: 'EncryptedWorkbook' }))
    expect(await upload(workbookOf({}), principal('viewer'))).toMatchObject(E.left({ type: 'NotAllowed' }))
    expect(files.size).toBe(0)
  })
})
