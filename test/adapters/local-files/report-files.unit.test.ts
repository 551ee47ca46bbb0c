import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localReportFiles } from '../../../src/adapters/local-files/report-files.ts'

const ID = '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a001'
const OTHER = '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a002'
const NOON = '2026-03-02T12:00:00.000Z'

async function* sent(...pieces: ReadonlyArray<string>) {
  for (const piece of pieces) yield Buffer.from(piece)
}
async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0)
  throw new Error('the connection was reset')
}

describe('The workbook of a weekly report', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reports-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const files = () => localReportFiles(folder)

  it('is half received until it is kept under its id, and gone when it is discarded', async () => {
    const received = await files().receive(ID, sent('a ', 'workbook'), 10)()
    expect(received).toMatchObject(E.right({ id: ID, size: 10 }))
    if (E.isLeft(received)) throw new Error(received.left.type)
    expect(readdirSync(folder)).toEqual([`${ID}.part`])
    expect(await files().keep(received.right)()).toEqual(E.right(`reports/${ID}.xlsx`))
    expect(readdirSync(folder)).toEqual([`${ID}.xlsx`])
    expect(await files().discard(received.right)()).toEqual(E.right(undefined))
    expect(await files().discard(received.right)()).toEqual(E.right(undefined))
    expect(readdirSync(folder)).toEqual([])
  })

  it('is refused when it is too large or breaks off, and leaves nothing', async () => {
    expect(await files().receive(ID, sent('a ', 'workbook'), 9)()).toMatchObject(E.left({ type: 'PayloadTooLarge' }))
    expect(await files().receive(ID, brokenOff(), 9)()).toEqual(E.left({ type: 'UploadInterrupted' }))
    expect(readdirSync(folder)).toEqual([])
  })

  it('that cannot be kept is an answer of the storage', async () => {
    const gone = { id: ID, path: join(folder, `${ID}.part`), sha256: '', size: 0 }
    expect(await files().keep(gone)()).toEqual(E.left({ type: 'StorageUnavailable', reason: 'ENOENT' }))
  })

  it('is named by a UUID, never by a path', async () => {
    const receive = () => files().receive('../../etc/passwd', sent('x'), 10)()
    await expect(Promise.resolve().then(receive)).rejects.toThrow('named by a UUID')
    expect(existsSync(join(folder, '../../etc/passwd.part'))).toBe(false)
  })

  it('that was half received and then left is swept once it is old; whole ones and young ones stay', async () => {
    const at = (name: string, moment: string): void => {
      writeFileSync(join(folder, name), 'x')
      utimesSync(join(folder, name), new Date(moment), new Date(moment))
    }
    at(`${ID}.part`, '2026-03-02T11:59:59.000Z')
    at(`${OTHER}.part`, NOON)
    at(`${ID}.xlsx`, '2026-03-01T00:00:00.000Z')
    expect(await files().sweep(NOON)()).toEqual(E.right(1))
    expect(readdirSync(folder).toSorted()).toEqual([`${ID}.xlsx`, `${OTHER}.part`])
  })
})
