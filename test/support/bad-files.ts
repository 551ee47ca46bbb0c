import { crc32, deflateSync } from 'node:zlib'

const u32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(n)
  return bytes
}
const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255])

/** Bytes as even as a film's, the same for the same seed. */
export const noise = (seed: number, size: number): Buffer => {
  const bytes = Buffer.alloc(size)
  let state = (seed | 0) === 0 ? 1 : seed | 0
  for (let at = 0; at + 4 <= size; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeInt32LE(state, at)
  }
  return bytes
}

type Chunk = readonly [name: string, content: Buffer]
const chunk = ([name, content]: Chunk): Buffer => {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
  return Buffer.concat([u32(content.length), named, u32(crc32(named))])
}

/** A PNG that says of itself what it likes, whatever its body unpacks to, with further chunks before the body. */
export const pngOf = (width: number, height: number, body: Buffer, others: ReadonlyArray<Chunk> = []): Buffer =>
  Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk(['IHDR', Buffer.concat([u32(width), u32(height), Buffer.from([8, 2, 0, 0, 0])])]),
    ...others.map(chunk),
    chunk(['IDAT', body]),
    chunk(['IEND', Buffer.alloc(0)]),
  ])

/** A chunk of text that unpacks to so many bytes. */
export const textBomb = (bytes: number): Chunk => [
  'zTXt',
  Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.alloc(bytes), { level: 9 })]),
]

/** The same JPEG with other sides in its header. */
export const claiming = (picture: Buffer, width: number, height: number): Buffer => {
  const copy = Buffer.from(picture)
  let at = 2
  while (copy[at] === 0xff && copy[at + 1] !== 0xc0 && copy[at + 1] !== 0xc2) at += 2 + copy.readUInt16BE(at + 2)
  copy.writeUInt16BE(height, at + 5)
  copy.writeUInt16BE(width, at + 7)
  return copy
}

/** A progressive JPEG with its last scan so many times over: each of them passes over the whole picture. */
export const scannedOver = (progressive: Buffer, times: number): Buffer => {
  const last = progressive.lastIndexOf(Buffer.from([0xff, 0xda]))
  const scan = progressive.subarray(last, -2)
  return Buffer.concat([
    progressive.subarray(0, -2),
    ...Array.from({ length: times }, () => scan),
    progressive.subarray(-2),
  ])
}

/** The same JPEG with a segment more, right after its beginning. */
export const withSegment = (picture: Buffer, marker: number, content: Buffer): Buffer =>
  Buffer.concat([
    picture.subarray(0, 2),
    Buffer.from([0xff, marker]),
    u16(content.length + 2),
    content,
    picture.subarray(2),
  ])

/** A WebP whose header claims these sides (at most 16,383), with nothing behind it. */
export const webpOf = (width: number, height: number): Buffer => {
  const header = Buffer.alloc(20)
  header.write('WEBPVP8L', 'latin1')
  header.writeUInt32LE(8, 8)
  header[12] = 0x2f
  header.writeUInt32LE((width - 1) | ((height - 1) << 14), 13)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  return Buffer.concat([Buffer.from('RIFF', 'latin1'), length, header])
}

const entry = (tag: number, type: number, count: number, value: number): Buffer =>
  Buffer.concat([u16(tag), u16(type), u32(count), u32(value)])
const exif = (...directories: ReadonlyArray<Buffer>): Buffer =>
  Buffer.concat([Buffer.from('Exif\0\0MM\0*', 'latin1'), u32(8), ...directories])
const directory = (next: number, ...entries: ReadonlyArray<Buffer>): Buffer =>
  Buffer.concat([u16(entries.length), ...entries, u32(next)])

/** What a reader of EXIF could hang, run away or fall over on. */
export const HOSTILE_EXIF: Readonly<Record<string, Buffer>> = {
  'a directory that follows itself': exif(directory(8, entry(0x0112, 3, 1, 0x10000))),
  'directories that lie in each other': exif(
    directory(8, entry(0x8769, 4, 1, 8), entry(0x8825, 4, 1, 8), entry(0xa005, 4, 1, 8)),
  ),
  'a text of 4 GB': exif(directory(0, entry(0x010f, 2, 0xffffffff, 26)), Buffer.from('x')),
  'four thousand million numbers': exif(
    directory(0, entry(0x8769, 4, 1, 26)),
    directory(0, entry(0x9003, 5, 0xffffffff, 0)),
  ),
  'offsets outside the block': exif(
    directory(0xfffffff0, entry(0x8769, 4, 1, 0xfffffff0), entry(0x8825, 4, 1, 0x7fffffff)),
  ),
  'sixty thousand entries and none there': exif(u16(0xffff)),
  'a place without numbers': exif(
    directory(0, entry(0x8825, 4, 1, 26)),
    directory(0, entry(1, 2, 2, 0x4e000000), entry(2, 5, 3, 0xffffff), entry(3, 2, 2, 0x45000000), entry(4, 5, 0, 0)),
  ),
  'a first offset past everything, and noise': Buffer.concat([
    Buffer.from('Exif\0\0MM\0*\xff\xff\xff\xff', 'latin1'),
    noise(3, 400),
  ]),
  'nothing but a name': Buffer.from('Exif\0\0', 'latin1'),
}

/** The smallest PDF with one page whose content unpacks to so many bytes. */
export const pdfBomb = (bytes: number): Buffer => {
  const packed = deflateSync(Buffer.alloc(bytes, ' '), { level: 9 })
  return Buffer.concat([
    Buffer.from(
      `%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n4 0 obj<</Length ${packed.length}/Filter/FlateDecode>>stream\n`,
    ),
    packed,
    Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
  ])
}
