import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ExcelJS from 'exceljs'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { cameraSays } from '../../src/adapters/imaging/camera-says.ts'
import { look } from '../../src/adapters/imaging/look.ts'
import { photoAnalyser } from '../../src/adapters/imaging/photo-analyser.ts'
import type { PhotoDemands } from '../../src/application/ports/photo-analyser.ts'
import type { PhotoAnalysis } from '../../src/domain/evidence/evidence.ts'
import { DEFAULT_LIMITS, DEFAULT_MINIMUM_SIZE } from '../../src/domain/evidence/limits.ts'
import { heic } from '../support/heic.ts'
import { jpeg, pdf, png, webp } from '../support/pictures.ts'

const analyser = photoAnalyser({ look, classifier: null })
const at = '2026-11-22T08:00:00.000Z'
const demands: PhotoDemands = {
  step: 'house_front',
  minimumSize: DEFAULT_MINIMUM_SIZE,
  pixels: DEFAULT_LIMITS.pixels,
  at,
}
const CAMERA_PHOTOS = process.env.CAMERA_PHOTOS ?? join(import.meta.dirname, '../../../shared/data/photos')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaging-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const analyse = (bytes: Uint8Array, wish = demands) => analyser.analyse({ type: 'bytes', bytes }, wish)()
const analysisOf = async (bytes: Uint8Array, wish = demands): Promise<PhotoAnalysis> => {
  const result = await analyse(bytes, wish)
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
/** What blocks a photo or could; the checks that only warn have tests of their own. */
const outcomesOf = ({ verdicts }: PhotoAnalysis) =>
  verdicts
    .filter(({ check }) => check === 'decodable' || check === 'size')
    .map(({ check, outcome }) => `${check}: ${outcome}`)

describe('the analyser of photos', () => {
  it.each([
    ['image/jpeg', 'jpg', jpeg],
    ['image/png', 'png', png],
    ['image/webp', 'webp', webp],
  ] as const)('judges %s by its content, from a file as from memory', async (mime, extension, make) => {
    const bytes = await make({ seed: 1 })
    const path = join(folder, 'upload.part')
    await writeFile(path, bytes)
    const analysis = await analysisOf(bytes)
    expect(analysis).toMatchObject({ mime, extension, width: 640, height: 480, sizeBytes: bytes.length })
    expect(analysis.capturedAt).toBeNull()
    expect(outcomesOf(analysis)).toEqual(['decodable: pass', 'size: pass'])
    expect(analysis.verdicts[0]).toMatchObject({ checker: 'full', version: '1', at })
    expect(await analyser.analyse({ type: 'file', path }, demands)()).toEqual(E.right(analysis))
  })

  it('measures a picture as it is seen, after EXIF rotation', async () => {
    const upright = await analysisOf(await jpeg({ seed: 2, width: 800, height: 500, orientation: 6 }))
    expect([upright.width, upright.height]).toEqual([500, 800])
    expect(outcomesOf(upright)).toEqual(['decodable: pass', 'size: pass'])
  })

  it('blocks a picture that is one pixel too small, unless its step accepts any size', async () => {
    const small = await jpeg({ seed: 3, width: 640, height: 479 })
    expect(outcomesOf(await analysisOf(small))).toEqual(['decodable: pass', 'size: block'])
    const result = await analyser.analyse({ type: 'bytes', bytes: small }, { ...demands, minimumSize: null })()
    expect(E.isRight(result) && outcomesOf(result.right)).toEqual(['decodable: pass', 'size: not_judged'])
  })

  it.each([
    ['a JPEG cut short', async () => (await jpeg({ seed: 4 })).subarray(0, -300)],
    ['a JPEG with a damaged middle', async () => (await jpeg({ seed: 4 })).fill(0xff, 8000, 8400)],
    ['a PNG with one bit turned', async () => flipBit(await png({ seed: 4 }), -600)],
  ])('blocks %s as undecodable', async (_, make) => {
    const analysis = await analysisOf(await make())
    expect(outcomesOf(analysis)).toEqual(['decodable: block', 'size: pass'])
  })

  it('blocks a picture whose header cannot be read, and says how to help a phone that sends HEIC', async () => {
    const headerOnly = await analysisOf(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16]))
    expect(outcomesOf(headerOnly)).toEqual(['decodable: block', 'size: not_judged'])
    expect(headerOnly).toMatchObject({ width: null, height: null })
    for (const brand of ['heic', 'mif1']) {
      const bytes = Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1heic\0\0\0\x08mdat`, 'latin1')
      expect(await analysisOf(bytes)).toMatchObject({
        mime: 'image/heic',
        verdicts: [{ outcome: 'block', reason: expect.stringContaining('JPEG') }, {}, {}, {}, {}, {}, {}],
      })
    }
  })

  it('opens what phones send as HEIC, within the same limit of pixels', async () => {
    const analysis = await analysisOf(heic(), { ...demands, pixels: 64 * 64 })
    expect(analysis).toMatchObject({ mime: 'image/heic', extension: 'heic', width: 64, height: 64 })
    expect(outcomesOf(analysis)).toEqual(['decodable: pass', 'size: block'])
    expect(await sharp(analysis.copies?.view).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 64 })
    expect(await analyse(heic(), { ...demands, pixels: 64 * 64 - 1 })).toEqual(
      E.left({ type: 'TooManyPixels', pixels: 4096, limit: 4095 }),
    )
    expect(outcomesOf(await analysisOf(heic().subarray(0, -200)))[0]).toBe('decodable: block')
  })

  it('reads the serial from a label, and of its code nothing else', async () => {
    const label = await labelled('[)>06(S)ALCLB465A671(P)3FE46541AA(L)admin:secret', 'QRCode')
    const asked: PhotoDemands = { ...demands, step: 'ont_barcode' }
    const { verdicts } = await analysisOf(label, asked)
    expect(verdicts.find(({ check }) => check === 'barcode')).toMatchObject({
      outcome: 'pass',
      evidence: { serials: ['ALCLB465A671'] },
    })
    expect(JSON.stringify(verdicts)).not.toContain('secret')
    const bare = await analysisOf(await jpeg({ seed: 3 }), asked)
    expect(bare.verdicts.find(({ check }) => check === 'barcode')).toMatchObject({ outcome: 'unverifiable' })
    const ups = await analysisOf(await labelled('GU18W12V12345678', 'Code128'), { ...demands, step: 'ups_serial' })
    expect(ups.verdicts.find(({ check }) => check === 'barcode')?.evidence).toEqual({ serials: ['GU18W12V12345678'] })
  })

  it.each([
    ['one plain colour', { background: '#7a8' }, ['blank: block', 'black: pass', 'dark: pass']],
    ['black', { background: '#000' }, ['blank: block', 'black: block', 'dark: warn']],
  ] as const)('blocks %s', async (_, { background }, expected) => {
    const plain = await sharp({ create: { width: 900, height: 700, channels: 3, background } })
      .jpeg()
      .toBuffer()
    const { verdicts } = await analysisOf(plain)
    const light = verdicts.filter(({ check }) => ['blank', 'black', 'dark'].includes(check))
    expect(light.map(({ check, outcome }) => `${check}: ${outcome}`)).toEqual(expected)
  })

  it.skipIf(!existsSync(CAMERA_PHOTOS))(
    'warns of no sharp photo, of every blurred one and of most smeared ones',
    async () => {
      const files = (await readdir(CAMERA_PHOTOS)).filter((file, nth) => file.endsWith('.jpg') && nth % 2 === 0)
      const width = 33
      const smear = {
        width,
        height: 3,
        kernel: Array.from({ length: width * 3 }, (_, i) => (i >= width && i < 2 * width ? 1 : 0)),
        scale: width,
      }
      const warned = { sharp: 0, blurred: 0, smeared: 0 }
      const warns = async (bytes: Buffer) =>
        Number((await analysisOf(bytes)).verdicts.some(({ check, outcome }) => check === 'blur' && outcome === 'warn'))
      for (const file of files) {
        const base = await sharp(join(CAMERA_PHOTOS, file))
          .autoOrient()
          .resize(1600, 1600, { fit: 'inside' })
          .png({ compressionLevel: 1 })
          .toBuffer()
        warned.sharp += await warns(await readFile(join(CAMERA_PHOTOS, file)))
        warned.blurred += await warns(await sharp(base).blur(8).jpeg().toBuffer())
        warned.smeared += await warns(await sharp(base).convolve(smear).jpeg().toBuffer())
      }
      expect(warned.sharp).toBe(0)
      expect(warned.blurred).toBe(files.length)
      expect(warned.smeared).toBeGreaterThanOrEqual(0.7 * files.length)
    },
  )

  it.each([
    ['nothing at all', async () => new Uint8Array(), 'empty'],
    ['text', async () => Buffer.from('a photo, honestly'), 'unknown'],
    ['SVG', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"/>'), 'unknown'],
    ['HTML', async () => Buffer.from('<!doctype html><script>alert(1)</script>'), 'unknown'],
    ['PDF', async () => pdf(1), 'application/pdf'],
    [
      'GIF',
      async () =>
        sharp(await jpeg({ seed: 5 }))
          .gif()
          .toBuffer(),
      'image/gif',
    ],
    [
      'TIFF',
      async () =>
        sharp(await jpeg({ seed: 5 }))
          .tiff()
          .toBuffer(),
      'image/tiff',
    ],
  ])('refuses %s at the door', async (_, make, found) => {
    expect(await analyse(await make())).toEqual(
      E.left({
        type: 'UnsupportedPhotoType',
        found,
        allowed: ['image/jpeg', 'image/png', 'image/webp', 'image/heic'],
      }),
    )
  })

  it('refuses a decompression bomb by its header, at once', async () => {
    const bomb = await sharp({ create: { width: 10_001, height: 5_000, channels: 3, background: '#345' } })
      .png()
      .toBuffer()
    expect(await analyse(bomb)).toEqual(E.left({ type: 'TooManyPixels', pixels: 50_005_000, limit: 50_000_000 }))
  })

  it('allows exactly as many pixels as the limit', async () => {
    const bytes = await jpeg({ seed: 6, width: 700, height: 500 })
    expect(outcomesOf(await analysisOf(bytes, { ...demands, pixels: 350_000 }))).toEqual([
      'decodable: pass',
      'size: pass',
    ])
    expect(await analyse(bytes, { ...demands, pixels: 349_999 })).toMatchObject({ left: { type: 'TooManyPixels' } })
  })

  it('answers that the storage is away when the upload is no longer there', async () => {
    const gone = await analyser.analyse({ type: 'file', path: join(folder, 'gone.part') }, demands)()
    expect(gone).toEqual(E.left({ type: 'StorageUnavailable', reason: 'ENOENT' }))
  })

  it('never throws on hostile bytes', async () => {
    const picture = await jpeg({ seed: 7, takenAt: '2026:11:20 09:30:00' })
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(picture.length - 1), fc.nat(255)), { maxLength: 30 }),
        fc.integer({ min: 1, max: picture.length }),
        async (changes, length) => {
          const damaged = Buffer.from(picture)
          for (const [i, byte] of changes) damaged[i] = byte
          const result = await analyse(damaged.subarray(0, length))
          outcomes.add(E.isLeft(result) ? result.left.type : (result.right.verdicts[0]?.outcome ?? 'none'))
        },
      ),
      {
        numRuns: 200,
        examples: [
          [[], picture.length],
          [[], 2],
          [[], 100],
        ],
      },
    )
    expect([...outcomes]).toEqual(expect.arrayContaining(['pass', 'block', 'UnsupportedPhotoType']))
  })

  it.skipIf(!existsSync(CAMERA_PHOTOS))('opens every photo of real cameras, and reads when it was taken', async () => {
    const files = (await readdir(CAMERA_PHOTOS)).filter((file) => file.endsWith('.jpg'))
    const analyses = await Promise.all(
      files.map(async (file) => {
        const result = await analyser.analyse({ type: 'file', path: join(CAMERA_PHOTOS, file) }, demands)()
        if (E.isLeft(result)) throw new Error(`${file}: ${JSON.stringify(result.left)}`)
        return result.right
      }),
    )
    expect(analyses.length).toBeGreaterThan(0)
    expect(analyses.filter(({ verdicts }) => verdicts[0]?.outcome !== 'pass')).toEqual([])
    expect(analyses.filter(({ capturedAt }) => capturedAt !== null).length).toBeGreaterThan(analyses.length / 2)
  })
})

describe('documents', () => {
  const identify = (bytes: Uint8Array) => analyser.identifyDocument({ type: 'bytes', bytes }, DEFAULT_LIMITS.pixels)()

  it('are PDF, JPEG, PNG and Excel workbooks, by content', async () => {
    const book = new ExcelJS.Workbook()
    book.addWorksheet('as built').addRow(['pole', 'LAW.P.A001'])
    const xlsx = new Uint8Array((await book.xlsx.writeBuffer()) as ArrayBuffer)
    const found = await Promise.all([pdf(1), await jpeg({ seed: 1 }), await png({ seed: 1 }), xlsx].map(identify))
    expect(found.map((result) => E.isRight(result) && result.right.extension)).toEqual(['pdf', 'jpg', 'png', 'xlsx'])
  })

  it.each([
    ['a web page', Buffer.from('<html></html>'), 'unknown'],
    ['a bare archive', Buffer.from('PK\x03\x04 not really', 'latin1'), 'application/zip'],
    ['a program', Buffer.from('MZ\x90\x00', 'latin1'), 'application/x-msdownload'],
  ])('are never %s', async (_, bytes, found) => {
    expect(await identify(bytes)).toMatchObject({ left: { type: 'UnsupportedDocumentType', found } })
  })
})

describe('the capture time of a photo', () => {
  const takenAt = async (takenAt: string, offset?: string) =>
    (await analysisOf(await jpeg({ seed: 8, takenAt, ...(offset === undefined ? {} : { offset }) }))).capturedAt

  it('is the wall time of Johannesburg, unless the camera wrote its zone', async () => {
    expect(await takenAt('2026:11:20 09:30:00')).toBe('2026-11-20T07:30:00.000Z')
    expect(await takenAt('2026:11:20 09:30:00', '+02:00')).toBe('2026-11-20T07:30:00.000Z')
    expect(await takenAt('2026:11:20 23:30:00', '-05:00')).toBe('2026-11-21T04:30:00.000Z')
  })

  it('is unknown when it is no time at all', async () => {
    for (const text of [
      '0000:00:00 00:00:00',
      '2026:02:30 10:00:00',
      '2026:11:20 25:00:00',
      '    :  :     :  :  ',
      'now',
    ])
      expect(await takenAt(text)).toBeNull()
  })

  const bigEndian = (marker: string) =>
    Buffer.from(
      `${marker}MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0\0\x01\x90\x03\0\x02\0\0\0\x14\0\0\0\x2c\0\0\0\x002026:11:20 09:30:00\0`,
      'latin1',
    )

  it('is read from big-endian blocks, too, and from blocks without the JPEG marker', async () => {
    expect((await cameraSays(bigEndian('Exif\0\0'))).capturedAt).toBe('2026-11-20T07:30:00.000Z')
    expect((await cameraSays(bigEndian(''))).capturedAt).toBe('2026-11-20T07:30:00.000Z')
  })

  it('of hostile blocks is unknown or a moment, and never an error', async () => {
    const header = await sharp(await jpeg({ seed: 9, takenAt: '2026:11:20 09:30:00' })).metadata()
    const block = header.exif ?? Buffer.alloc(0)
    const reached = new Set<string>()
    const isAnAnswer = async (bytes: Uint8Array) => {
      const { capturedAt, takenAt } = await cameraSays(bytes)
      reached.add(capturedAt === null ? 'unknown' : 'a moment')
      return (
        (capturedAt === null || new Date(capturedAt).toISOString() === capturedAt) &&
        (takenAt === null || (Math.abs(takenAt.lat) <= 90 && Math.abs(takenAt.lon) <= 180))
      )
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(block.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(block.length),
        (changes, length) => {
          const hostile = Buffer.from(block)
          for (const [i, byte] of changes) hostile[i] = byte
          return isAnAnswer(hostile.subarray(0, length))
        },
      ),
      { numRuns: 2000, examples: [[[], block.length]] },
    )
    expect([...reached].sort()).toEqual(['a moment', 'unknown'])
    await fc.assert(fc.asyncProperty(fc.uint8Array(), isAnAnswer))
  })
})

/** A code as it is printed on a label, in a larger picture. */
const labelled = async (text: string, format: 'QRCode' | 'Code128'): Promise<Buffer> => {
  prepareZXingModule({
    overrides: {
      wasmBinary: new Uint8Array(
        await readFile(createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm')),
      ).buffer,
    },
  })
  const { image } = await writeBarcode(text, { format, scale: 4 })
  const code = sharp(new Uint8Array((await image?.arrayBuffer()) ?? new ArrayBuffer(0)))
  return sharp(await jpeg({ seed: 12, width: 1600, height: 1200 }))
    .composite([
      {
        input: await code
          .flatten({ background: '#fff' })
          .extend({ top: 40, bottom: 40, left: 40, right: 40, background: '#fff' })
          .toBuffer(),
        left: 300,
        top: 200,
      },
    ])
    .jpeg()
    .toBuffer()
}

const flipBit = (bytes: Buffer, at: number): Buffer => {
  const i = bytes.length + at
  bytes[i] = (bytes[i] ?? 0) ^ 1
  return bytes
}
