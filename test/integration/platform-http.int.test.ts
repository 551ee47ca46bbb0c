import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import request from 'supertest'
import { beforeEach, describe, expect, it } from 'vitest'
import { childProcessWorkbookReader } from '../../src/adapters/excel/workbook-reader.ts'
import { directoryRoutes } from '../../src/adapters/http/directory-routes.ts'
import { dropRoutes } from '../../src/adapters/http/drop-routes.ts'
import { platformRoutes } from '../../src/adapters/http/platform-routes.ts'
import { settingsRoutes } from '../../src/adapters/http/settings-routes.ts'
import { localReportFiles } from '../../src/adapters/local-files/report-files.ts'
import { changeDirectory } from '../../src/application/directory/change-directory.ts'
import { uploadDirectory } from '../../src/application/directory/import-directory.ts'
import { readDirectory } from '../../src/application/directory/read-directory.ts'
import { uploadPlatform } from '../../src/application/platform/import-platform.ts'
import { readInstallationDate, setInstallationDate } from '../../src/application/platform/installation-date.ts'
import { lookUpDrop } from '../../src/application/platform/look-up-drop.ts'
import { changeSettings } from '../../src/application/settings/change-settings.ts'
import { readSettings, readSettingsHistory } from '../../src/application/settings/read-settings.ts'
import { changeDeps } from '../support/change-deps.ts'
import { testApp } from '../support/http-app.ts'
import { outsideInMemory } from '../support/outside-stores.ts'
import { hldRows, hostile, xlsx } from '../support/workbooks.ts'

const ROOT = '/api/ticketing'
const REAL = '../shared/data/Drops_Lawley.xlsx'

