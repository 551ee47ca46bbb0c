import { randomUUID } from 'node:crypto'
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate, migrationsFolder } from '../../src/adapters/postgres/migrate.ts'
import { examples } from '../../src/infrastructure/examples.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg } from '../support/pictures.ts'

/** What the first released build wrote: two tickets at QA with a photo each, and a snapshot of each in one chain. */
const FIXTURE = join(import.meta.dirname, '../fixtures/photos-at-0007')

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'A database of the build before likeness and signatures, migrated', () => {
    let api: Api
    let dir: string
    const tickets: Array<{ readonly id: string; readonly photo: string; readonly bytes: Buffer }> = []
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'upgrade-'))
      api = await apiOn(engine)
      const { pool } = api
      await pool.query('drop schema public cascade; create schema public; drop schema if exists pgboss cascade')
      const files = (await readdir(migrationsFolder())).filter((name) => name.endsWith('.sql'))
      const copy = (names: ReadonlyArray<string>) =>
        Promise.all(names.map((name) => copyFile(join(migrationsFolder(), name), join(dir, name))))
      await copy(files.filter((name) => name < '0008'))
      await migrate(pool, { dir })
      for (const statement of (await readFile(join(FIXTURE, 'rows.sql'), 'utf8')).split('\n').filter(Boolean))
        await pool.query(statement)
      await copy(files.filter((name) => name >= '0008'))
      await migrate(pool, { dir })
      expect(await api.ports.directory.save(examples)()).toMatchObject({ _tag: 'Right' })
      const { rows } = await pool.query(
        'select ticket_id as id, id as photo, storage_path as path, sha256 from ticket_attachments order by uploaded_at, seq',
      )
      for (const { id, photo, path, sha256 } of rows) {
        const bytes = await readFile(join(FIXTURE, `${sha256}.jpg`))
        api.stored.objects.set(path, bytes)
        tickets.push({ id, photo, bytes })
      }
    }, 120_000)
    afterAll(async () => {
      await api.close()
      await rm(dir, { recursive: true })
    })

    const get = (path: string, user = 'naledi') => api.as(user).get(path)
    const verified = async () =>
      (await api.uses.verifySnapshots({
        principal: { userId: 'naledi', role: 'manager', contractorId: null, teams: [] },
        scope: { type: 'all' },
      })()) as { readonly right: object }

    it('lists its tickets and shows each with its photo and its snapshot', async () => {
      expect((await get('/tickets?project_id=lawley')).body.pagination.total).toBe(2)
      for (const { id, photo, bytes } of tickets) {
        const { data } = (await get(`/tickets/${id}/verification`)).body
        expect(data).toMatchObject({ required_completed: 1 })
        const original = await get(`/attachments/${photo}/content`).buffer(true)
        expect([original.status, original.body.equals(bytes)]).toEqual([200, true])
        const history = (await get(`/tickets/${id}/handover-history`)).body.data
        expect(history).toMatchObject([
          { format_version: 1, handover_type: 'build_to_qa', key_id: null, verified: true },
        ])
      }
    })

    it('verifies, its old snapshots without a signature, and anchors them', async () => {
      expect(await verified()).toMatchObject({ right: { snapshots: 2, faults: 0, not_yet_anchored: 2 } })
      const hourly = api.uses.schedules.find(({ name }) => name === 'anchor_hourly')
      await hourly?.run(new AbortController().signal)
      expect(await verified()).toMatchObject({ right: { snapshots: 2, faults: 0, not_yet_anchored: 0 } })
    })

    it('finds an old photo used again by its bytes, at once', async () => {
      const [old] = tickets
      const said = await useAgain(await newTicket(), old?.bytes ?? Buffer.alloc(0))
      expect(said.verdicts).toContainEqual(expect.objectContaining({ check: 'reuse', outcome: 'block' }))
      expect(JSON.stringify(said.verdicts)).toContain('work_area_final')
    })

    it('judges its photos again, and from then on finds them also when they were saved anew', async () => {
      const [, old] = tickets
      const { version } = (await get(`/tickets/${old?.id}`)).body.data
      const rejected = await api.as('lerato').change(`/tickets/${old?.id}/transitions`, version, {
        command: 'reject',
        codes: ['photo_quality'],
        reason: 'The clip cannot be seen',
        verdicts: [{ step: 'work_area_final', outcome: 'incorrect', comment: 'Too far away' }],
      })
      expect(rejected.body.error).toBeUndefined()
      await api
        .as('thabo')
        .change(`/tickets/${old?.id}/transitions`, rejected.body.data.version, { command: 'start_work' })
      // Of the ticket at QA the photo keeps its verdicts; later photos are compared with both.
      expect(await api.uses.judgePhotosAgain()).toMatchObject({ right: { judged: 1, compared: 2, failed: 0 } })
      expect((await get(`/attachments/${old?.photo}/content?size=view`)).status).toBe(200)
      const saved = await sharp(old?.bytes).resize(600).jpeg({ quality: 55 }).toBuffer()
      const said = await useAgain(await newTicket(), saved)
      expect(said.verdicts).toContainEqual(
        expect.objectContaining({
          check: 'reuse',
          outcome: 'block',
          reason: expect.stringContaining('work_area_final'),
        }),
      )
    })

    it('goes on: the next handover is signed and follows the old ones in their chain', async () => {
      const id = await newTicket()
      await useAgain(id, await jpeg({ seed: 77, width: 900, height: 700 }))
      expect((await api.as('naledi').post(`/tickets/${id}/verification/complete`)).body.error).toBeUndefined()
      const version = async () => (await get(`/tickets/${id}`)).body.data.version
      for (const [user, command] of [
        ['naledi', 'submit_for_qa'],
        ['lerato', 'start_qa'],
      ] as const) {
        const said = await api.as(user).change(`/tickets/${id}/transitions`, await version(), { command })
        expect(said.body.error).toBeUndefined()
      }
      const [sealed] = (await get(`/tickets/${id}/handover-history`)).body.data
      expect(sealed).toMatchObject({ seq: 3, verified: true })
      expect(sealed.key_id).not.toBeNull()
      expect(await verified()).toMatchObject({ right: { snapshots: 3, faults: 0, not_yet_anchored: 1 } })
    })

    it('still shows who touched a handover that was sealed before there were signatures', async () => {
      await api.pool.query('alter table handover_snapshots disable trigger all')
      await api.pool.query(`update handover_snapshots set handover_by = 'mallory' where seq = 1`)
      expect(await verified()).toMatchObject({
        right: { faults: 1, findings: [{ what: { type: 'ColumnDiffers', seq: 1, column: 'handover_by' } }] },
      })
    })

    const newTicket = async (): Promise<string> => {
      const made = await api.as('naledi').post('/tickets', {
        project_id: 'lawley',
        ticket_type: 'incident',
        title: 'A manhole stands open',
        pole_number: 'LAW.P.A003',
        fault_cause: 'vandalism',
        assigned_to: 'thabo',
        assigned_contractor_id: 'ubuntu-fibre',
      })
      const { id, version } = made.body.data
      const started = await api.as('thabo').change(`/tickets/${id}/transitions`, version, { command: 'start_work' })
      expect(started.body.error).toBeUndefined()
      return id
    }
    const useAgain = async (id: string, bytes: Buffer) => {
      const said = await api
        .as('thabo')
        .upload(`/tickets/${id}/verification/work_area_final/photos`)
        .field('id', randomUUID())
        .attach('photo', bytes, 'again.jpg')
      expect(said.status, JSON.stringify(said.body)).toBe(201)
      return said.body.data
    }
  })
