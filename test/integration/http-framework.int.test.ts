import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import request from 'supertest'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { body, events, file, page } from '../../src/adapters/http/answer.ts'
import { count, id, line, several } from '../../src/adapters/http/fields.ts'
import { type Route, route } from '../../src/adapters/http/route.ts'
import { localAuthenticator } from '../../src/adapters/local-auth/local-authenticator.ts'
import { testApp } from '../support/http-app.ts'

const ID = '0b9d3f4e-5a57-4c5f-9d3b-0e8f1a2b3c4d'
const ROOT = '/api/ticketing'
const shared = { tag: 'Things', summary: 'A thing', may: 'read_ticket', status: 200 } as const
const thing = { type: 'body', schema: z.object({}) } as const

const kept: unknown[] = []
const routes: ReadonlyArray<Route> = [
  route({
    ...shared,
    method: 'get',
    path: '/things/{id}',
    name: 'thing',
    params: { id },
    answers: thing,
    handle: ({ params }) => TE.left({ type: 'NotFound', resource: 'Thing', id: params.id }),
  }),
  route({
    ...shared,
    method: 'get',
    path: '/things/history',
    name: 'history',
    query: { status: several(['open', 'closed']).optional(), page: count(1, 100).default(1) },
    answers: { type: 'page', schema: z.object({}) },
    handle: ({ query }) => TE.right(page([query], { page: query.page, pageSize: 25, total: 1, totalPages: 1 })),
  }),
  route({
    ...shared,
    method: 'put',
    path: '/things/{id}',
    name: 'changeThing',
    params: { id },
    body: z.strictObject({
      title: line(20),
      size: z.number().min(-50).max(50).nullable(),
      kind: z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('a') }),
        z.strictObject({ type: z.literal('b'), at: line(5) }),
      ]),
    }),
    ifMatch: true,
    answers: thing,
    handle: ({ body: asked, version }, principal) =>
      version === 7
        ? TE.right(body({ ...asked, by: principal.userId }, { version: version + 1 }))
        : TE.left({ type: 'Stale', id: ID, version: 7 }),
    current: () => TE.right({ id: ID, version: 7 }),
  }),
  route({
    ...shared,
    method: 'post',
    path: '/things/{id}/photos',
    name: 'addPhoto',
    may: 'add_photo',
    params: { id },
    body: z.strictObject({ note: line(10).optional() }),
    upload: {
      field: 'photo',
      description: 'A photo',
    },
    status: 201,
    answers: thing,
    handle: ({ upload: { filename, content }, body: asked }) =>
      asked.note === 'refused'
        ? TE.left({ type: 'FactsFrozen', status: 'closed', openIn: [] })
        : TE.tryCatch(
            async () => {
              const hash = createHash('sha256')
              let size = 0
              for await (const chunk of content) {
                size += chunk.length
                if (size > 1_000_000) throw new Error('too large')
                hash.update(chunk)
              }
              kept.push(filename)
              return body({ filename, size, sha256: hash.digest('hex'), ...asked }, { location: `/things/${ID}` })
            },
            (error) =>
              error instanceof Error && error.message === 'too large'
                ? ({ type: 'PayloadTooLarge', limitBytes: 1_000_000 } as const)
                : ({ type: 'UploadInterrupted' } as const),
          ),
  }),
  route({
    ...shared,
    method: 'post',
    path: '/things/{id}/burst',
    name: 'burst',
    params: { id },
    answers: thing,
    handle: () => () =>
      Promise.reject(Object.assign(new Error('value "Thandi" is bad'), { code: '22P02', detail: 'Thandi' })),
  }),
  route({
    ...shared,
    method: 'get',
    path: '/things/{id}/content',
    name: 'content',
    params: { id },
    answers: { type: 'file', mime: 'application/pdf' },
    handle: () =>
      TE.right(
        file({
          name: 'naïve "plan"\r\n.pdf',
          mime: 'application/pdf',
          size: 3,
          content: (async function* () {
            yield new Uint8Array([1, 2, 3])
          })(),
        }),
      ),
  }),
  route({
    ...shared,
    method: 'get',
    path: '/things/{id}/events',
    name: 'events',
    params: { id },
    answers: { type: 'events', schema: z.object({}) },
    handle: () =>
      TE.right(
        events(
          (async function* () {
            yield { id: '1', event: 'progress', data: { rows: 1 } }
            yield { id: null, event: 'done', data: { rows: 2 } }
          })(),
        ),
      ),
  }),
]
const logged: unknown[] = []
const app = testApp({ routes, logged })
const good = { title: 'A', size: 1, kind: { type: 'a' } }
const put = (value: unknown) =>
  request(app)
    .put(`${ROOT}/things/${ID}`)
    .set('If-Match', '"7"')
    .send(value as object)

