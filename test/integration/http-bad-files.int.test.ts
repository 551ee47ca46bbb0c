import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PhotoPool, photoPool } from '../../src/adapters/imaging/photo-pool.ts'
import { localEvidenceStore } from '../../src/adapters/local-files/evidence-store.ts'
import {
  claiming,
  HOSTILE_EXIF,
  noise,
  pdfBomb,
  pngOf,
  scannedOver,
  textBomb,
  webpOf,
  withSegment,
} from '../support/bad-files.ts'
import { openManhole, sendPhoto } from '../support/field-photos.ts'
import { heic, heicOf } from '../support/heic.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg, pdf, png, webp } from '../support/pictures.ts'
import { within } from '../support/processor-time.ts'
import { zipOf } from '../support/zip.ts'

/** Of processor time; a photo of a few kilobytes costs a tenth of it. */
const QUICK_MS = 2_000
type Make = () => Buffer | Promise<Buffer>

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#456' }, limitInputPixels: false })
const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2)
const followedBy = (bytes: Buffer, other: string | Buffer): Buffer =>
  Buffer.concat([bytes, typeof other === 'string' ? Buffer.from(other, 'latin1') : other])
const archive = zipOf([{ name: 'a.txt', content: 'hello' }])
const workbook = (types: string | Buffer) =>
  zipOf([
    { name: '[Content_Types].xml', content: types },
    { name: 'xl/workbook.xml', content: '<workbook/>' },
  ])
const XLSX =
  '<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'

/** Each of these is no photo: refused by a rule, and nothing of it stays. */
const NO_PHOTOS: ReadonlyArray<readonly [what: string, make: Make, code: number, rule: string]> = [
  ['nothing at all', () => Buffer.alloc(0), 415, 'UnsupportedPhotoType'],
  ['text', () => Buffer.from('a photo, honestly'), 415, 'UnsupportedPhotoType'],
  [
    'SVG',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    415,
    'UnsupportedPhotoType',
  ],
  [
    'SVG with a declaration',
    () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    415,
    'UnsupportedPhotoType',
  ],
  ['HTML', () => Buffer.from('<!doctype html><script>alert(1)</script>'), 415, 'UnsupportedPhotoType'],
  ['a PDF', () => pdf(1), 415, 'UnsupportedPhotoType'],
  ['an archive', () => archive, 415, 'UnsupportedPhotoType'],
  ['an archive before a JPEG', async () => followedBy(archive, await jpeg({ seed: 1 })), 415, 'UnsupportedPhotoType'],
  ['a GIF', async () => await plain(700, 500).gif().toBuffer(), 415, 'UnsupportedPhotoType'],
  ['a TIFF', async () => await plain(700, 500).tiff().toBuffer(), 415, 'UnsupportedPhotoType'],
  ['an AVIF', async () => await plain(64, 64).avif({ effort: 0 }).toBuffer(), 415, 'UnsupportedPhotoType'],
  [
    'a program',
    () => followedBy(Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), noise(1, 500)),
    415,
    'UnsupportedPhotoType',
  ],
  ['a JPEG of 100 megapixels', async () => await plain(10_000, 10_000).jpeg().toBuffer(), 422, 'TooManyPixels'],
  [
    'a JPEG that claims 4 gigapixels',
    async () => claiming(await jpeg({ seed: 1 }), 65_500, 65_500),
    422,
    'TooManyPixels',
  ],
  ['a PNG that claims 4 gigapixels', () => pngOf(65_535, 65_535, deflateSync(Buffer.alloc(1e6))), 422, 'TooManyPixels'],
  [
    'a PNG of 400 megapixels in 60 kB',
    () => pngOf(20_000, 20_000, deflateSync(Buffer.alloc(6e7))),
    422,
    'TooManyPixels',
  ],
  ['a WebP that claims 268 megapixels', () => webpOf(16_383, 16_383), 422, 'TooManyPixels'],
  ['a HEIC of 134 megapixels in 25 kB', () => heicOf(16_384, 8_192), 422, 'TooManyPixels'],
  ['a HEIC that claims 3 gigapixels', () => heicOf(512, 512, { width: 60_000, height: 50_000 }), 422, 'TooManyPixels'],
  [
    'a JPEG with an archive behind it',
    async () => followedBy(await jpeg({ seed: 2 }), archive),
    415,
    'PhotoHidesAnotherFile',
  ],
  [
    'a PNG with a page behind it',
    async () => followedBy(await png({ seed: 2 }), '<HTML><script>'),
    415,
    'PhotoHidesAnotherFile',
  ],
  [
    'a WebP with a program behind it',
    async () => followedBy(await webp({ seed: 2 }), '\x7fELF\x02'),
    415,
    'PhotoHidesAnotherFile',
  ],
  ['a HEIC with an archive behind it', () => followedBy(heic(), archive), 415, 'PhotoHidesAnotherFile'],
  [
    'a JPEG with PHP behind it',
    async () => followedBy(await jpeg({ seed: 2 }), '<?php system();'),
    415,
    'PhotoHidesAnotherFile',
  ],
  [
    'a JPEG that is a PDF as well',
    async () => withSegment(await jpeg({ seed: 2 }), 0xfe, Buffer.from('%PDF-1.7')),
    415,
    'PhotoHidesAnotherFile',
  ],
]

