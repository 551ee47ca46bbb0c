import { describe, expect, it } from 'vitest'
import { hiddenFile } from '../../../src/adapters/imaging/hidden-file.ts'

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')
const PDF = latin('%PDF-1.7')
const ZIP = latin('PK\x03\x04 and more')

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const chunk = (name: string, body = ''): Buffer =>
  Buffer.concat([number(body.length), latin(`${name}${body}`), number(0)])
const png = Buffer.concat([latin('\x89PNG\r\n\x1a\n'), chunk('IHDR', 'sizes'), chunk('IDAT', 'pixels'), chunk('IEND')])

const box = (name: string, body = ''): Buffer => Buffer.concat([number(8 + body.length), latin(`${name}${body}`)])
const longBox = (name: string, body: string): Buffer =>
  Buffer.concat([number(1), latin(name), number(0), number(16 + body.length), latin(body)])
const heic = Buffer.concat([box('ftyp', 'heic'), box('meta', 'what it is'), box('mdat', 'pixels')])

const jpeg = (...scan: number[]): Buffer =>
  Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x04, 0x41, 0x42, 0xff, 0xda, 0x00, 0x02, ...scan, 0xff, 0xd9])

const webp = (() => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(8)
  return Buffer.concat([latin('RIFF'), size, latin('WEBPVP8 ')])
})()

const KINDS = { 'image/png': png, 'image/heic': heic, 'image/jpeg': jpeg(0x10, 0x20), 'image/webp': webp } as const
const kinds = Object.entries(KINDS) as ReadonlyArray<[keyof typeof KINDS, Buffer]>

describe('A picture that is also another file', () => {
  it.each(kinds)('of %s is found by what lies behind its end, and a picture alone is let through', (mime, picture) => {
    expect(hiddenFile(picture, mime)).toBeNull()
    expect(hiddenFile(Buffer.concat([picture, ZIP]), mime)).toBe('application/zip')
    expect(hiddenFile(Buffer.concat([picture, latin('<HTML><script>')]), mime)).toBe('text/html')
    expect(hiddenFile(Buffer.concat([picture, latin('a film of the same moment')]), mime)).toBeNull()
  })

  it.each(kinds)('of %s that says PDF within its first kilobyte is one, wherever', (mime, picture) => {
    expect(hiddenFile(Buffer.concat([picture.subarray(0, 8), PDF, picture.subarray(8)]), mime)).toBe('application/pdf')
  })

  it.each(kinds)('of %s that was cut short carries nothing behind its end', (mime, picture) => {
    expect(hiddenFile(picture.subarray(0, 6), mime)).toBeNull()
    expect(hiddenFile(picture.subarray(0, picture.length - 3), mime)).toBeNull()
  })

  it('of JPEG ends where its scan does: bytes that only look like an end do not end it', () => {
    const stuffed = jpeg(0xff, 0x00, 0xff, 0xd3, 0x10, 0xff, 0xff)
    expect(hiddenFile(Buffer.concat([stuffed, ZIP]), 'image/jpeg')).toBe('application/zip')
    expect(hiddenFile(stuffed, 'image/jpeg')).toBeNull()
  })

  it('of HEIC is read by boxes of every length', () => {
    const long = Buffer.concat([box('ftyp', 'heic'), longBox('mdat', 'pixels')])
    expect(hiddenFile(Buffer.concat([long, ZIP]), 'image/heic')).toBe('application/zip')
    expect(hiddenFile(long, 'image/heic')).toBeNull()
    // The last box may say that it reaches to the end of the file: then nothing is behind it.
    const open = Buffer.concat([box('ftyp', 'heic'), number(0), latin('mdat'), ZIP])
    expect(hiddenFile(open, 'image/heic')).toBeNull()
    // A length shorter than the box's own head cannot be told from damage.
    const damaged = Buffer.concat([box('ftyp', 'heic'), number(3), latin('mdat'), ZIP])
    expect(hiddenFile(damaged, 'image/heic')).toBeNull()
    const cut = Buffer.concat([box('ftyp', 'heic'), number(1), latin('mdat'), number(0)])
    expect(hiddenFile(cut, 'image/heic')).toBeNull()
  })
})
