import { readSync } from 'node:fs'

const CHUNK = 1024 * 1024
const LINE_END = 10

/** A longer line is no line of a bundle. A snapshot is some ten kilobytes. */
const LONGEST_LINE = 64 * 1024 * 1024

/** A line with the place its successor starts at; null text where it is too long. */
export type FileLine = { readonly text: string | null; readonly next: number }

/** The lines that start in a range of an open file, read in large pieces; the memory used is that of the longest line. */
export function* linesOf(fd: number, start: number, end: number): Generator<FileLine> {
  const chunk = Buffer.allocUnsafe(CHUNK)
  let pieces: Buffer[] = []
  let held = 0
  let position = start
  let begun = false
  const take = (): string | null => {
    const text = held > LONGEST_LINE ? null : Buffer.concat(pieces).toString('utf8')
    pieces = []
    held = 0
    begun = false
    return text
  }
  while (position < end) {
    const read = readSync(fd, chunk, 0, Math.min(CHUNK, end - position), position)
    if (read === 0) break
    let from = 0
    for (let at = chunk.subarray(0, read).indexOf(LINE_END); at !== -1; ) {
      const piece = chunk.subarray(from, at)
      held += piece.length
      if (held <= LONGEST_LINE) pieces.push(piece)
      yield { text: take(), next: position + at + 1 }
      from = at + 1
      at = chunk.subarray(0, read).indexOf(LINE_END, from)
    }
    if (from < read) {
      begun = true
      held += read - from
      if (held <= LONGEST_LINE) pieces.push(Buffer.from(chunk.subarray(from, read)))
      else pieces = []
    }
    position += read
  }
  if (begun) yield { text: take(), next: position }
}

/** The first start of a line at or after a place. */
export const lineStartFrom = (fd: number, place: number, end: number): number => {
  const chunk = Buffer.allocUnsafe(CHUNK)
  for (let position = place - 1; position < end; ) {
    const read = readSync(fd, chunk, 0, Math.min(CHUNK, end - position), position)
    if (read === 0) break
    const at = chunk.subarray(0, read).indexOf(LINE_END)
    if (at !== -1) return position + at + 1
    position += read
  }
  return end
}
