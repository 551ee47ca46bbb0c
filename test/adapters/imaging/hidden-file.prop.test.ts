import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hiddenFile } from '../../../src/adapters/imaging/hidden-file.ts'
import { noise } from '../../support/bad-files.ts'
import { zipOf } from '../../support/zip.ts'

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0, 1, 2, 3, 0xff, 0xd9])
const MB = 1_000_000
/** Four or five bytes that come by chance in a few megabytes of film. */
const BY_CHANCE = [
  'PK\x03\x04',
  'PK\x05\x06',
  'PK\x01\x02',
  '<svg',
  '<SVG',
  '<html',
  '\x7fELF',
  '%PDF-',
  '<?ph',
  '%%EOF',
]
const ARCHIVE = zipOf([{ name: 'a.txt', content: 'hello' }])

/** What comes behind the word is not left to chance: in so many short films it would, one day, make a longer word of it. */
const plant = (bytes: Buffer, needle: string, at: number): void => {
  bytes.fill(0xff, at, Math.min(at + 24, bytes.length))
  bytes.write(needle, at, 'latin1')
}
const MP4 = Buffer.concat([Buffer.from([0, 0, 0, 16]), latin('ftypmp42'), Buffer.from([0, 0, 0, 0])])

describe('A photo with a film behind it', () => {
  it('is never taken for another file, whatever four bytes the film has in it', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 64, max: 40_000 }),
        fc.array(
          fc.tuple(
            fc.constantFrom(...BY_CHANCE.filter((one) => one !== '%PDF-')),
            fc.double({ min: 0, max: 1, noNaN: true }),
          ),
          {
            maxLength: 8,
          },
        ),
        fc.boolean(),
        (seed, size, planted, begun) => {
          const bytes = noise(seed, size)
          for (const [needle, share] of planted) plant(bytes, needle, 8 + Math.floor(share * (size - 20)))
          expect(hiddenFile(Buffer.concat([JPEG, ...(begun ? [MP4] : []), bytes]), 'image/jpeg')).toBeNull()
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of several megabytes is let through with every such word in it, and not with an archive or a PDF in it', () => {
    for (const seed of [1, 2, 3]) {
      const bytes = noise(seed, 6 * MB)
      for (const [nth, needle] of BY_CHANCE.entries()) bytes.write(needle, MB + nth * 400_000 + seed, 'latin1')
      const photo = Buffer.concat([JPEG, MP4, bytes])
      expect(hiddenFile(photo, 'image/jpeg')).toBeNull()
      expect(hiddenFile(Buffer.concat([photo, ARCHIVE]), 'image/jpeg')).toBe('application/zip')
      expect(hiddenFile(Buffer.concat([photo, ARCHIVE, noise(9, 40_000)]), 'image/jpeg')).toBe('application/zip')
      const pdf = latin('%PDF-1.4 objects %%EOF')
      expect(hiddenFile(Buffer.concat([photo, pdf]), 'image/jpeg')).toBe('application/pdf')
      const script = latin('<script>alert(1)</script>')
      expect(hiddenFile(Buffer.concat([photo, script]), 'image/jpeg')).toBe('text/html')
    }
  })
})

const segment = (marker: number, content: Buffer | string): Buffer => {
  const bytes = typeof content === 'string' ? latin(content) : content
  return Buffer.concat([Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255]), bytes])
}
const having = (...segments: ReadonlyArray<Buffer>): Buffer =>
  Buffer.concat([JPEG.subarray(0, 2), ...segments, JPEG.subarray(2)])

describe('A JPEG that has another file in one of its segments', () => {
  const MARKERS = { 'a comment': 0xfe, 'a vendor segment': 0xe9, 'the camera data': 0xe1 } as const
  it.each(Object.entries(MARKERS))('is found by what %s holds', (_, marker) => {
    const found = (content: Buffer | string): string | null =>
      hiddenFile(having(segment(0xe0, 'JFIF\0'), segment(marker, content)), 'image/jpeg')
    expect(found('<html><script>alert(1)</script></html>')).toBe('text/html')
    expect(found(' \n\0<HTML>')).toBe('text/html')
    expect(found('<svg onload=x>')).toBe('image/svg+xml')
    expect(found('Exif\0\0 <?php system($_GET[0]) ?>')).toBe('application/x-php')
    expect(found(ARCHIVE)).toBe('application/zip')
    expect(found(Buffer.concat([latin('Exif\0\0'), ARCHIVE, latin('more')]))).toBe('application/zip')
    expect(found(`${'x'.repeat(1_200)}%PDF-1.4`)).toBe('application/pdf')
    expect(found(`Rar!\x1a\x07\x01\0`)).toBe('application/x-rar-compressed')
    for (const harmless of ['', 'taken by hand', 'a < b', '<x:xmpmeta>', 'PK\x03', 'x PK\x05\x06'])
      expect(found(harmless)).toBeNull()
  })

  it('even one between its scans, and one whose length says more than there is', () => {
    const scans = Buffer.concat([JPEG.subarray(0, -2), segment(0xfe, '<html>'), JPEG.subarray(2)])
    expect(hiddenFile(scans, 'image/jpeg')).toBe('text/html')
    const long = Buffer.concat([JPEG.subarray(0, 2), Buffer.from([0xff, 0xfe, 0xff, 0xff]), latin('<html>')])
    expect(hiddenFile(long, 'image/jpeg')).toBe('text/html')
  })

  it('and no camera data, profile or preview of any bytes is taken for one', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0xe1, 0xe2, 0xed, 0xfe, 0xe5), (seed, marker) => {
        expect(hiddenFile(having(segment(marker, noise(seed, 60_000))), 'image/jpeg')).toBeNull()
      }),
      { numRuns: 50 },
    )
  })
})

const PHOTOS = '../shared/data/photos'
describe.runIf(existsSync(PHOTOS))('Real photographs', () => {
  it('are let through, alone and with a film behind them', async () => {
    const names = (await readdir(PHOTOS)).filter((name) => name.endsWith('.jpg'))
    expect(names.length).toBeGreaterThan(0)
    for (const [nth, name] of names.entries()) {
      const photo = await readFile(join(PHOTOS, name))
      expect(hiddenFile(photo, 'image/jpeg')).toBeNull()
      expect(hiddenFile(Buffer.concat([photo, MP4, noise(nth + 1, MB)]), 'image/jpeg')).toBeNull()
    }
  })
})