describe('a request that cannot be taken', () => {
  it('is told which of several values of a filter is wrong', async () => {
    const got = await request(app).get(`${ROOT}/things/history?status=open,lost`)
    expect([got.status, got.body.error.details]).toEqual([
      422,
      { 'status.1': 'must be one of open, closed; it is "lost"' },
    ])
  })
  it('is told every field, the rule and the value', async () => {
    const { status, body: said } = await put({ title: '', size: 99, kind: { type: 'c' }, colour: 1, proto: 2 })
    expect(status).toBe(422)
    expect(said).toEqual({
      success: false,
      error: {
        code: 'VALIDATION_ERROR',
        message: 'The request is not valid',
        details: {
          title: 'must not be empty; it is ""',
          size: 'must be at most 50; it is 99',
          'kind.type': 'must be one of a, b; it is "c"',
          colour: 'is not a known field',
          proto: 'is not a known field',
        },
      },
      meta: { timestamp: '2026-01-31T08:00:00.000Z' },
    })
  })
  it('is told what is missing, body and all', async () => {
    const { body: said } = await request(app).put(`${ROOT}/things/nine`).set('If-Match', '"7"')
    expect(said.error.details).toEqual({
      id: 'must be a UUID; it is "nine"',
      title: 'is required and must be a text',
      size: 'is required and must be a number',
      kind: 'is required and must be an object',
    })
  })
  it.each([
    ['NUL', 'a\u0000b'],
    ['a line break', 'a\r\nb'],
    ['half a surrogate pair', 'a\ud800b'],
    ['bytes that were no UTF-8', 'a\ufffdb'],
  ])('with %s in a line of text is refused', async (_what, title) => {
    const { status, body: said } = await put({ ...good, title })
    expect([status, said.error.details.title]).toEqual([422, expect.stringMatching(/^must be one line of text/)])
  })
  it.each([
    ['no JSON', '{"title"', 400, 'BAD_REQUEST'],
    ['a JSON text', '"x"', 422, 'VALIDATION_ERROR'],
    ['a number past all numbers', `{"size":1e999}`, 422, 'VALIDATION_ERROR'],
    ['an own __proto__', '{"__proto__":{"a":1}}', 422, 'VALIDATION_ERROR'],
    ['a very deep list', '['.repeat(100_000), 400, 'BAD_REQUEST'],
    ['a very deep list, closed', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 422, 'VALIDATION_ERROR'],
    ['more than a mebibyte', `"${'x'.repeat(1_048_576)}"`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('with %s as body is refused', async (_what, text, status, code) => {
    const got = await request(app).put(`${ROOT}/things/${ID}`).set('If-Match', '"7"').type('json').send(text)
    expect([got.status, got.body.error.code]).toEqual([status, code])
  })
  it('with bytes that are no UTF-8 is refused', async () => {
    const agent = request(app).put(`${ROOT}/things/${ID}`).set('If-Match', '"7"').type('json')
    agent.write(Buffer.from([0x22, 0xff, 0x22]))
    const got = await agent
    expect([got.status, got.body.error.code]).toEqual([400, 'BAD_REQUEST'])
  })
  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/json; charset=utf-16', {}],
    ['application/json', { 'Content-Encoding': 'gzip' }],
  ])('as %s is a wrong media type', async (type, headers) => {
    const got = await request(app)
      .put(`${ROOT}/things/${ID}`)
      .set('If-Match', '"7"')
      .set(headers)
      .set('Content-Type', type)
      .send('x')
    expect([got.status, got.body.error.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })
  it.each([
    ['missing', undefined, 428],
    ['a weak tag', 'W/"7"', 422],
    ['any', '*', 422],
    ['two tags', '"7", "8"', 422],
    ['no number', '"x"', 422],
    ['past every version', '"9999999999"', 422],
    ['an older version', '"6"', 409],
  ])('with If-Match %s answers so', async (_what, tag, status) => {
    const got = await request(app)
      .put(`${ROOT}/things/${ID}`)
      .set(tag === undefined ? {} : { 'If-Match': tag })
      .send(good)
    expect(got.status).toBe(status)
    if (status === 409)
      expect(got.body.error.details).toEqual({ rule: 'Stale', current_version: 7, current: { id: ID, version: 7 } })
  })
  it('of an unknown address, method or percent sign answers 404, 405 and 400', async () => {
    expect((await request(app).get(`${ROOT}/nothing`)).body.error).toEqual({
      code: 'NOT_FOUND',
      message: "Route with identifier 'GET /api/ticketing/nothing' not found",
    })
    const wrong = await request(app).delete(`${ROOT}/things/${ID}`)
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, PUT'])
    expect((await request(app).get(`${ROOT}/things/%ff`)).status).toBe(400)
    expect((await request(app).get(`${ROOT}/things/history?page=%ff`)).status).toBe(400)
  })
  it('with a repeated, unknown or wrong query parameter is refused by name', async () => {
    const got = await request(app).get(`${ROOT}/things/history?page=1&page=2&sort=x&status=open,lost`)
    expect([got.status, Object.keys(got.body.error.details).sort()]).toEqual([422, ['page', 'sort', 'status.1']])
  })
})

describe('an answer', () => {
  it('has the host shape, the version as a strong ETag, and no cache', async () => {
    const got = await put(good)
    expect([got.status, got.headers.etag, got.headers['cache-control']]).toEqual([200, '"8"', 'no-store'])
    expect(got.body).toEqual({
      success: true,
      data: { ...good, by: 'local-admin' },
      meta: { timestamp: expect.any(String) },
    })
  })
  it('of a list has its pagination, and fixed words win over ids', async () => {
    const got = await request(app).get(`${ROOT}/things/history?status=open,closed`)
    expect(got.body).toEqual({
      success: true,
      data: [{ status: ['open', 'closed'], page: 1 }],
      pagination: { page: 1, pageSize: 25, total: 1, totalPages: 1 },
      meta: { timestamp: expect.any(String) },
    })
  })
  it('that is not there names it as the host does', async () => {
    const got = await request(app).get(`${ROOT}/things/${ID}`)
    expect([got.status, got.body.error]).toEqual([
      404,
      { code: 'NOT_FOUND', message: `Thing with identifier '${ID}' not found` },
    ])
  })
  it('that is a file comes as a download that no browser shows as a page', async () => {
    const got = await request(app).get(`${ROOT}/things/${ID}/content`)
    expect(got.headers).toMatchObject({
      'content-disposition': `attachment; filename="na_ve _plan___.pdf"; filename*=UTF-8''na%C3%AFve%20%22plan%22%0D%0A.pdf`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': 'application/pdf',
    })
    expect([...got.body]).toEqual([1, 2, 3])
  })
  it('that is a stream of events ends when they end', async () => {
    const got = await request(app).get(`${ROOT}/things/${ID}/events`)
    expect(got.text).toBe('id: 1\nevent: progress\ndata: {"rows":1}\n\nevent: done\ndata: {"rows":2}\n\n')
  })
  it('to a defect says only the code, and the log has the cause without the values', async () => {
    const got = await request(app).post(`${ROOT}/things/${ID}/burst`)
    expect([got.status, got.body.error]).toEqual([
      500,
      { code: 'INTERNAL_ERROR', message: 'Something went wrong on our side' },
    ])
    expect(JSON.stringify(logged)).toContain('22P02')
    expect(JSON.stringify(logged)).not.toContain('Thandi')
  })
})

describe('an upload', () => {
  const photos = `${ROOT}/things/${ID}/photos`
  it('streams its one file to the route, with the texts before it', async () => {
    const got = await request(app).post(photos).field('note', 'late').attach('photo', Buffer.from('abc'), 'é.jpg')
    expect([got.status, got.body.data]).toEqual([
      201,
      { filename: 'é.jpg', size: 3, sha256: createHash('sha256').update('abc').digest('hex'), note: 'late' },
    ])
    expect(got.headers.location).toBe(`${ROOT}/things/${ID}`)
  })
  it.each([
    [
      'an unknown text',
      { colour: 'is not a known field' },
      (r: request.Test) => r.field('colour', 'red').attach('photo', Buffer.from('abc'), 'x.jpg'),
    ],
    [
      'a text after the file',
      { note: 'must come before the file' },
      (r: request.Test) => r.attach('photo', Buffer.from('abc'), 'x.jpg').field('note', 'late'),
    ],
    [
      'two files',
      { photo: 'must be one file' },
      (r: request.Test) => r.attach('photo', Buffer.from('abc'), 'x.jpg').attach('photo', Buffer.from('b'), 'b.jpg'),
    ],
    [
      'a file of another name',
      { picture: 'is not a known field' },
      (r: request.Test) => r.attach('picture', Buffer.from('abc'), 'x.jpg'),
    ],
    [
      'no file',
      { photo: 'is required and must be a file; a quote in its name has to be escaped' },
      (r: request.Test) => r.field('note', 'x'),
    ],
    [
      'no file and a text too long',
      {
        photo: 'is required and must be a file; a quote in its name has to be escaped',
        note: 'must have at most 10 characters; it is "xxxxxxxxxxx"',
      },
      (r: request.Test) => r.field('note', 'x'.repeat(11)),
    ],
  ])('with %s is refused by name and keeps nothing', async (_what, details, send) => {
    kept.length = 0
    const got = await send(request(app).post(photos))
    expect([got.status, got.body.error.details, kept]).toEqual([422, details, []])
  })
  it('that the route refuses before reading it is answered all the same', async () => {
    const got = await request(app)
      .post(photos)
      .field('note', 'refused')
      .attach('photo', Buffer.alloc(3_000_000), 'x.jpg')
    expect([got.status, got.body.error.details.rule]).toEqual([423, 'FactsFrozen'])
  })
  /** As a client that escapes nothing sends it. */
  const named = (filename: string) =>
    request(app)
      .post(photos)
      .set('Content-Type', 'multipart/form-data; boundary=x')
      .send(
        `--x\r\nContent-Disposition: form-data; name="photo"; filename="${filename}"\r\nContent-Type: image/jpeg\r\n\r\nabc\r\n--x--\r\n`,
      )
  it.each([
    ['../../etc/passwd', 'must have a name that is no path: without / and \\'],
    ['C:\\\\Windows\\\\win.ini', 'must have a name that is no path: without / and \\'],
    ['photos/front.jpg', 'must have a name that is no path: without / and \\'],
    ['..', 'must have a name that is no path: without / and \\'],
    [`${'n'.repeat(252)}.jpg`, 'must have a name of at most 255 characters'],
    ['two\u2028lines.jpg', 'must have a name on one line, without control characters'],
  ])('named %j is refused with the rule, and nothing of it is kept', async (filename, rule) => {
    kept.length = 0
    const got = await named(filename)
    expect([got.status, got.body.error?.code, got.body.error?.details]).toEqual([
      422,
      'VALIDATION_ERROR',
      { photo: rule },
    ])
    expect(kept).toEqual([])
  })
  it.each([`${'n'.repeat(251)}.jpg`, '...jpg', "a (1) 'b' %20.jpg", 'voorkant \\"huis\\".jpg'])(
    'named %j is kept under that name',
    async (filename) => {
      const got = await named(filename)
      expect([got.status, got.body.data?.filename]).toEqual([201, filename.replaceAll('\\"', '"')])
    },
  )
  it('named with a NUL, or with a quote that is not escaped, is refused with what is wrong', async () => {
    const nul = await named('a\u0000.jpg')
    expect([nul.status, nul.body.error.message]).toEqual([400, expect.stringContaining('has a NUL')])
    const quote = await named('a"b.jpg')
    expect([quote.status, quote.body.error.details]).toEqual([422, { photo: expect.stringContaining('quote') }])
  })

  it('broken off in the middle keeps nothing', async () => {
    kept.length = 0
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const socket = connect(port, '127.0.0.1')
      socket.write(
        `POST ${photos} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\nabc`,
      )
      await sleep(50)
      const seen = logged.length
      socket.destroy()
      await vi.waitFor(() => expect(logged.slice(seen)).toContainEqual(expect.objectContaining({ status: 499 })))
      expect(kept).toEqual([])
    } finally {
      server.close()
    }
  })
  it('that is too large is refused with the limit', async () => {
    const got = await request(app).post(photos).attach('photo', Buffer.alloc(3_000_000), 'x.jpg')
    expect([got.status, got.body.error.details]).toEqual([413, { limit_bytes: 1_000_000 }])
  })
  it('by a role that may not, as JSON, or broken is refused before it is read', async () => {
    const viewer = await request(app)
      .post(photos)
      .set('X-Local-Role', 'viewer')
      .attach('photo', Buffer.from('a'), 'a.jpg')
    expect([viewer.status, viewer.body.error.code]).toEqual([403, 'INSUFFICIENT_PERMISSIONS'])
    expect((await request(app).post(photos).send({ photo: 'x' })).status).toBe(415)
    expect((await request(app).post(photos)).status).toBe(415)
    const broken = await request(app)
      .post(photos)
      .set('Content-Type', 'multipart/form-data; boundary=x')
      .send('--x\r\nno')
    expect(broken.status).toBe(400)
    const unbounded = await request(app).post(photos).set('Content-Type', 'multipart/form-data').send('--x\r\nno')
    expect(unbounded.status).toBe(400)
  })
})

describe('the operations', () => {
  it('say that the process lives, whether it can serve, what it served, and how to call it', async () => {
    expect((await request(app).get(`${ROOT}/health`)).body).toEqual({ status: 'alive' })
    expect((await request(app).get(`${ROOT}/ready`)).body).toEqual({ status: 'ready' })
    expect((await request(app).get(`${ROOT}/metrics`)).text).toContain(
      'ticketing_http_requests_total{method="GET",route="/api/ticketing/things/{id}",status="404"}',
    )
    const document = (await request(app).get(`${ROOT}/openapi.json`)).body
    expect([document.openapi, Object.keys(document.paths).length]).toEqual(['3.1.0', 6])
    expect((await request(app).get(`${ROOT}/docs`)).headers.location).toBe(`${ROOT}/docs/`)
    const docs = await request(app).get(`${ROOT}/docs/`)
    expect(docs.status).toBe(200)
    expect(docs.text).not.toMatch(/https?:\/\/(?!www\.w3\.org)/)
    expect((await request(app).get(`${ROOT}/docs/swagger-ui-bundle.js`)).status).toBe(200)
  })
  it('not ready and draining answer 503 with when to come again', async () => {
    const away = testApp({ routes, notReady: async () => 'the database is away' })
    const ready = await request(away).get(`${ROOT}/ready`)
    expect([ready.status, ready.body.error.code, ready.headers['retry-after']]).toEqual([
      503,
      'SERVICE_UNAVAILABLE',
      '5',
    ])
    const stopping = testApp({ routes, draining: () => true })
    const got = await request(stopping).get(`${ROOT}/things/${ID}`)
    expect([got.status, got.headers['retry-after'], got.headers.connection]).toEqual([503, '5', 'close'])
    expect((await request(stopping).get(`${ROOT}/health`)).status).toBe(200)
  })
})

describe('local sign-in', () => {
  const open = route({
    ...shared,
    method: 'get',
    path: '/open',
    name: 'open',
    may: 'anyone',
    answers: thing,
    handle: () => TE.right(body({ open: true })),
  })
  const everywhere = testApp({ routes: [...routes, open] })
  it.each([
    '/health',
    '/ready',
    '/metrics',
    '/openapi.json',
    '/docs',
    '/docs/',
    '/docs/swagger-ui-bundle.js',
    '/open',
    '/things/history',
    '/nowhere',
  ])('at %s too, refuses a foreign Host and the page of another origin', async (path) => {
    const ask = () => request(everywhere).get(`${ROOT}${path}`)
    const refused = [
      await ask().set('Host', 'rebound.example.org'),
      await ask().set('Host', 'rebound.example.org:3000').set('X-Local-User', 'thabo'),
      await ask().set('Host', 'localhost').set('Origin', 'https://evil.example.org'),
      await ask().set('Host', 'localhost').set('Origin', 'null'),
    ]
    expect(refused.map(({ status, body: said }) => [status, said.error?.code])).toEqual(
      refused.map(() => [403, 'FORBIDDEN']),
    )
    expect(refused.every(({ headers }) => headers['x-request-id'] !== undefined)).toBe(true)
    for (const served of [
      await ask().set('Host', 'localhost:4100'),
      await ask().set('Host', 'localhost:4100').set('Origin', 'http://localhost:4100'),
    ])
      expect(served.status).toBe(path === '/nowhere' ? 404 : path === '/docs' ? 302 : 200)
  })
  it.each(['127.0.0.1', '::1', 'localhost'])('is made for a server on %s', (host) => {
    expect(localAuthenticator(host, () => TE.right(null))._tag).toBe('Right')
  })
  it.each(['0.0.0.0', '::', '10.0.0.4', 'example.org', '127.0.0.1.example.org'])(
    'is not made for one on %s',
    (host) => {
      expect(localAuthenticator(host, () => TE.right(null))).toMatchObject({ left: { type: 'NotOnLoopback', host } })
    },
  )
  it('takes role, contractor and teams from the directory where the request names none', async () => {
    const known = { role: 'technician', contractorId: 'ubuntu-fibre', teams: ['law1'] } as const
    const authenticate = localAuthenticator('127.0.0.1', () => TE.right(known))
    if (authenticate._tag === 'Left') throw new Error('not made')
    const ask = (headers: Record<string, string>) =>
      authenticate.right.authenticate({
        method: 'GET',
        headers: { host: 'localhost', ...headers },
        remoteAddress: '127.0.0.1',
      })()
    expect(await ask({ 'x-local-user': 'thabo' })).toMatchObject({ right: { userId: 'thabo', ...known } })
    expect(await ask({ cookie: 'X-Local-User=thabo; X-Local-Teams=law2' })).toMatchObject({
      right: { userId: 'thabo', role: 'technician', teams: ['law2'] },
    })
    expect(await ask({})).toMatchObject({ right: { userId: 'local-admin', role: 'admin' } })
  })
  it('serves no peer of another machine', async () => {
    const authenticate = localAuthenticator('127.0.0.1', () => TE.right(null))
    if (authenticate._tag === 'Left') throw new Error('not made')
    const facts = { method: 'GET', headers: { host: 'localhost' }, remoteAddress: '10.0.0.9' }
    expect(authenticate.right.admit(facts)).toMatchObject({ left: { type: 'RequestRefused' } })
    expect(await authenticate.right.authenticate(facts)()).toMatchObject({ left: { type: 'RequestRefused' } })
  })
})