/** These are photos that cannot be opened: kept as what was sent, each blocks its ticket with the reason. */
const DAMAGED: ReadonlyArray<readonly [what: string, make: Make]> = [
  ['a JPEG cut short', async () => (await jpeg({ seed: 4 })).subarray(0, -300)],
  ['a JPEG cut in half', async () => half(await jpeg({ seed: 4 }))],
  ['a PNG cut in half', async () => half(await png({ seed: 4 }))],
  ['a WebP cut in half', async () => half(await webp({ seed: 4 }))],
  ['a HEIC cut in half', () => half(heic())],
  ['a first line and noise', () => followedBy(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), noise(2, 5_000))],
  [
    'a PNG with 100,000 words',
    () =>
      pngOf(
        700,
        500,
        deflateSync(Buffer.alloc(500 * 2_101, 7)),
        Array.from({ length: 100_000 }, () => ['tEXt', Buffer.from('a\0b')] as const),
      ),
  ],
  [
    'a PNG with a text that unpacks to 200 MB',
    () => pngOf(700, 500, deflateSync(Buffer.alloc(500 * 2_101, 7)), [textBomb(2e8)]),
  ],
  [
    'a PNG cut short whose body unpacks to more than it says',
    () => pngOf(700, 500, deflateSync(Buffer.alloc(3e8), { level: 1 }).subarray(0, 400_000)),
  ],
  ['a PNG without a body', () => pngOf(700, 500, Buffer.alloc(0))],
  ['HEIC that is none', () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08mdat', 'latin1')],
  [
    'a JPEG scanned a thousand times over',
    async () => scannedOver(await plain(4_000, 3_000).jpeg({ progressive: true }).toBuffer(), 1_000),
  ],
]

/** What only looks hostile is taken for what it is: a photo. */
const HARMLESS: ReadonlyArray<readonly [what: string, make: Make]> = [
  ['a PNG named .jpg', () => png({ seed: 5 })],
  [
    'a PNG whose body unpacks to 300 MB more than it says',
    () => pngOf(700, 500, deflateSync(Buffer.alloc(3e8), { level: 1 })),
  ],
  ['49 megapixels in 100 kB', () => plain(7_000, 7_000).png().toBuffer()],
  ...Object.entries(HOSTILE_EXIF).map(([what, exif], nth): readonly [string, Make] => [
    `EXIF with ${what}`,
    async () => withSegment(await jpeg({ seed: 20 + nth }), 0xe1, exif),
  ]),
]

