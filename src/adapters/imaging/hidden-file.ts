import type { PictureMime } from '../../domain/evidence/evidence.ts'

/** Beginnings of files that something else than a picture viewer would open; a phone's own trailers are none of them. */
const BEGINNINGS: ReadonlyArray<readonly [beginning: string, found: string]> = [
  ['%PDF-', 'application/pdf'],
  ['PK\x03\x04', 'application/zip'],
  ['PK\x05\x06', 'application/zip'],
  ['\x7fELF', 'application/x-elf'],
  ['<!doctype', 'text/html'],
  ['<html', 'text/html'],
  ['<script', 'text/html'],
  ['<svg', 'image/svg+xml'],
  ['<?php', 'application/x-php'],
]

/** Long enough never to come by chance in megabytes of film: these are looked for anywhere outside the picture itself. */
const ANYWHERE: ReadonlyArray<readonly [words: RegExp, found: string]> = [
  [/<script[\s>]|<!doctype html/i, 'text/html'],
  [/<\?php\s/, 'application/x-php'],
]

/** Their readers look for these in the whole file. */
const ARCHIVES: ReadonlyArray<readonly [signature: string, found: string]> = [
  ['Rar!\x1a\x07', 'application/x-rar-compressed'],
  ["7z\xbc\xaf'\x1c\x00", 'application/x-7z-compressed'],
]

/** Readers of PDF look for its header in the first kilobyte; some look further, where the end mark follows it. */
const HEAD = 1_024

/**
 * What other file a picture also is, or carries in its segments or behind its end; null when it is a picture alone. Phones
 * append films, maps of depth and further pictures: those are left alone, so four bytes anywhere prove nothing.
 */
export const hiddenFile = (bytes: Uint8Array, mime: PictureMime): string | null => {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (whole.subarray(0, HEAD).includes('%PDF-') || hasPdf(whole)) return 'application/pdf'
  if (hasZip(whole)) return 'application/zip'
  const archive = ARCHIVES.find(([signature]) => whole.includes(signature, 0, 'latin1'))
  if (archive !== undefined) return archive[1]
  const segments: Buffer[] = []
  const end = endOf(whole, mime, (from, to) => segments.push(whole.subarray(from, to)))
  for (const segment of segments) {
    const text = segment.toString('latin1')
    const found = /%PDF-\d/.test(text) ? 'application/pdf' : foreignIn(text)
    if (found !== null) return found
  }
  return end === null || end >= whole.length ? null : foreignIn(whole.toString('latin1', end))
}

/** What a text is that begins, behind white space, as another file does; or has words in it that never come by chance. */
const foreignIn = (text: string): string | null => {
  const begun = text.slice(text.search(/[!-\xff]/)).slice(0, 16)
  return (
    BEGINNINGS.find(([one]) => begun.startsWith(one) || begun.toLowerCase().startsWith(one))?.[1] ??
    ANYWHERE.find(([words]) => words.test(text))?.[1] ??
    null
  )
}

const hasPdf = (whole: Buffer): boolean => {
  for (let at = whole.indexOf('%PDF-'); at !== -1; at = whole.indexOf('%PDF-', at + 1))
    if (/^[12]\.\d/.test(whole.toString('latin1', at + 5, at + 8))) return whole.includes('%%EOF', at)
  return false
}

/** Bytes of the record that ends a ZIP, without its comment; behind a large one's directory stands a locator. */
const ZIP_END = 22
const ZIP64_LOCATOR = 20

/** Whether there is an end record of a ZIP that tells where its directory is, or with its comment reaches the last byte. */
const hasZip = (whole: Buffer): boolean => {
  const says = (signature: string, at: number): boolean => at >= 0 && whole.toString('latin1', at, at + 4) === signature
  for (let at = whole.indexOf('PK\x05\x06'); at !== -1; at = whole.indexOf('PK\x05\x06', at + 1)) {
    if (at + ZIP_END > whole.length) return false
    const directory = 'PK\x01\x02'
    if (
      says(directory, at - whole.readUInt32LE(at + 12)) ||
      says(directory, whole.readUInt32LE(at + 16)) ||
      says('PK\x06\x07', at - ZIP64_LOCATOR) ||
      at + ZIP_END + whole.readUInt16LE(at + 20) === whole.length
    )
      return true
  }
  return false
}

type OnSegment = (from: number, to: number) => void

/** Where the picture itself ends, in bytes from the start; null when it cannot be told. */
const endOf = (bytes: Uint8Array, mime: PictureMime, onSegment: OnSegment): number | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (mime) {
    case 'image/jpeg':
      return endOfJpeg(view, onSegment)
    case 'image/png':
      return endOfChunks(view, 8, (at) => 12 + view.getUint32(at), 'IEND')
    case 'image/webp':
      return view.byteLength < 8 ? null : 8 + view.getUint32(4, true)
    case 'image/heic':
      return endOfBoxes(view)
  }
}

/** Of a JPEG: this and what the camera and others add hold any bytes. */
const COMMENT = 0xfe

/** Segments by their lengths, then the scan up to the marker that ends it: inside a scan an FF is always stuffed. */
const endOfJpeg = (view: DataView, onSegment: OnSegment): number | null => {
  let at = 2
  while (at + 4 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) {
      at += 1
      continue
    }
    const marker = view.getUint8(at + 1)
    if (marker === 0xd9) return at + 2
    if (marker === 0xff) at += 1
    else if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else {
      const next = at + 2 + view.getUint16(at + 2)
      if (marker === COMMENT || (marker >= 0xe0 && marker <= 0xef)) onSegment(at + 4, next)
      at = next
    }
  }
  return at + 2 <= view.byteLength && view.getUint16(at) === 0xffd9 ? at + 2 : null
}

const endOfChunks = (view: DataView, start: number, lengthAt: (at: number) => number, last: string): number | null => {
  let at = start
  while (at + 12 <= view.byteLength) {
    const next = at + lengthAt(at)
    if (nameAt(view, at + 4) === last) return next
    at = next
  }
  return null
}

const BOXES: ReadonlySet<string> = new Set(['ftyp', 'meta', 'mdat', 'moov', 'free', 'skip', 'uuid', 'idat', 'wide'])

const endOfBoxes = (view: DataView): number | null => {
  let at = 0
  while (at + 8 <= view.byteLength && BOXES.has(nameAt(view, at + 4))) {
    const length = view.getUint32(at)
    if (length === 0) return view.byteLength
    const long = length === 1 && at + 16 <= view.byteLength ? Number(view.getBigUint64(at + 8)) : length
    if (long < 8) return null
    at += long
  }
  return at
}

const nameAt = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3))
