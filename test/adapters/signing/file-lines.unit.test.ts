import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lineStartFrom, linesOf } from '../../../src/adapters/signing/file-lines.ts'

const MIB = 1024 * 1024

describe('The lines of a bundle', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lines-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const reading = <A>(content: string | Uint8Array, read: (fd: number, size: number) => A): A => {
    const path = join(folder, 'bundle.jsonl')
    writeFileSync(path, content)
    const fd = openSync(path, 'r')
    try {
      return read(fd, Buffer.byteLength(content))
    } finally {
      closeSync(fd)
    }
  }
  const texts = (content: string | Uint8Array, from = 0, beyond = 0) =>
    reading(content, (fd, size) => [...linesOf(fd, from, size + beyond)].map(({ text }) => text))

  it('are read whole, the last one with or without its end, empty ones too', () => {
    expect(texts('one\ntwo\n')).toEqual(['one', 'two'])
    expect(texts('one\n\ntwo')).toEqual(['one', '', 'two'])
    expect(texts('')).toEqual([])
  })

  it('are read across the pieces that the file is read in', () => {
    const long = 'x'.repeat(2 * MIB + 5)
    expect(texts(`one\n${long}\ntwo\n`)).toEqual(['one', long, 'two'])
  })

  it('end where the file ends, although it was longer when it was asked', () => {
    expect(texts('one\ntwo\n', 0, 100)).toEqual(['one', 'two'])
    expect(texts('one\ntwo', 0, 100)).toEqual(['one', 'two'])
  })

  it('of up to 64 MiB are lines; a longer one is skipped and the next one read', () => {
    const most = 64 * MIB
    const lines = (length: number) =>
      reading(Buffer.concat([Buffer.alloc(length, 'x'), Buffer.from('\nnext\n')]), (fd, size) =>
        [...linesOf(fd, 0, size)].map(({ text, next }) => [text?.length ?? null, next]),
      )
    expect(lines(most)).toEqual([
      [most, most + 1],
      [4, most + 6],
    ])
    expect(lines(most + 1)).toEqual([
      [null, most + 2],
      [4, most + 7],
    ])
  })

  it('start after the next line end, or nowhere', () => {
    const start = (content: string, place: number, beyond = 0) =>
      reading(content, (fd, size) => lineStartFrom(fd, place, size + beyond))
    expect([1, 3, 4].map((place) => start('one\ntwo\n', place))).toEqual([4, 4, 4])
    expect(start('one\ntwo', 5)).toBe(7)
    expect(start('one\ntwo', 5, 100)).toBe(107)
    const long = `${'x'.repeat(MIB + 10)}\ntwo`
    expect(start(long, 1)).toBe(MIB + 11)
  })
})
