import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import yauzl from 'yauzl'
import type { WorkbookLimits } from '../../application/ports/workbook-reader.ts'
import { refusal } from './refusal.ts'

const ZIP = Buffer.from('504b0304', 'hex')
const COMPOUND_FILE = Buffer.from('d0cf11e0a1b11ae1', 'hex')

/** The parts of a workbook, by name; only those of the central directory exist. */
export type Parts = {
  readonly names: ReadonlyArray<string>
  readonly open: (name: string) => Promise<Readable>
  readonly close: () => void
}

const firstBytes = async (path: string, count: number): Promise<Buffer> => {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Excel keeps an encrypted workbook, and every .xls of before 2007, in the same kind of container. */
const compoundFile = async (path: string, size: number): Promise<Error> => {
  const content = await firstBytes(path, size)
  const oldExcel = ['Workbook', 'Book'].some((stream) => content.includes(Buffer.from(`${stream}\0`, 'utf16le')))
  return oldExcel && !content.includes(Buffer.from('EncryptedPackage', 'utf16le'))
    ? refusal({ type: 'NotAWorkbook', found: 'a workbook of Excel 97-2003 (.xls)' })
    : refusal({ type: 'EncryptedWorkbook' })
}

const kindOf = (start: Buffer): string => {
  if (start.length === 0) return 'an empty file'
  if (start.subarray(0, 4).equals(Buffer.from('%PDF'))) return 'a PDF'
  return /^[\t\r\n\x20-\x7e]*$/.test(start.toString('latin1')) ? 'a text file' : 'another kind of file'
}

const entriesOf = async (zip: yauzl.ZipFile, limits: WorkbookLimits): Promise<ReadonlyMap<string, yauzl.Entry>> => {
  if (zip.entryCount > limits.entries)
    throw refusal({ type: 'WorkbookTooLarge', limit: 'entries', max: limits.entries, actual: zip.entryCount })
  const entries = new Map<string, yauzl.Entry>()
  for await (const entry of zip.eachEntry()) {
    if (entry.isEncrypted()) throw refusal({ type: 'EncryptedWorkbook' })
    if (entries.has(entry.fileName)) throw refusal({ type: 'CorruptWorkbook', reason: 'two parts have the same name' })
    entries.set(entry.fileName, entry)
  }
  return entries
}

/** Unpacks every part once and counts: declared sizes are not believed. */
const countUnpacked = async (
  zip: yauzl.ZipFile,
  entries: Iterable<yauzl.Entry>,
  packed: number,
  limits: WorkbookLimits,
): Promise<void> => {
  let unpacked = 0
  for (const entry of entries) {
    const stream = await zip.openReadStreamPromise(entry)
    for await (const chunk of stream) {
      unpacked += (chunk as Buffer).length
      if (unpacked > limits.unpackedBytes)
        throw refusal({ type: 'WorkbookTooLarge', limit: 'unpackedBytes', max: limits.unpackedBytes, actual: unpacked })
      if (unpacked > packed * limits.ratio)
        throw refusal({
          type: 'WorkbookTooLarge',
          limit: 'ratio',
          max: limits.ratio,
          actual: Math.ceil(unpacked / packed),
        })
    }
  }
}

/** Opens a workbook that keeps the limits; refuses everything else before a byte of XML is read. */
export const openGuarded = async (path: string, limits: WorkbookLimits): Promise<Parts> => {
  const { size } = await stat(path)
  if (size > limits.packedBytes)
    throw refusal({ type: 'WorkbookTooLarge', limit: 'packedBytes', max: limits.packedBytes, actual: size })
  const start = await firstBytes(path, 64)
  if (start.subarray(0, 8).equals(COMPOUND_FILE)) throw await compoundFile(path, size)
  if (!start.subarray(0, 4).equals(ZIP)) throw refusal({ type: 'NotAWorkbook', found: kindOf(start) })
  const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false })
  try {
    const entries = await entriesOf(zip, limits)
    if (!entries.has('[Content_Types].xml')) throw refusal({ type: 'NotAWorkbook', found: 'a zip archive' })
    await countUnpacked(zip, entries.values(), size, limits)
    return {
      names: [...entries.keys()],
      open: async (name) => {
        const entry = entries.get(name)
        if (entry === undefined) throw refusal({ type: 'CorruptWorkbook', reason: `its part ${name} is missing` })
        return zip.openReadStreamPromise(entry)
      },
      close: () => zip.close(),
    }
  } catch (cause) {
    zip.close()
    throw cause
  }
}
