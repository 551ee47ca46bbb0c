import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PhotoPool, photoPool } from '../../src/adapters/imaging/photo-pool.ts'
import { openManhole, sendPhoto } from '../support/field-photos.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg } from '../support/pictures.ts'

describe('photos over HTTP', () => {
  let api: Api
  let pool: PhotoPool
  let ticketId = ''
  beforeAll(async () => {
    pool = photoPool({ processes: 1 })
    api = await apiOn('pglite', pool)
    ticketId = await openManhole(api)
  })
  afterAll(async () => {
    await pool.close()
    await api.close()
  })

  const send = (bytes: Buffer, name = 'photo.jpg', step = 'house_front', id = randomUUID()) =>
    sendPhoto(api, ticketId, id, bytes, { by: 'naledi', step, name })
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

const binary = (response: unknown, done: (error: Error | null, body: Buffer) => void): void => {
  const chunks: Buffer[] = []
  const stream = response as NodeJS.ReadableStream
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => done(null, Buffer.concat(chunks)))
}