describe('What a project is judged by, over HTTP', () => {
  let app: ReturnType<typeof testApp>
  beforeEach(async () => {
    const stores = await outsideInMemory()
    const reportFiles = localReportFiles(mkdtempSync(join(tmpdir(), 'uploads-')))
    const deps = {
      ...changeDeps(stores.tickets),
      ...stores,
      reportFiles,
      newId: randomUUID,
      workbooks: childProcessWorkbookReader(),
    }
    app = testApp({
      routes: [
        ...settingsRoutes({
          readSettings: readSettings(deps),
          readSettingsHistory: readSettingsHistory(deps),
          changeSettings: changeSettings(deps),
        }),
        ...directoryRoutes({
          readDirectory: readDirectory(deps),
          changeDirectory: changeDirectory(deps),
          uploadDirectory: uploadDirectory(deps),
        }),
        ...platformRoutes({ uploadPlatform: uploadPlatform(deps) }),
        ...dropRoutes({
          lookUpDrop: lookUpDrop(deps),
          readInstallationDate: readInstallationDate(deps),
          setInstallationDate: setInstallationDate(deps),
        }),
      ],
    })
    await request(app)
      .post(`${ROOT}/directory/projects`)
      .send({ entries: [{ id: 'lawley', name: 'Lawley', code: 'law' }] })
      .expect(204)
  })
  const get = (path: string) => request(app).get(`${ROOT}${path}`)
  const put = (path: string, version: number, data: object) =>
    request(app).put(`${ROOT}${path}`).set('If-Match', `"${version}"`).send(data)
  const upload = (
    path: string,
    content: Buffer | string,
    fields: Readonly<Record<string, string>> = { project_id: 'lawley' },
  ) =>
    Object.entries(fields)
      .reduce((sent, [name, value]) => sent.field(name, value), request(app).post(`${ROOT}${path}`))
      .attach('file', content, { filename: 'drops.xlsx' })

  it('settings go back as they came, with a new version; a lost race is told what stands', async () => {
    const { body, headers } = await get('/projects/lawley/settings').expect(200)
    expect(headers.etag).toBe('"0"')
    expect(body.data).toMatchObject({
      project_id: 'lawley',
      version: 0,
      changed_by: null,
      settings: { rx: { min: -25, max: -10 } },
    })
    const same = await put('/projects/lawley/settings', 0, { settings: body.data.settings }).expect(200)
    expect(same.headers.etag).toBe('"1"')
    expect(same.body.data).toMatchObject({
      version: 1,
      settings: body.data.settings,
      touched: { rechecked: 0, fell_back: 0, reset: 0 },
    })
    const lost = await put('/projects/lawley/settings', 0, { settings: body.data.settings }).expect(409)
    expect(lost.body.error).toMatchObject({ code: 'CONFLICT', details: { current: { version: 1 } } })
    await request(app).put(`${ROOT}/projects/lawley/settings`).send({ settings: body.data.settings }).expect(428)
    const history = await get('/projects/lawley/settings/history').expect(200)
    expect(history.body.data).toMatchObject([{ version: 1, changed_by: 'local-admin' }])
  })

  it('settings of another kind are refused by the field', async () => {
    const { body } = await get('/projects/lawley/settings')
    const { settings } = body.data
    const refused = async (changed: object) => {
      const answer = await put('/projects/lawley/settings', 0, { settings: { ...settings, ...changed } }).expect(422)
      expect(answer.body.error.code).toBe('VALIDATION_ERROR')
      return Object.keys(answer.body.error.details).join()
    }
    expect(await refused({ rx: { min: 'low', max: -10 } })).toContain('rx.min')
    expect(await refused({ rx: { min: -10, max: -25 } })).toContain('rx')
    expect(await refused({ surprise: true })).toContain('surprise')
    expect(await refused({ step_overrides: { maintenance: ['selfie'] } })).toContain('step_overrides')
    expect(await refused({ sla: { ...settings.sla, low: { ...settings.sla.low, calendar: 'lunar' } } })).toContain(
      'sla',
    )
    expect(await refused({ rx: undefined })).toContain('rx')
    await put('/projects/nowhere/settings', 0, { settings }).expect(404)
  })

  it('the directory takes people, companies, teams and projects, and lists them', async () => {
    await request(app)
      .post(`${ROOT}/directory/contractors`)
      .send({ entries: [{ id: 'plannet', name: 'PlanNet' }] })
      .expect(204)
    await request(app)
      .post(`${ROOT}/directory/people`)
      .send({
        entries: [
          { id: 'thandi', name: 'Thandi', role: 'technician', contractor_id: 'plannet', phone: '082 000 0001' },
        ],
      })
      .expect(204)
    await request(app)
      .post(`${ROOT}/directory/teams`)
      .send({ entries: [{ id: 'law1', name: 'Lawley 1', contractor_id: 'plannet', member_ids: ['thandi'] }] })
      .expect(204)
    expect((await get('/directory/people').expect(200)).body.data).toEqual([
      {
        id: 'thandi',
        name: 'Thandi',
        role: 'technician',
        contractor_id: 'plannet',
        phone: '+27820000001',
        email: null,
      },
    ])
    expect((await get('/directory/projects').expect(200)).body.data).toMatchObject([{ id: 'lawley', code: 'LAW' }])
    expect((await get('/directory/teams').expect(200)).body.data).toMatchObject([
      { id: 'law1', member_ids: ['thandi'] },
    ])
    expect((await get('/directory/contractors').set('X-Local-Role', 'technician').expect(200)).body.data).toMatchObject(
      [{ id: 'plannet', phone: null }],
    )
    const wrong = await request(app)
      .post(`${ROOT}/directory/people`)
      .send({ entries: [{ id: 'x', name: 'X', role: 'viewer', phone: 'call me' }] })
    expect(wrong.status).toBe(422)
    expect(JSON.stringify(wrong.body)).not.toContain('call me')
    await request(app)
      .post(`${ROOT}/directory/people`)
      .send({ entries: [{ id: 'x', name: 'X', role: 'viewer', contractor_id: 'nowhere' }] })
      .expect(422)
    await request(app).post(`${ROOT}/directory/people`).set('X-Local-Role', 'qa').send({ entries: [] }).expect(422)
    const workbook = xlsx([
      {
        name: 'People',
        rows: [
          ['id', 'name', 'role'],
          ['zola', 'Zola', 'qa'],
          ['y', '', 'qa'],
        ],
      },
    ])
    const imported = await upload('/directory/import', workbook, {}).expect(200)
    expect(imported.body.data).toMatchObject({ people: 1, problems: [{ sheet: 'People', row: 3, field: 'name' }] })
  })

  it('a design is imported, known again, and looked up', async () => {
    const workbook = xlsx([{ name: 'HLD_Home', rows: hldRows(60) }])
    const { body } = await upload('/platforms/sow/import', workbook).expect(200)
    expect(body.data).toMatchObject({
      same_file: false,
      platform: 'sow',
      filename: 'drops.xlsx',
      carries: ['pole', 'pon', 'zone'],
      rows_read: 56,
      drops: 55,
      repeated_drops: 1,
      problems: [],
      touched: { rechecked: 0 },
    })
    const again = await upload('/platforms/sow/import', workbook).expect(200)
    expect(again.body).toMatchObject({
      data: { same_file: true, id: body.data.id },
      message: expect.stringContaining('nothing was changed'),
    })
    const found = await get('/dr-lookup/dr%201729501?project_id=lawley').expect(200)
    expect(found.body.data).toMatchObject({
      dr_number: 'DR1729501',
      outcome: 'found',
      rows: [{ project_name: 'Lawley', pole_number: 'LAW.P.A000' }],
    })
    expect((await get('/dr-lookup/DR1729559').expect(200)).body.data).toMatchObject({
      outcome: 'ambiguous',
      rows: [{}, {}],
    })
    expect((await get('/dr-lookup/DR1729500').expect(200)).body.data).toMatchObject({ outcome: 'spare' })
    expect((await get('/dr-lookup/DR9999999').expect(200)).body.data).toMatchObject({
      outcome: 'not_found',
      projects_searched: ['lawley'],
    })
    expect((await get('/dr-lookup/house').expect(422)).body.error.details).toHaveProperty('dr_number')
  })

  it('what is no such workbook is refused by name', async () => {
    await upload('/platforms/sow/import', hostile.pdf()).expect(422)
    await upload('/platforms/tracker/import', xlsx([{ name: 'HLD_Home', rows: hldRows(5) }])).expect(422)
    await upload('/platforms/sow/import', xlsx([{ name: 'HLD_Home', rows: [['pole'], ['LAW.P.A002']] }])).expect(422)
    await upload('/platforms/sow/import', xlsx([{ name: 'HLD_Home', rows: hldRows(5) }]), {
      project_id: 'nowhere',
    }).expect(422)
    await upload('/platforms/sow/import', xlsx([{ name: 'HLD_Home', rows: hldRows(5) }]))
      .set('X-Local-Role', 'qa')
      .expect(403)
    expect((await get('/dr-lookup/DR1729500')).body.data.outcome).toBe('no_sow')
  })

  it('an installation date is entered by the version it replaces', async () => {
    const path = '/projects/lawley/drops/DR1729500/installation-date'
    await get(path).expect(404)
    const entered = await put(path, 0, { installed_on: '2026-02-01', source: '1Map' }).expect(200)
    expect(entered.headers.etag).toBe('"1"')
    expect(entered.body.data).toMatchObject({
      dr_number: 'DR1729500',
      installed_on: '2026-02-01',
      source: '1Map',
      version: 1,
    })
    expect(
      (await put(path, 0, { installed_on: '2026-02-02', source: '1Map' }).expect(409)).body.error.details.current,
    ).toMatchObject({ version: 1 })
    await put(path, 2_147_483_647, { installed_on: '2026-02-02', source: '1Map' }).expect(409)
    await put(path, 1, { installed_on: '2999-01-01', source: '1Map' }).expect(422)
    await put(path, 1, { installed_on: '2026-02-02', source: 'site visit' }).expect(200)
    expect((await get(path).expect(200)).body.data).toMatchObject({ installed_on: '2026-02-02', version: 2 })
  })

  it.skipIf(!existsSync(REAL))('the real design brings 23,708 drops with their one double', async () => {
    const { body } = await request(app)
      .post(`${ROOT}/platforms/sow/import`)
      .field('project_id', 'lawley')
      .attach('file', REAL)
      .expect(200)
    expect(body.data).toMatchObject({
      rows_read: 23_708,
      rows_kept: 23_708,
      drops: 23_707,
      repeated_drops: 1,
      spares: 3_599,
      problem_count: 0,
    })
    const double = await get('/dr-lookup/DR1753202').expect(200)
    expect(double.body.data).toMatchObject({
      outcome: 'ambiguous',
      rows: [
        { pole_number: 'LAW.P.C175', pon_number: '110', zone_no: '10' },
        { pole_number: 'LAW.P.C698', pon_number: '137', zone_no: '11' },
      ],
    })
  })
})
