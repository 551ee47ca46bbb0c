import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { describeOn } from '../support/databases.ts'
import { openManhole } from '../support/field-photos.ts'
import { type Api, apiOn, ROOT } from '../support/http-api.ts'
import {
  BAD_SEGMENTS,
  badBodies,
  badQueries,
  type OpenApi,
  type Operation,
  operationsOf,
  sampleOf,
} from '../support/http-hostile.ts'

type Said = { readonly status: number; readonly body: unknown }
type Details = {
  readonly error?: { readonly code: string; readonly message: string; readonly details?: Record<string, unknown> }
}

const JSON_TYPE = { 'Content-Type': 'application/json' }

vi.setConfig({ testTimeout: 240_000 }) // thousands of requests, on a machine that may be busy

describeOn('pglite', 'a request that the OpenAPI document does not allow', () => {
  let api: Api
  let operations: ReadonlyArray<Operation>
  let ticketId: string
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let tried = 0

  const send = (
    method: string,
    path: string,
    body: string | Buffer | null = null,
    headers: Record<string, string> = {},
  ): Promise<Said> =>
    new Promise((resolve, reject) => {
      tried += 1
      const { port } = api.server.address() as AddressInfo
      const length = body === null ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
      const sent = request({
        agent,
        host: '127.0.0.1',
        port,
        method: method.toUpperCase(),
        path,
        headers: { ...length, ...headers },
      })
      sent.on('error', reject)
      sent.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : text })
        })
      })
      sent.end(body ?? undefined)
    })

  /** Of every table, its rows: whatever changes shows. */
  const everything = async (): Promise<Record<string, string>> => {
    const { rows } = await api.pool.query(
      `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1`,
    )
    const found: Record<string, string> = {}
    for (const { name } of rows) {
      const counted = await api.pool.query(
        `select count(*) || ' ' || md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as sum from ${name} t`,
      )
      found[name] = counted.rows[0].sum
    }
    return found
  }

  const pathOf = ({ path, parameters }: Operation): string =>
    parameters
      .filter((one) => one.in === 'path')
      .reduce((at, { name, schema }) => at.replace(`{${name}}`, segment(path, name, sampleOf(schema))), path)
  const segment = (path: string, name: string, sample: unknown): string =>
    name === 'id' && path.startsWith(`${ROOT}/tickets/`)
      ? ticketId
      : name === 'dr' || name === 'drNumber'
        ? 'DR1729500'
        : String(sample)

  const ifMatch = ({ parameters }: Operation): Record<string, string> =>
    parameters.some((one) => one.in === 'header') ? { 'If-Match': '"1"' } : {}

  const refused = (said: Said, what: string): Details => {
    const at = `${what}: ${said.status} ${JSON.stringify(said.body).slice(0, 400)}`
    expect(said.status, at).toBeGreaterThanOrEqual(400)
    expect(said.status, at).toBeLessThan(500)
    expect(said.body, at).toMatchObject({
      success: false,
      error: { code: expect.any(String), message: expect.any(String) },
      meta: { timestamp: expect.any(String) },
    })
    return said.body as Details
  }
  const naming = (said: Said, field: string, what: string): void => {
    const { error } = refused(said, what)
    const named = Object.keys(error?.details ?? {}).some((one) => one === field || one.startsWith(`${field}.`))
    expect(named, `${what} names ${field}: ${JSON.stringify(said.body).slice(0, 400)}`).toBe(true)
  }

  let before: Record<string, string>
  beforeAll(async () => {
    api = await apiOn('pglite')
    ticketId = await openManhole(api)
    const document = await send('get', `${ROOT}/openapi.json`)
    operations = operationsOf(document.body as OpenApi)
    before = await everything()
  })
  afterAll(async () => {
    agent.destroy()
    await api.close()
  })

  it('with one wrong, missing, unknown or hostile field in its body is told which', async () => {
    for (const operation of operations.filter(({ json }) => json !== null)) {
      const headers = { ...ifMatch(operation), ...JSON_TYPE }
      for (const { what, field, body } of badBodies(operation.json ?? {})) {
        const said = await send(operation.method, pathOf(operation), JSON.stringify(body), headers)
        naming(said, field, `${operation.method} ${operation.path} with ${what} as ${field}`)
      }
    }
  })

  it('with a body that is no such JSON is refused', async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    for (const operation of operations.filter(({ method }) => method === 'post' || method === 'put')) {
      const at = (body: string | Buffer | null, headers: Record<string, string> = JSON_TYPE) =>
        send(operation.method, pathOf(operation), body, { ...ifMatch(operation), ...headers })
      const what = `${operation.method} ${operation.path}`
      for (const body of [
        '{',
        '',
        ' ',
        'null',
        '[]',
        '"x"',
        '7',
        '{"a":1,}',
        '{"a":1}{"b":2}',
        deep,
        `{"x":"${'x'.repeat(2_000_000)}"}`,
      ]) {
        if (body !== '' || isRefusedWhenEmpty(operation)) refused(await at(body), `${what} with ${body.slice(0, 20)}`)
      }
      refused(await at(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), `${what} with bytes that are no UTF-8`)
      // What is signed is judged by its bytes, whatever they are called.
      const foreign = operation.path.includes('/webhooks/') ? 401 : 415
      expect((await at('{}', { 'Content-Type': 'text/plain' })).status, `${what} as text`).toBe(foreign)
      expect((await at('a=1', { 'Content-Type': 'application/x-www-form-urlencoded' })).status, what).toBe(foreign)
    }
  })

  it('with a hostile word in its path or its query is refused by name', async () => {
    for (const operation of operations) {
      const base = pathOf(operation)
      const headers = { ...ifMatch(operation), ...JSON_TYPE }
      const body = operation.json === null ? null : JSON.stringify(sampleOf(operation.json))
      for (const { name } of operation.parameters.filter((one) => one.in === 'path')) {
        for (const word of BAD_SEGMENTS) {
          const sample = operation.parameters.find((one) => one.name === name)?.schema
          const takesAnyWord =
            sample?.format === undefined &&
            sample?.enum === undefined &&
            word.length < 2_000 &&
            !/^%(00|ff)$/.test(word)
          const path = pathOf({ ...operation, path: operation.path.replace(`{${name}}`, '~~') }).replace('~~', word)
          const said = await send(operation.method, path, body, headers)
          const what = `${operation.method} ${path.slice(0, 200)}`
          if (takesAnyWord) expect(said.status, what).toBeLessThan(500)
          else refused(said, what)
        }
      }
      for (const { field, query } of badQueries(operation.parameters)) {
        const said = await send(operation.method, `${base}?${query}`, body, headers)
        const what = `${operation.method} ${base}?${query.slice(0, 100)}`
        if (field === null || operation.form !== null) refused(said, what)
        else naming(said, field, what)
      }
    }
  })

  it('without the version it read, or with one that is none, changes nothing', async () => {
    const guarded = operations.filter(({ parameters }) => parameters.some((one) => one.in === 'header'))
    expect(guarded.length).toBeGreaterThan(10)
    for (const operation of guarded) {
      const body = JSON.stringify(operation.json === null ? {} : sampleOf(operation.json))
      const what = `${operation.method} ${operation.path}`
      expect((await send(operation.method, pathOf(operation), body, JSON_TYPE)).status, what).toBe(428)
      for (const tag of ['*', 'W/"1"', '1', '"a"', '"1","2"', '"-1"', '"99999999999999999999"', '"1e9"'])
        expect(
          (await send(operation.method, pathOf(operation), body, { ...JSON_TYPE, 'If-Match': tag })).status,
          `${what} ${tag}`,
        ).toBe(422)
    }
  })

  it('with a form that is none, or not the one asked for, keeps nothing', async () => {
    const uploads = operations.filter(({ form }) => form !== null)
    expect(uploads.length).toBeGreaterThan(1)
    const part = (name: string, value: string, filename?: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n${value}\r\n`
    for (const operation of uploads) {
      const properties = Object.entries(operation.form?.properties ?? {})
      const file = properties.find(([, schema]) => schema.format === 'binary')?.[0] ?? ''
      const texts = properties.filter(([, schema]) => schema.format !== 'binary')
      const at = (body: string, type = 'multipart/form-data; boundary=b') =>
        send(operation.method, pathOf(operation), body, { 'Content-Type': type })
      const good = part(file, 'x', 'x.bin')
      const end = '--b--\r\n'
      const what = `${operation.method} ${operation.path}`
      naming(await at(part('surprise', '1') + good + end), 'surprise', what)
      naming(await at(part('__proto__', '1') + good + end), '__proto__', what)
      naming(await at(end), file, what)
      naming(await at(part(file, 'text') + end), file, what)
      naming(await at(good + good + end), file, what)
      naming(await at(part('other', 'x', 'x.bin') + end), 'other', what)
      naming(await at(good + part('surprise', '1') + end), 'surprise', what)
      refused(await at(good), `${what} that never ends`)
      refused(await at('no form at all'), `${what} that is none`)
      refused(await at(good + end, 'multipart/form-data'), `${what} without a boundary`)
      refused(await at(part('x'.repeat(5_000), '1') + good + end), `${what} with a long name`)
      refused(
        await at(Array.from({ length: 200 }, (_, n) => part(`f${n}`, '1')).join('') + good + end),
        `${what} with 200 fields`,
      )
      refused(await at(good + end), `${what} with a file of no kind that is asked for`)
      for (const [name] of texts)
        for (const value of ['a\u0000b', '\r\nX: y', 'x'.repeat(70_000), ''])
          naming(await at(part(name, value) + good + end), name, `${what} with ${name} ${value.slice(0, 10)}`)
    }
  })

  it('leaves every table as it was', async () => {
    expect(await everything()).toEqual(before)
    expect([api.stored.objects.size, api.stored.stagings.size]).toEqual([0, 0])
    expect(tried).toBeGreaterThan(2_000)
    expect(api.logged.filter((one) => (one as { message: string }).message === 'request failed')).toEqual([])
  })
})

/** Whether an empty body leaves something out that is asked for. */
const isRefusedWhenEmpty = ({ json }: Operation): boolean =>
  (json?.required ?? []).length > 0 || json?.oneOf !== undefined || json?.anyOf !== undefined
