import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { childProcessWorkbookReader } from '../../src/adapters/excel/workbook-reader.ts'
import type { WorkbookLimits } from '../../src/application/ports/workbook-reader.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../../src/application/ports/workbook-reader.ts'
import type { SheetRow } from '../../src/domain/shared/sheet.ts'
import { readRowsHere } from '../support/read-rows.ts'
import { flatRows, hostile, notesRows, saved, xlsx } from '../support/workbooks.ts'

const reader = childProcessWorkbookReader()

const read = async (path: string, limits: Partial<WorkbookLimits> = {}, signal: AbortSignal | null = null) => {
  const found: SheetRow[] = []
  const answer = await reader.read(
    { path, sheet: { type: 'first' }, limits: { ...DEFAULT_WORKBOOK_LIMITS, ...limits }, signal },
    (rows) => {
      found.push(...rows)
    },
  )()
  return { answer, found }
}

describe('a workbook read outside this process', () => {
  it('gives the rows that reading it here gives, in order', async () => {
    const path = saved(xlsx([{ name: 'Notes', rows: notesRows() }]))
    const here = await readRowsHere(path)
    const { answer, found } = await read(path)
    expect(answer).toEqual(E.right({ sheet: 'Notes', sheets: ['Notes'], rows: 102 }))
    expect(found).toEqual(E.isRight(here) && here.right.found)
  })

  it('is refused by name, like here', async () => {
    expect((await read(saved(hostile.encrypted()))).answer).toEqual(E.left({ type: 'EncryptedWorkbook' }))
    expect((await read('/nowhere/at/all.xlsx')).answer).toMatchObject(E.left({ type: 'CorruptWorkbook' }))
  })

  it('waits with the next batch until this one is dealt with', async () => {
    const path = saved(xlsx([{ name: 'Notes', rows: flatRows(2_000) }]))
    let busy = 0
    let most = 0
    let batches = 0
    const answer = await reader.read(
      { path, sheet: { type: 'first' }, limits: { ...DEFAULT_WORKBOOK_LIMITS, timeMs: 5_000 }, signal: null },
      async (rows) => {
        busy += 1
        batches += 1
        most = Math.max(most, busy)
        expect(rows.length).toBeLessThan(1_000)
        await new Promise((done) => setTimeout(done, 5))
        busy -= 1
      },
    )()
    expect(answer).toMatchObject(E.right({ rows: 2_001 }))
    expect([most, batches > 3]).toEqual([1, true])
  })

  it('that takes too long is given up, and its process with it; time the reader of rows takes is not counted', async () => {
    const path = saved(xlsx([{ name: 'Notes', rows: flatRows(20_000) }]))
    expect((await read(path, { timeMs: 20 })).answer).toEqual(E.left({ type: 'ParseTimeout', timeMs: 20 }))
    let held = false
    const slow = await reader.read(
      {
        path: saved(xlsx([{ name: 'Notes', rows: notesRows() }])),
        sheet: { type: 'first' },
        limits: { ...DEFAULT_WORKBOOK_LIMITS, timeMs: 2_500 },
        signal: null,
      },
      async () => {
        held = true
        await new Promise((done) => setTimeout(done, 3_000))
      },
    )()
    expect([held, slow._tag]).toEqual([true, 'Right'])
  })

  it('that needs too much memory is too large, and this process lives', async () => {
    const rows = Array.from({ length: 60_000 }, (_, n) =>
      Array.from({ length: 10 }, (__, c) => `text ${n} ${c} ${'x'.repeat(40)}`),
    )
    const { answer } = await read(saved(xlsx([{ name: 'Notes', rows }])), { memoryMiB: 24 })
    expect(answer).toEqual(E.left({ type: 'WorkbookTooLarge', limit: 'memoryMiB', max: 24, actual: 24 }))
  })

  it('is stopped on request, before it starts or while it runs', async () => {
    const path = saved(xlsx([{ name: 'Notes', rows: flatRows(20_000) }]))
    expect((await read(path, {}, AbortSignal.abort())).answer).toEqual(E.left({ type: 'ParseStopped' }))
    const stop = new AbortController()
    const answer = await reader.read(
      { path, sheet: { type: 'first' }, limits: DEFAULT_WORKBOOK_LIMITS, signal: stop.signal },
      () => stop.abort(),
    )()
    expect(answer).toEqual(E.left({ type: 'ParseStopped' }))
  })

  it('passes on what its reader throws: that is a bug, not a bad file', async () => {
    const path = saved(xlsx([{ name: 'Notes', rows: notesRows() }]))
    const reading = reader.read(
      { path, sheet: { type: 'first' }, limits: DEFAULT_WORKBOOK_LIMITS, signal: null },
      () => {
        throw new Error('a bug')
      },
    )
    await expect(reading()).rejects.toThrow('a bug')
  })

  it('takes its turn: of six at once all are read, two at a time', async () => {
    const path = saved(xlsx([{ name: 'Notes', rows: notesRows() }]))
    const answers = await Promise.all(Array.from({ length: 6 }, () => read(path)))
    expect(answers.map(({ found }) => found.length)).toEqual([102, 102, 102, 102, 102, 102])
  })
})
