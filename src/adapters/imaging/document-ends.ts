import { open } from 'node:fs/promises'
import type { StagedContent } from '../../application/ports/evidence-store.ts'

/** The end record of a ZIP is this long, and a comment of up to 65,535 bytes may follow it. */
const ZIP_END = 22
const TAIL = ZIP_END + 65_535
/** Readers of PDF look for its end mark in the last kilobyte. */
const PDF_END = 1_024

/** A document that stops before its end, or one whose end belongs to another file. */
export type WrongEnd = { readonly type: 'cut short' } | { readonly type: 'hides'; readonly found: string }

/** Looks at the last bytes of a PDF: nothing of it is opened here, so what it unpacks to never matters. */
export const wrongEndOfPdf = async (content: StagedContent): Promise<WrongEnd | null> => {
  const tail = await lastBytes(content)
  if (endsZip(tail)) return { type: 'hides', found: 'application/zip' }
  return tail.includes('%%EOF', Math.max(0, tail.length - PDF_END)) ? null : { type: 'cut short' }
}

/** Looks for the end record of a workbook's ZIP, which must end with the file. */
export const wrongEndOfWorkbook = async (content: StagedContent): Promise<WrongEnd | null> =>
  endsZip(await lastBytes(content)) ? null : { type: 'cut short' }

/** Whether a ZIP's end record with its comment reaches exactly to the last byte. */
const endsZip = (tail: Buffer): boolean => {
  for (let at = tail.lastIndexOf('PK\x05\x06'); at !== -1; at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1))
    if (at + ZIP_END <= tail.length && at + ZIP_END + tail.readUInt16LE(at + ZIP_END - 2) === tail.length) return true
  return false
}

const lastBytes = async (content: StagedContent): Promise<Buffer> => {
  if (content.type === 'bytes') return Buffer.from(content.bytes.subarray(-TAIL))
  const file = await open(content.path)
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, TAIL))
    const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length)
    return tail.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
