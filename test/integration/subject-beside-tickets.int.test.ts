import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { inTransaction, type Queryable } from '../../src/adapters/contract/pool.ts'
import { subjectFolder } from '../../src/adapters/local-files/subject-folder.ts'
import { BESIDE_DROP, CANARY } from '../support/client-rows.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const TABLES = ['platform_records', 'drop_installations', 'repeat_fault_escalations', 'weekly_report_rows']
const admin = { userId: 'admin', role: 'admin', contractorId: null, teams: [] } as const

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'A client whose drop has records and no ticket', () => {
    let api: Api
    let folder: string
    beforeAll(async () => {
      api = await apiOn(engine)
      folder = await mkdtemp(join(tmpdir(), 'beside-'))
    })
    afterAll(async () => {
      await api.close()
      await rm(folder, { recursive: true })
    })

    const imported = async (dr: string, tables: ReadonlyArray<string> = TABLES) => {
      for (const statement of BESIDE_DROP)
        if (tables.some((table) => statement.includes(`insert into ${table}`))) await api.pool.query(statement, [dr])
    }
    const erase = async (dr: string) =>
      api.as('admin').post('/subjects/erase', { project_id: 'lawley', dr_number: dr, reason: 'asked' })
    const exported = async (dr: string) => {
      const path = join(folder, randomUUID())
      const counts = await api.uses.exportSubject(
        admin,
        { type: 'drop', projectId: 'lawley', dr },
        subjectFolder(path),
      )()
      // biome-ignore lint/suspicious/noExplicitAny: a file as its reader has it
      const said: any = counts._tag === 'Left' ? null : JSON.parse(await readFile(join(path, 'subject.json'), 'utf8'))
      return { counts, said }
    }
    const recorded = async (table: 'subject_erasures' | 'subject_exports', dr: string) =>
      (await api.pool.query(`select by, tickets from ${table} where project_id = 'lawley' and dr_number = $1`, [dr]))
        .rows
    const saying = async () => {
      const found: string[] = []
      for (const table of [...TABLES, 'tickets', 'ticket_clients']) {
        const { rows } = await api.pool.query(`select row_to_json(x)::text as row from ${table} x`)
        for (const { row } of rows) if (row.includes(CANARY) || row.includes('27.654321')) found.push(`${table} ${row}`)
      }
      return found
    }
    const ticketOn = async (dr: string, name: string) => {
      const ticket = aTicket('open')
      await done(api.ports.tickets.commit([creationOf(ticket, { client: { name, phone: null, email: null } })], []))
      await api.pool.query('update tickets set dr_number = $2 where id = $1', [ticket.id, dr])
      return ticket.id
    }

    it('is exported and erased just the same, the drop written in any way, and both are recorded', async () => {
      await imported('DR3000001')
      await imported('DR3000099', ['platform_records'])
      const { said, counts } = await exported('DR3000001')
      expect(counts).toMatchObject({ right: { tickets: 0, rowsBeside: 4, files: 0, filesNotRead: 0 } })
      expect(said).toMatchObject({ tickets: [], files: [] })
      for (const table of TABLES) expect([table, said.beside_tickets[table].length]).toEqual([table, 1])
      expect(JSON.stringify(said)).toContain('27.654321')
      expect(await recorded('subject_exports', 'DR3000001')).toEqual([{ by: 'admin', tickets: [] }])

      expect((await saying()).length).toBe(5)
      const erased = await erase('dr 3000001')
      expect([erased.status, erased.body.data]).toMatchObject([
        200,
        { tickets: [], newly_erased: 0, rows_beside: 4, rows_cleared: 4, copies_left: 0, plain_originals: 0 },
      ])
      // the neighbour's record alone
      expect((await saying()).map((row) => row.includes('DR3000099'))).toEqual([true])
      expect(await recorded('subject_erasures', 'DR3000001')).toEqual([{ by: 'admin', tickets: [] }])
      await api.pool.query(`delete from platform_records where dr_number = 'DR3000099'`)
    })

    it('is not erased a second time, and what is imported later is erased and recorded anew', async () => {
      await imported('DR3000002')
      await erase('DR3000002')
      const again = await erase('DR3000002')
      expect([again.status, again.body.data]).toMatchObject([200, { newly_erased: 0, rows_beside: 4, rows_cleared: 0 }])
      expect(await recorded('subject_erasures', 'DR3000002')).toHaveLength(1)
      await imported('DR3000002', ['weekly_report_rows'])
      expect(await saying()).toHaveLength(1)
      expect((await erase('DR3000002')).body.data).toMatchObject({ rows_beside: 5, rows_cleared: 1 })
      expect(await saying()).toEqual([])
      expect(await recorded('subject_erasures', 'DR3000002')).toHaveLength(2)
    })

    it('is not found only where there is neither ticket nor row, and nothing is recorded', async () => {
      expect((await erase('DR3000003')).status).toBe(404)
      expect(await exported('DR3000003')).toMatchObject({ counts: { left: { type: 'NotFound' } } })
      expect(await recorded('subject_erasures', 'DR3000003')).toEqual([])
      expect(await recorded('subject_exports', 'DR3000003')).toEqual([])
      await api.pool.query(`insert into platform_records (project_id, platform, dr_number, row_no, as_of)
        values ('lawley', 'tracker', 'DR3000003', 1, now())`)
      expect((await erase('DR3000003')).body.data).toMatchObject({ rows_beside: 1, rows_cleared: 0 })
      expect(await recorded('subject_erasures', 'DR3000003')).toEqual([])
      expect(await exported('DR3000003')).toMatchObject({ counts: { right: { rowsBeside: 1 } } })
    })

    it.each(TABLES)('is found by a row of %s alone', async (table) => {
      const dr = `DR300001${TABLES.indexOf(table)}`
      await imported(dr, [table])
      expect(await exported(dr)).toMatchObject({ counts: { right: { tickets: 0, rowsBeside: 1 } } })
      expect((await erase(dr)).body.data).toMatchObject({ rows_beside: 1, rows_cleared: 1 })
      expect(await saying()).toEqual([])
    })

    it('erased twice at once is erased and recorded once', async () => {
      await imported('DR3000005')
      const both = await Promise.all([erase('DR3000005'), erase('DR3000005')])
      expect(both.map(({ body }) => body.data.rows_cleared).toSorted()).toEqual([0, 4])
      expect(await recorded('subject_erasures', 'DR3000005')).toHaveLength(1)
    })

    it('is given each row once: a report’s row under the ticket it became, else beside the tickets', async () => {
      const [one, two] = [await ticketOn('DR3000006', 'A'), await ticketOn('DR3000006', 'B')]
      const elsewhere = await ticketOn('DR3000007', 'C')
      for (const _ of [1, 2, 3]) await imported('DR3000006', ['weekly_report_rows'])
      await imported('DR3000006', ['platform_records'])
      const { rows } = await api.pool.query(
        `select report_id from weekly_report_rows where line ->> 'dr' = 'DR3000006' order by report_id`,
      )
      const becomes = (n: number, ticket: string) =>
        api.pool.query('update weekly_report_rows set ticket_id = $2 where report_id = $1', [
          rows[n]?.report_id,
          ticket,
        ])
      await becomes(0, one)
      // a row whose ticket was given another drop since
      await becomes(1, elsewhere)
      const { said } = await exported('DR3000006')
      const under = said.tickets.map(({ id, rows: of }: { id: string; rows: Record<string, unknown[]> }) => [
        id,
        of.weekly_report_rows?.length,
        'platform_records' in of,
      ])
      expect(under.toSorted()).toEqual(
        [
          [one, 1, false],
          [two, 0, false],
        ].toSorted(),
      )
      expect(said.beside_tickets).toMatchObject({ weekly_report_rows: [{}], platform_records: [{}] })
      expect((await erase('DR3000006')).body.data).toMatchObject({ newly_erased: 2, rows_beside: 2 })
      // that client is the other drop's, and goes with it
      expect((await saying()).map((row) => row.split(' ')[0])).toEqual(['weekly_report_rows'])
      expect((await exported('DR3000007')).said.tickets).toMatchObject([{ rows: { weekly_report_rows: [{}] } }])
      await erase('DR3000007')
      expect(await saying()).toEqual([])
    })

    /** Erases while `hold` and `work` have a transaction open, and shows that the erasure waited for it. */
    const erasedDuring = async (dr: string, hold: string, work: (client: Queryable) => Promise<unknown>) => {
      const erasing = await inTransaction(api.pool, async (client) => {
        await client.query(hold)
        const started = erase(dr)
        const first = await Promise.race([started, new Promise((resolve) => setTimeout(() => resolve('waits'), 500))])
        expect(first).toBe('waits')
        await work(client)
        return { started }
      })
      return (await erasing.started).body.data
    }

    it.runIf(engine === 'postgres')(
      'waits for the report that is making a ticket of a row, and erases it',
      async () => {
        await imported('DR3000008', ['weekly_report_rows'])
        await api.pool.query(`update weekly_reports set status = 'processing'`)
        const erased = await erasedDuring('DR3000008', 'select from weekly_reports order by id for update', (client) =>
          client.query(`insert into tickets (id, source, title, description, ticket_type, project_id, dr_number)
          select gen_random_uuid(), 'weekly_report', 'x', line ->> 'description', 'maintenance', 'lawley', 'DR3000008'
          from weekly_report_rows where line ->> 'dr' = 'DR3000008'`),
        )
        expect(erased).toMatchObject({ newly_erased: 1, rows_beside: 1 })
        expect(await saying()).toEqual([])
      },
    )

    it.runIf(engine === 'postgres')(
      'waits for the import that is bringing its first record, and erases it',
      async () => {
        const lawley = `select from project_settings where project_id = 'lawley' for update`
        const erased = await erasedDuring('DR3000009', lawley, (client) =>
          client.query(BESIDE_DROP[0] ?? '', ['DR3000009']),
        )
        expect(erased).toMatchObject({ tickets: [], rows_cleared: 1 })
        expect(await saying()).toEqual([])
      },
    )

    it.runIf(engine === 'postgres')(
      'is erased also when a person ends an escalation of the drop at the same moment',
      async () => {
        const ticket = await ticketOn('DR3000020', 'A')
        await imported('DR3000020', ['repeat_fault_escalations'])
        const ofDrop = `select from repeat_fault_escalations where scope_value = 'DR3000020' for update`
        const erased = await erasedDuring('DR3000020', ofDrop, (client) =>
          client.query('select from tickets where id = $1 for share', [ticket]),
        )
        expect(erased).toMatchObject({ newly_erased: 1, rows_beside: 1 })
        expect(await saying()).toEqual([])
      },
    )
  })