/** Each of these is no document. */
const NO_DOCUMENTS: ReadonlyArray<readonly [what: string, make: Make, code: number, rule: string]> = [
  ['nothing at all', () => Buffer.alloc(0), 415, 'UnsupportedDocumentType'],
  [
    'SVG',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    415,
    'UnsupportedDocumentType',
  ],
  ['HTML', () => Buffer.from('<!doctype html><script>alert(1)</script>'), 415, 'UnsupportedDocumentType'],
  ['an archive', () => archive, 415, 'UnsupportedDocumentType'],
  [
    'a workbook with macros',
    () =>
      workbook(
        '<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>',
      ),
    415,
    'UnsupportedDocumentType',
  ],
  ['a PDF cut short', () => pdfBomb(1e6).subarray(0, -30), 422, 'DocumentDamaged'],
  [
    'a workbook whose list of parts unpacks to 100 MB',
    () => workbook(XLSX + ' '.repeat(1e8)),
    415,
    'UnsupportedDocumentType',
  ],
  ['a workbook cut short', () => workbook(XLSX).subarray(0, -4), 422, 'DocumentDamaged'],
  ['a scan cut in half', async () => half(await jpeg({ seed: 4 })), 422, 'DocumentDamaged'],
  [
    'a scan that claims 4 gigapixels',
    () => pngOf(65_535, 65_535, deflateSync(Buffer.alloc(1e6))),
    422,
    'TooManyPixels',
  ],
  ['a PDF with an archive behind it', () => followedBy(pdf(2), archive), 415, 'DocumentHidesAnotherFile'],
  [
    'a scan with a page behind it',
    async () => followedBy(await jpeg({ seed: 4 }), '<html><script>'),
    415,
    'DocumentHidesAnotherFile',
  ],
]

const UNOPENED: ReadonlyArray<readonly [what: string, make: Make]> = [
  ['a workbook', () => workbook(XLSX)],
  ['a PDF that unpacks to 200 MB', () => pdfBomb(2e8)],
]

const NAMES: ReadonlyArray<readonly [name: string, status: number]> = [
  ['../../../etc/passwd', 422],
  ['..\\..\\windows\\win.ini', 422],
  ['C:\\Windows\\win.ini', 422],
  ['/etc/shadow', 422],
  [`${'n'.repeat(1_000)}.jpg`, 422],
  [`${'n'.repeat(252)}.jpg`, 422],
  [`${'n'.repeat(251)}.jpg`, 201],
  ['a\u202egpj.exe', 201],
  ['nul\u0000.jpg', 400],
  ['.', 422],
  ['..', 422],
  [' ', 201],
  ['line\u2028break.jpg', 422],
  ['$(reboot).jpg', 201],
]

