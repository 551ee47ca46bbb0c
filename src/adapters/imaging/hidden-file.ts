import type { PictureMime } from '../../domain/evidence/evidence.ts'

/** Beginnings of files that something else than a picture viewer would open; a phone's own trailers are none of them. */
const FOREIGN: ReadonlyArray<readonly [signature: string, found: string]> = [
  ['%PDF-', 'application/pdf'],
  ['PK\x03\x04', 'application/zip'],
  ['PK\x05\x06', 'application/zip'],
  ['Rar!\x1a\x07', 'application/x-rar-compressed'],
  ["7z\xbc\xaf'\x1c", 'application/x-7z-compressed'],
  ['\x7fELF', 'application/x-elf'],
  ['<!doctype', 'text/html'],
  ['<html', 'text/html'],
  ['<script', 'text/html'],
  ['<svg', 'image/svg+xml'],
  ['<?php', 'application/x-php'],
]

/** Readers of PDF look for its header in the first kilobyte. */
const HEAD = 1_024

/**
 * What other file a picture also is, or carries behind its end; null when it is a picture alone. Phones append films,
 * maps of depth and further pictures: those are left alone.
 */
export const hiddenFile = (bytes: Uint8Array, mime: PictureMime): string | null => {
  if (textOf(bytes.subarray(0, HEAD)).includes('%PDF-')) return 'application/pdf'
  const end = endOf(bytes, mime)
  if (end === null || end >= bytes.length) return null
  const trailer = textOf(bytes.subarray(end))
  return (
    FOREIGN.find(([signature]) => trailer.includes(signature) || trailer.toLowerCase().includes(signature))?.[1] ?? null
  )
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** Where the picture itself ends, in bytes from the start; null when it cannot be told. */
const endOf = (bytes: Uint8Array, mime: PictureMime): number | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (mime) {
    case 'image/jpeg':
      return endOfJpeg(view)
    case 'image/png':
      return endOfChunks(view, 8, (at) => 12 + view.getUint32(at), 'IEND')
    case 'image/webp':
      return view.byteLength < 8 ? null : 8 + view.getUint32(4, true)
    case 'image/heic':
      return endOfBoxes(view)
  }
}

/** Segments by their lengths, then the scan up to the marker that ends it: inside a scan an FF is always stuffed. */
const endOfJpeg = (view: DataView): number | null => {
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
    else at += 2 + view.getUint16(at + 2)
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
