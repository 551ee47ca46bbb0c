import { setTimeout as sleep } from 'node:timers/promises'
import supertest from 'supertest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSheet } from '../../src/adapters/excel/read-sheet.ts'
import { exceljsWorkbookWriter } from '../../src/adapters/excel/workbook-writer.ts'
import { weeklyImportRoutes } from '../../src/adapters/http/weekly-import-routes.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../../src/application/ports/workbook-reader.ts'
import { previewReport, receiveReport } from '../../src/application/weekly-report/preview.ts'
import { testApp } from '../support/http-app.ts'
import { type ImportStores, importing, notesBook, storesOn } from '../support/importing.ts'
import { hostile, notesRows, saved } from '../support/workbooks.ts'

const AT = '/api/ticketing/import/weekly'
const NAME = 'Lawley WE251114.xlsx'
const NOWHERE = 'b2f6a2a4-0000-4000-8000-000000000000'

describe('The weekly import over HTTP', () => {
  let stores: ImportStores
  let use: ReturnType<typeof importing>
  let http: ReturnType<typeof supertest>
  beforeEach(async () => {
    stores = await storesOn('memory')
    use = importing(stores, { chunk: 10 })
    http = supertest(
      testApp({
        routes: weeklyImportRoutes({
          receive: receiveReport(use.preview),
          preview: previewReport(use.preview),
          commit: use.commit,
          reads: use.reads,
          workbooks: exceljsWorkbookWriter,
        }),
      }),
    )
  })
  afterEach(() => stores.close())

  const upload = (file: Buffer, name = NAME) => http.post(AT).attach('file', file, name)
  const book = notesBook([...notesRows(), ['Note 1: again'], ['DR12', -28]])

  it('upload, preview, commit, progress, result and the rejected rows', async () => {
    const previewed = await upload(book)
    expect([previewed.status, previewed.headers.etag]).toEqual([202, '"1"'])
    const { data } = previewed.body
    expect(data).toMatchObject({
      report_uid: 'WR2025-W46-LAWLEY',
      status: 'pending',
      already: false,
      fates: { create: 81, monitor: 12, invalid: 1 },
      rows: { total: 94, page: 1, page_size: 50 },
    })
    expect(data.rows.items[0]).toMatchObject({ fate: 'create', reason: 'a new ticket', dr_number: 'DR1729500', row: 5 })
    expect(previewed.headers.location).toBe(`${AT}/${data.id}`)

    const again = await upload(book)
    expect([again.status, again.body.data.already, again.body.data.id]).toEqual([202, true, data.id])
    expect(again.body.message).toContain('uploaded before')

    expect((await http.post(`${AT}/${data.id}/commit`)).status).toBe(428)
    const stale = await http.post(`${AT}/${data.id}/commit`).set('If-Match', '"9"')
    expect([stale.status, stale.body.error.details.current.version]).toEqual([409, 1])
    const committed = await http.post(`${AT}/${data.id}/commit`).set('If-Match', '"1"')
    expect([committed.status, committed.body.data.status, committed.body.data.already]).toEqual([
      202,
      'processing',
      false,
    ])
    const twice = await http.post(`${AT}/${data.id}/commit`).set('If-Match', '"1"')
    expect([twice.status, twice.body.data.already]).toEqual([202, true])

    const watched = http.get(`${AT}/${data.id}/events`).buffer(true)
    const [stream] = await Promise.all([watched, sleep(50).then(() => use.carryOut(data.id))])
    expect(stream.headers['content-type']).toContain('text/event-stream')
    const told = [...stream.text.matchAll(/^event: progress\ndata: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ''))
    expect(told[0]).toMatchObject({ status: 'processing' })
    expect(told.at(-1)).toMatchObject({ status: 'completed', done_count: 94, imported_count: 81 })

    const one = await http.get(`${AT}/${data.id}?fate=invalid&pageSize=5`)
    expect(one.body.data).toMatchObject({ status: 'completed', error_count: 1, rows: { total: 1 } })
    expect(one.body.data.rows.items[0]).toMatchObject({ fate: 'invalid', dr_number: 'DR12', done: true })
    const history = await http.get(`${AT}/history?project_id=lawley&status=completed`)
    expect(history.body).toMatchObject({
      data: [{ id: data.id }],
      pagination: { page: 1, pageSize: 50, total: 1, totalPages: 1 },
    })
    const walked = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const some = await http.get(`${AT}/history?pageSize=1&cursor=${cursor}`)
      walked.push(...some.body.data)
      cursor = some.body.pagination.nextCursor
    }
    expect(walked).toEqual((await http.get(`${AT}/history`)).body.data)
    expect((await http.get(`${AT}/history?cursor=x`)).status).toBe(422)

    const rejected = await http.get(`${AT}/${data.id}/rejected.xlsx`).buffer(true).parse(binary)
    expect(rejected.headers['content-disposition']).toContain('WR2025-W46-LAWLEY rejected.xlsx')
    expect(await textsIn(rejected.body)).toEqual(expect.arrayContaining(['DR12', 'Rejected because']))
  })

  it('a listener who leaves ends the stream and hurts nobody', async () => {
    const { data } = (await upload(book)).body
    await expect(http.get(`${AT}/${data.id}/events`).timeout(200)).rejects.toThrow()
    expect((await http.get(`${AT}/${data.id}`)).status).toBe(200)
  })

  it.each([
    ['text', 422, 'NotAWorkbook'],
    ['encrypted', 422, 'EncryptedWorkbook'],
    ['bomb', 422, 'WorkbookTooLarge'],
    ['truncated', 422, 'CorruptWorkbook'],
  ] as const)('%s is refused by name', async (kind, status, rule) => {
    const refused = await upload(hostile[kind]())
    expect(refused.status === status || refused.status === 413 || refused.status === 415).toBe(true)
    expect(refused.body.error.details.rule).toBe(rule)
  })

  it('a workbook without a row is refused by its field', async () => {
    const refused = await upload(notesBook([['DR Number', 'Fault', 'Zone']]))
    expect([refused.status, refused.body.error.code]).toEqual([422, 'VALIDATION_ERROR'])
    expect(refused.body.error.details.file).toContain('at least one row')
    expect((await http.get(`${AT}/history`)).body.data).toEqual([])
  })

  it('missing, wrong and unknown fields are named', async () => {
    expect((await http.post(AT).field('project_id', 'lawley')).status).toBe(422)
    const wrong = await http
      .post(AT)
      .field('week', '46')
      .field('report_date', 'today')
      .field('colour', 'red')
      .attach('file', book, NAME)
    expect(wrong.status).toBe(422)
    expect(Object.keys(wrong.body.error.details).toSorted()).toEqual(['colour', 'report_date', 'week'])
    const unplaced = await upload(book, 'report.xlsx')
    expect([unplaced.status, Object.keys(unplaced.body.error.details)]).toEqual([422, ['project_id']])
    const badWeek = await http
      .post(AT)
      .field('week', '2025-W53')
      .field('project_id', 'lawley')
      .attach('file', book, 'x.xlsx')
    expect([badWeek.status, badWeek.body.error.code]).toEqual([422, 'VALIDATION_ERROR'])
    expect((await http.get(`${AT}/not-an-id`)).status).toBe(422)
    expect((await http.get(`${AT}/${NOWHERE}`)).status).toBe(404)
    expect((await http.get(`${AT}/${NOWHERE}/rejected.xlsx`)).status).toBe(404)
    expect((await http.get(`${AT}/${NOWHERE}/events`)).status).toBe(404)
    expect((await http.post(`${AT}/${NOWHERE}/commit`).set('If-Match', '"1"')).status).toBe(404)
  })

  it('who may not import is refused before the file is taken; who may read reads', async () => {
    const { data } = (await upload(book)).body
    for (const role of ['technician', 'contractor', 'qa', 'viewer']) {
      const as = { 'X-Local-User': 'someone', 'X-Local-Role': role }
      expect((await upload(book).set(as)).status).toBe(403)
      expect((await http.get(`${AT}/${data.id}/rejected.xlsx`).set(as)).status).toBe(403)
      expect((await http.post(`${AT}/${data.id}/commit`).set(as).set('If-Match', '"1"')).status).toBe(403)
      const reads = role === 'qa' || role === 'viewer' ? 200 : 403
      expect((await http.get(`${AT}/${data.id}`).set(as)).status).toBe(reads)
      expect((await http.get(`${AT}/history`).set(as)).status).toBe(reads)
    }
  })

  it('a viewer reads no words that were written of a fault', async () => {
    const { data } = (await upload(book)).body
    const linesFor = async (role: string) => {
      const read = await http.get(`${AT}/${data.id}`).set({ 'X-Local-User': 'someone', 'X-Local-Role': role })
      return read.body.data.rows.items as ReadonlyArray<{ description: string | null; reason: string }>
    }
    expect((await linesFor('qa')).some(({ description }) => description !== null)).toBe(true)
    const seen = await linesFor('viewer')
    expect([seen.length > 0, seen.every(({ description }) => description === null)]).toEqual([true, true])
  })

  it('a service reads what it uploaded, and of others’ reports learns only that the file has one', async () => {
    const robot = { 'X-Local-User': 'robot', 'X-Local-Role': 'service' }
    const { data } = (await upload(book)).body
    const again = await upload(book).set(robot)
    expect([again.status, again.body.error.details.rule]).toEqual([409, 'SameFileAgain'])
    for (const path of [`/${data.id}`, `/${data.id}/events`, `/${data.id}/rejected.xlsx`])
      expect([path, (await http.get(`${AT}${path}`).set(robot)).status]).toEqual([path, 404])
    expect((await http.get(`${AT}/history`).set(robot)).body.data).toEqual([])
    const own = await http
      .post(AT)
      .set(robot)
      .field({ project_id: 'mohadin', report_date: '2025-11-14' })
      .attach('file', book, 'Mohadin WE251114.xlsx')
    expect(own.status).toBe(202)
    expect((await http.get(`${AT}/${own.body.data.id}`).set(robot)).status).toBe(200)
    const listed = (await http.get(`${AT}/history`).set(robot)).body.data
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([own.body.data.id])
  })
})

const binary = (response: supertest.Response, done: (error: Error | null, body: unknown) => void): void => {
  const chunks: Buffer[] = []
  const stream = response as unknown as NodeJS.ReadableStream
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => done(null, Buffer.concat(chunks)))
}

const textsIn = async (bytes: Buffer): Promise<ReadonlyArray<unknown>> => {
  const found: unknown[] = []
  const reading = readSheet({ path: saved(bytes), sheet: { type: 'first' }, limits: DEFAULT_WORKBOOK_LIMITS })
  for await (const rows of reading) for (const { cells } of rows) found.push(...cells)
  return found
}
