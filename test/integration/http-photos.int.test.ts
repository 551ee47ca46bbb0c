import { randomBytes, randomUUID } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PhotoPool, photoPool } from '../../src/adapters/imaging/photo-pool.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg, pdf, png } from '../support/pictures.ts'

const QUICK_MS = 2_000

/** A PNG that says of itself what it likes, with a body that unpacks to far more than was sent. */
const pngOf = (width: number, height: number, body: Buffer): Buffer => {
  const chunk = (name: string, content: Buffer) => {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length)
    const crc = Buffer.alloc(4)
    crc.writeUInt32BE(crcOf(named))
    return Buffer.concat([length, named, crc])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
const crcOf = (bytes: Buffer): number => {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

describe('photos over HTTP', () => {
  let api: Api
  let pool: PhotoPool
  let ticketId = ''
  beforeAll(async () => {
    pool = photoPool({ processes: 1 })
    api = await apiOn('pglite', pool)
    const made = await api.as('naledi').post('/tickets', {
      project_id: 'lawley',
      ticket_type: 'incident',
      title: 'A manhole stands open',
      fault_cause: 'vandalism',
    })
    ticketId = made.body.data.id
  })
  afterAll(async () => {
    await pool.close()
    await api.close()
  })

  const send = (bytes: Buffer, name = 'photo.jpg', step = 'house_front', id = randomUUID()) =>
    api
      .as('naledi')
      .upload(`/tickets/${ticketId}/verification/${step}/photos`)
      .field('id', id)
      // As it is: the library of this client would take a path away.
      .attach('photo', bytes, { filepath: name } as object)
  const rows = async (): Promise<number> =>
    Number((await api.pool.query('select count(*) as n from ticket_attachments')).rows[0].n)
  const nothingLeft = async (before: { readonly rows: number; readonly objects: number }): Promise<void> => {
    expect({ rows: await rows(), objects: api.stored.objects.size }).toEqual(before)
    expect(api.stored.stagings.size).toBe(0)
  }
  const now = async () => ({ rows: await rows(), objects: api.stored.objects.size })

  it.each<[what: string, make: () => Promise<Buffer>, code: number, rule: string]>([
    ['nothing at all', async () => Buffer.alloc(0), 415, 'UnsupportedPhotoType'],
    [
      'SVG',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      415,
      'UnsupportedPhotoType',
    ],
    ['HTML', async () => Buffer.from('<!doctype html><script>alert(1)</script>'), 415, 'UnsupportedPhotoType'],
    ['a PDF', async () => pdf(1), 415, 'UnsupportedPhotoType'],
    [
      'a GIF named .jpg',
      async () =>
        sharp(await jpeg({ seed: 1 }))
          .gif()
          .toBuffer(),
      415,
      'UnsupportedPhotoType',
    ],
    [
      '100 megapixels',
      async () =>
        sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: '#456' } })
          .jpeg()
          .toBuffer(),
      422,
      'TooManyPixels',
    ],
    [
      'a bomb of 4 gigapixels in a kilobyte',
      async () => pngOf(65_535, 65_535, deflateSync(Buffer.alloc(1_000_000))),
      422,
      'TooManyPixels',
    ],
    [
      'a JPEG with an archive behind it',
      async () => Buffer.concat([await jpeg({ seed: 2 }), Buffer.from('PK\x03\x04archive', 'latin1')]),
      415,
      'PhotoHidesAnotherFile',
    ],
    [
      'a PNG with a web page behind it',
      async () => Buffer.concat([await png({ seed: 2 }), Buffer.from('<HTML><script>')]),
      415,
      'PhotoHidesAnotherFile',
    ],
    [
      'a JPEG that is a PDF as well',
      async () => withComment(await jpeg({ seed: 2 }), '%PDF-1.7'),
      415,
      'PhotoHidesAnotherFile',
    ],
  ])('refuses %s by name, in under two seconds, and leaves nothing behind', async (_, make, status, rule) => {
    const bytes = await make()
    const before = await now()
    const began = performance.now()
    const said = await send(bytes)
    expect(performance.now() - began).toBeLessThan(QUICK_MS)
    expect([said.status, said.body.error?.details?.rule], JSON.stringify(said.body)).toEqual([status, rule])
    await nothingLeft(before)
  })

  it.each<[what: string, make: () => Promise<Buffer>]>([
    ['a picture cut short', async () => (await jpeg({ seed: 4 })).subarray(0, -300)],
    [
      'a first line and noise',
      async () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), randomBytes(5_000)]),
    ],
    [
      'a PNG whose body unpacks to more than it says',
      async () => pngOf(700, 500, deflateSync(Buffer.alloc(300_000_000), { level: 1 }).subarray(0, 400_000)),
    ],
    ['HEIC that is none', async () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08mdat', 'latin1')],
  ])('keeps %s only as what blocks its ticket, with the reason, in under two seconds', async (_, make) => {
    const bytes = await make()
    const began = performance.now()
    const said = await send(bytes)
    expect(performance.now() - began).toBeLessThan(QUICK_MS)
    expect(said.status, JSON.stringify(said.body)).toBe(201)
    expect(said.body.data.verdicts).toContainEqual(
      expect.objectContaining({ check: 'decodable', outcome: 'block', reason: expect.stringMatching(/send it again/) }),
    )
  })

  it('takes hostile EXIF and names for what they are: bytes and text', async () => {
    const picture = await jpeg({ seed: 5 })
    const exif = Buffer.concat([Buffer.from('Exif\0\0MM\0*\xff\xff\xff\xff', 'latin1'), randomBytes(400)])
    const length = Buffer.alloc(2)
    length.writeUInt16BE(exif.length + 2)
    const hostile = Buffer.concat([
      picture.subarray(0, 2),
      Buffer.from([0xff, 0xe1]),
      length,
      exif,
      picture.subarray(2),
    ])
    expect((await send(hostile)).status).toBe(201)
    for (const [name, status] of [
      ['../../../etc/passwd', 422],
      ['C:\\Windows\\win.ini', 422],
      [`${'n'.repeat(1_000)}.jpg`, 422],
      ['a\u202egpj.exe', 201],
    ] as const) {
      const before = await now()
      const said = await send(await jpeg({ seed: 6 + name.length }), name)
      if (said.status !== 201) await nothingLeft(before)
      expect([name, said.status]).toEqual([name, status])
    }
    expect([...api.stored.objects.keys()].every((key) => !key.includes('..') && !key.includes('passwd'))).toBe(true)
  })

  it('shows a photo upright and without a word of its camera, as large as a screen or as a stamp', async () => {
    const id = randomUUID()
    const original = await jpeg({
      seed: 7,
      width: 2_600,
      height: 1_300,
      orientation: 6,
      takenAt: '2026:03:03 09:00:00',
    })
    expect((await send(original, 'front.jpeg', 'house_front', id)).status).toBe(201)
    const get = (query: string, user = 'naledi') =>
      api.as(user).get(`/attachments/${id}/content${query}`).buffer(true).parse(binary)
    const sizes = { '?size=view': [1_024, 2_048], '?size=thumbnail': [160, 320] } as const
    for (const [query, [width, height]] of Object.entries(sizes)) {
      const { status, headers, body } = await get(query)
      expect([status, headers['content-type'], headers['x-content-type-options']]).toEqual([
        200,
        'image/jpeg',
        'nosniff',
      ])
      expect(headers['content-disposition']).toMatch(/^attachment; filename="front-(view|thumbnail)\.jpg"/)
      expect(headers['content-security-policy']).toContain('sandbox')
      const shown = await sharp(body).metadata()
      expect(shown).toMatchObject({ format: 'jpeg', width, height })
      expect([shown.exif, shown.orientation]).toEqual([undefined, undefined])
    }
    expect((await get('')).body.equals(original)).toBe(true)
    expect((await get('?size=view', 'anele')).status).toBe(404)
    expect((await get('?size=poster')).status).toBe(422)
    const broken = randomUUID()
    await send((await jpeg({ seed: 8 })).subarray(0, -300), 'x.jpg', 'house_front', broken)
    expect((await api.as('naledi').get(`/attachments/${broken}/content?size=view`)).status).toBe(404)
  })

  it('are held against the place of their drop as the design has it, within the distance of the project', async () => {
    const importId = randomUUID()
    await api.pool.query(
      `insert into platform_imports (id, project_id, platform, filename, file_sha256, layout, carries, rows_read, rows_kept,
         drops, repeated_drops, spares, problem_count, imported_by, imported_at)
       values ($1, 'lawley', 'sow', 'x.xlsx', repeat('a', 64), '{}', '{pole}', 2, 2, 2, 0, 0, 0, 'naledi', now())`,
      [importId],
    )
    await api.pool.query(
      `insert into platform_connections (project_id, platform, carries, import_id, imported_at)
       values ('lawley', 'sow', '{pole}', $1, now())`,
      [importId],
    )
    await api.pool.query(
      `insert into platform_records (project_id, platform, dr_number, row_no, latitude, longitude, as_of) values
         ('lawley', 'sow', 'DR1729500', 1, -26.38, 27.8, now()), ('lawley', 'sow', 'DR1729501', 1, null, null, now())`,
    )
    const ticketOf = async (dr_number: string): Promise<string> => {
      const wish = { project_id: 'lawley', ticket_type: 'modification', title: 'Move the ONT', dr_number }
      return (await api.as('naledi').post('/tickets', wish)).body.data.id
    }
    let seed = 60
    const placeOf = async (id: string, south: string, step = 'house_front') => {
      seed += 1
      const bytes = await sharp(await jpeg({ seed, width: 800, height: 600 }))
        .withExif({
          IFD3: { GPSLatitudeRef: 'S', GPSLatitude: south, GPSLongitudeRef: 'E', GPSLongitude: '27/1 48/1 0/1' },
        })
        .jpeg()
        .toBuffer()
      const said = await api
        .as('naledi')
        .upload(`/tickets/${id}/verification/${step}/photos`)
        .attach('photo', bytes, 'x.jpg')
      return said.body.data.verdicts.find(({ check }: { check: string }) => check === 'place')
    }
    const [there, near] = ['26/1 22/1 48/1', '26/1 22/1 58/1'] // the drop, and 309 m south of it
    const [known, unknown] = [await ticketOf('DR1729500'), await ticketOf('DR1729501')]
    expect(await placeOf(known, there)).toMatchObject({ outcome: 'pass', evidence: { metres: 0 } })
    expect(await placeOf(known, near)).toMatchObject({ outcome: 'warn', evidence: { metres: 309, limit_metres: 250 } })
    expect(await placeOf(unknown, there)).toMatchObject({ outcome: 'unverifiable' })
    await api.pool.query(
      `update platform_records set pole_number = 'LAW.P.A077' where project_id = 'lawley' and dr_number = 'DR1729500'`,
    )
    const atPole = { project_id: 'lawley', ticket_type: 'incident', title: 'A pole leans', fault_cause: 'vandalism' }
    const onPole = await api.as('naledi').post('/tickets', { ...atPole, pole_number: 'LAW.P.A077' })
    const elsewhere = await api.as('naledi').post('/tickets', { ...atPole, pole_number: 'LAW.P.A078' })
    for (const [made, outcome] of [
      [onPole, 'warn'],
      [elsewhere, 'unverifiable'],
    ] as const)
      expect(await placeOf(made.body.data.id, near, 'work_area_final')).toMatchObject({ outcome })
    const { settings, version } = (await api.as('naledi').get('/projects/lawley/settings')).body.data
    const capture = { ...settings.capture, distance_metres: 310 }
    const changed = await api
      .as('naledi')
      .put('/projects/lawley/settings', version, { settings: { ...settings, capture } })
    expect(changed.body.error).toBeUndefined()
    expect(await placeOf(known, near)).toMatchObject({ outcome: 'pass', evidence: { metres: 309, limit_metres: 310 } })
  })

  it('whose stored files were exchanged for each other are not shown, and their hashes tell', async () => {
    const [one, other] = [randomUUID(), randomUUID()]
    await send(await jpeg({ seed: 31 }), 'one.jpg', 'wall_before_install', one)
    await send(await jpeg({ seed: 32 }), 'other.jpg', 'work_area_final', other)
    const { rows } = await api.pool.query('select storage_path as path from ticket_attachments where id in ($1, $2)', [
      one,
      other,
    ])
    const [first, second] = rows.map(({ path }) => String(path)) as [string, string]
    const [a, b] = [api.stored.objects.get(first), api.stored.objects.get(second)]
    const exchange = (x = a, y = b) => {
      if (x !== undefined && y !== undefined) api.stored.objects.set(first, x).set(second, y)
    }
    exchange(b, a)
    for (const id of [one, other]) {
      const { status, body } = await api.as('naledi').get(`/attachments/${id}/content`)
      expect([status, body.error?.details?.rule]).toEqual([424, 'ObjectDamaged'])
    }
    const stored = await api.ports.evidence.verify(rows.map(({ path }) => ({ bucket: 'memory', name: String(path) })))()
    exchange()
    const whole = await api.ports.evidence.verify(rows.map(({ path }) => ({ bucket: 'memory', name: String(path) })))()
    expect(stored).toMatchObject({ right: [{ present: true }, { present: true }] })
    expect(stored).not.toEqual(whole)
    expect((await api.as('naledi').get(`/attachments/${one}/content`)).status).toBe(200)
  })

  it('that an earlier version judged are judged again, once', async () => {
    const id = randomUUID()
    await send(await jpeg({ seed: 9, width: 900, height: 700 }), 'x.jpg', 'work_area_final', id)
    await api.pool.query(
      `update ticket_attachments set copies = null,
         verdicts = '[{"check":"decodable","outcome":"pass","checker":"basic","version":"1","at":"2026-03-03T07:00:00.000Z","reason":"opened","evidence":{}}]'
       where id = $1`,
      [id],
    )
    const verdictsOf = async () =>
      (await api.as('naledi').get(`/tickets/${ticketId}/verification`)).body.data.steps
        .find((step: { step_key: string }) => step.step_key === 'work_area_final')
        .photos[0].verdicts.map((one: { check: string; checker: string }) => `${one.checker} ${one.check}`)
    expect(await verdictsOf()).toEqual(['basic decodable'])
    expect(await api.uses.judgePhotosAgain()).toMatchObject({ right: { judged: 1, failed: 0 } })
    expect(await verdictsOf()).toEqual(
      expect.arrayContaining(['basic decodable', 'full decodable', 'full blank', 'full sequence']),
    )
    expect((await api.as('naledi').get(`/attachments/${id}/content?size=thumbnail`)).status).toBe(200)
    expect(await api.uses.judgePhotosAgain()).toMatchObject({ right: { judged: 0, failed: 0 } })
  })
})

const withComment = (picture: Buffer, comment: string): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(comment.length + 2)
  return Buffer.concat([
    picture.subarray(0, 2),
    Buffer.from([0xff, 0xfe]),
    length,
    Buffer.from(comment),
    picture.subarray(2),
  ])
}

const binary = (response: unknown, done: (error: Error | null, body: Buffer) => void): void => {
  const chunks: Buffer[] = []
  const stream = response as NodeJS.ReadableStream
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => done(null, Buffer.concat(chunks)))
}
