import { createWriteStream } from 'node:fs'
import { PassThrough, Writable } from 'node:stream'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { guarded } from '../../src/adapters/excel/formula-guard.ts'
import { exceljsWorkbookWriter } from '../../src/adapters/excel/workbook-writer.ts'
import type { Cell } from '../../src/domain/shared/sheet.ts'
import { readRowsHere } from '../support/read-rows.ts'
import { notesRows, saved, sheetRows } from '../support/workbooks.ts'

const written = async (rows: ReadonlyArray<ReadonlyArray<Cell>>): Promise<string> => {
  const path = saved('')
  expect(await exceljsWorkbookWriter.write('Notes', rows, createWriteStream(path))()).toEqual(E.right(rows.length))
  return path
}

describe('a workbook that is written', () => {
  it('reads back as it was, numbers and dates included', async () => {
    const read = await readRowsHere(
      await written([...notesRows(), [{ wallClock: '2025-11-14T13:30:00' }, true, -26.5, '007']]),
    )
    const expected = [
      ...sheetRows(notesRows()).map(({ cells }) => cells),
      [{ wallClock: '2025-11-14T13:30:00' }, true, -26.5, '007'],
    ]
    expect(E.isRight(read) && read.right.found.map(({ cells }) => cells)).toEqual(expected)
  })

  it.each(['=1+1', '+27820000000', '-28.5 dBm', '@SUM(A1)', '\tx', '\rx', ' =HYPERLINK("x")', '＝1'])(
    'never lets %j run as a formula',
    (text) => {
      expect(guarded(text)).toBe(`'${text}`)
    },
  )

  it('leaves other text and all numbers alone', async () => {
    expect(guarded('DR1729500')).toBe('DR1729500')
    const read = await readRowsHere(await written([['=1+1', '-28.5 dBm', "O'Brien", "'quoted'", -28.5]]))
    expect(E.isRight(read) && read.right.found[0]?.cells).toEqual(['=1+1', '-28.5 dBm', "O'Brien", "'quoted'", -28.5])
  })

  it('of ten thousand rows lets the server breathe', async () => {
    let turns = 0
    const ticking = setInterval(() => {
      turns += 1
    }, 1)
    const rows = Array.from({ length: 10_000 }, (_, n) => [`DR${1_000_000 + n}`, n])
    const path = await written(rows)
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(10)
    const read = await readRowsHere(path)
    expect(E.isRight(read) && read.right.rows).toBe(10_000)
  })

  it('to someone who went away is reported, not waited for', async () => {
    const gone = new PassThrough()
    gone.destroy()
    expect(await exceljsWorkbookWriter.write('Notes', notesRows(), gone)()).toMatchObject(
      E.left({ type: 'WorkbookNotWritten' }),
    )
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) })
    expect(await exceljsWorkbookWriter.write('Notes', notesRows(), broken)()).toEqual(
      E.left({ type: 'WorkbookNotWritten', reason: 'disk full' }),
    )
  })
})