describe('bad files over HTTP', () => {
  let api: Api
  let pool: PhotoPool
  let folder = ''
  let ticketId = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bad-files-'))
    pool = photoPool({ processes: 1 })
    api = await apiOn('pglite', pool, localEvidenceStore(folder))
    ticketId = await openManhole(api)
    await send(await jpeg({ seed: 90 }))
  })
  afterAll(async () => {
    await pool.close()
    await api.close()
    await rm(folder, { recursive: true })
  })

  const send = (bytes: Buffer, name = 'photo.jpg', id = randomUUID()) =>
    sendPhoto(api, ticketId, id, bytes, { by: 'naledi', name })
  const sendDocument = (bytes: Buffer, name = 'paper.pdf') =>
    api.as('naledi').upload(`/tickets/${ticketId}/attachments`).attach('file', bytes, name)

  /** Every row that an upload could leave, and every file. */
  const everything = async () => {
    const { rows } = await api.pool.query(
      `select (select count(*)::int from ticket_attachments) as attachments, (select count(*)::int from photo_hashes) as hashes,
         (select count(*)::int from photo_fingerprints) as fingerprints, (select count(*)::int from ticket_notes) as notes,
         (select sum(version)::int from tickets) as versions`,
    )
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    return { ...rows[0], files: files.filter((one) => one.isFile()).length }
  }
  const staged = async () => (await readdir(join(folder, 'staged'))).length

  let seed = 1_000
  /** The next photo of anyone is opened as ever. */
  const stillWell = async () => {
    seed += 1
    const said = await send(await jpeg({ seed }))
    expect(said.status).toBe(201)
    expect(said.body.data.verdicts).toContainEqual(expect.objectContaining({ check: 'decodable', outcome: 'pass' }))
  }

  const timed = <A>(ask: PromiseLike<A>): Promise<A> => within(QUICK_MS, pool.running, ask)

  it.each(NO_PHOTOS)(
    'a photo that is %s is refused by name, in under two seconds, and nothing of it stays',
    async (_, make, status, rule) => {
      const bytes = await make()
      const before = await everything()
      const said = await timed(send(bytes))
      expect([said.status, said.body.error?.details?.rule], JSON.stringify(said.body)).toEqual([status, rule])
      expect(said.body.error.message).not.toBe('')
      expect(await everything()).toEqual(before)
      expect(await staged()).toBe(0)
      await stillWell()
    },
  )

  it.each(DAMAGED)('a photo that is %s blocks its ticket with the reason, in under two seconds', async (_, make) => {
    const bytes = await make()
    const said = await timed(send(bytes))
    expect(said.status, JSON.stringify(said.body)).toBe(201)
    expect(said.body.data.verdicts).toContainEqual(
      expect.objectContaining({ check: 'decodable', outcome: 'block', reason: expect.stringMatching(/send it again/) }),
    )
    expect(await staged()).toBe(0)
    await stillWell()
  })

  it.each(HARMLESS)('a photo that is %s is taken for what it is, in under two seconds', async (_, make) => {
    const bytes = await make()
    const said = await timed(send(bytes))
    expect(said.status, JSON.stringify(said.body)).toBe(201)
    expect(said.body.data.verdicts).toContainEqual(expect.objectContaining({ check: 'decodable', outcome: 'pass' }))
    await stillWell()
  })

  it.each(NO_DOCUMENTS)(
    'a document that is %s is refused by name, in under two seconds, and nothing of it stays',
    async (_, make, status, rule) => {
      const bytes = await make()
      const before = await everything()
      const said = await timed(sendDocument(bytes))
      expect([said.status, said.body.error?.details?.rule], JSON.stringify(said.body)).toEqual([status, rule])
      expect(await everything()).toEqual(before)
      expect(await staged()).toBe(0)
    },
  )

  it.each(UNOPENED)('a document that is %s is kept as it is, and never opened', async (_, make) => {
    const bytes = await make()
    const said = await timed(sendDocument(bytes))
    expect(said.status, JSON.stringify(said.body)).toBe(201)
    const got = await api.as('naledi').get(`/attachments/${said.body.data.id}/content`)
    expect(got.headers['content-disposition']).toMatch(/^attachment/)
    expect(got.headers['content-security-policy']).toContain('sandbox')
  })

  it.each(NAMES)(
    'a file named %j is answered %i, and stored under a name of ours or not at all',
    async (name, status) => {
      seed += 1
      const before = await everything()
      const said = await timed(send(await jpeg({ seed }), name))
      expect(said.status, JSON.stringify(said.body)).toBe(status)
      if (status === 422) expect(said.body.error.details.photo).toMatch(/^must have a name/)
      if (status !== 201) expect(await everything()).toEqual(before)
      else {
        expect(said.body.data.filename).toBe(name)
        const stored = await api.pool.query('select storage_path from ticket_attachments where id = $1', [
          said.body.data.id,
        ])
        expect(stored.rows[0].storage_path).toMatch(/^evidence\/[0-9a-f-]{36}\/house_front\/[0-9a-f]{64}\.jpg$/)
      }
      expect(await staged()).toBe(0)
    },
  )
})
