import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { postgresEvidenceRecords } from '../../src/adapters/postgres/evidence-records.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { EvidenceRecord, EvidenceRecords } from '../../src/application/ports/evidence-records.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { storedIn } from '../support/ticket-copies.ts'

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'What the records say is stored', () => {
    let db: TestDatabase
    let records: EvidenceRecords
    beforeAll(async () => {
      db = await testDatabase(engine)
      records = postgresEvidenceRecords(db.pool)
    })
    afterAll(() => db?.close())

    const attach = async (ticketId: string, name: string, copies: object | null = null): Promise<string> => {
      const { rows } = await db.pool.query(
        `insert into ticket_attachments (ticket_id, filename, storage_path, storage_bucket, storage_generation, sha256, copies)
         values ($1, 'x.jpg', $2, 'b', '1', repeat('0', 64), $3) returning id`,
        [ticketId, name, copies === null ? null : JSON.stringify(copies)],
      )
      return rows[0].id
    }
    const aRow = async (): Promise<string> => {
      const { rows } = await db.pool.query(
        `insert into tickets (source, title, ticket_type, project_id, status)
         values ('manual', 'x', 'incident', 'p', 'open') returning id`,
      )
      return rows[0].id
    }

    it('is every attachment and viewing copy, ticket by ticket in pages, each object once', async () => {
      expect(await right(records.after(null, 10))).toEqual([])
      const tickets = (await Promise.all(Array.from({ length: 5 }, aRow))).sort()
      const ids = new Map<string, string>()
      for (const ticket of tickets) {
        const view = { bucket: 'b', name: `evidence/${ticket}/view/v.jpg` }
        ids.set(ticket, await attach(ticket, `evidence/${ticket}/house_front/a.jpg`, { view, thumbnail: view }))
        await attach(ticket, `evidence/${ticket}/document/d.pdf`)
      }
      const read: EvidenceRecord[] = []
      for (let page = await right(records.after(null, 2)); page.length > 0; ) {
        expect(new Set(page.map(({ ticketId }) => ticketId)).size).toBeLessThanOrEqual(2)
        read.push(...page)
        page = await right(records.after(page.at(-1)?.ticketId ?? null, 2))
      }
      expect(read.map(({ ticketId }) => ticketId)).toEqual(tickets.flatMap((id) => [id, id, id]))
      const [first = ''] = tickets
      const ofFirst = await right(records.of(first))
      expect(ofFirst).toEqual(read.slice(0, 3))
      expect(ofFirst.map(({ where, name }) => [where, name])).toEqual([
        ['attachment', `evidence/${first}/document/d.pdf`],
        ['attachment', `evidence/${first}/house_front/a.jpg`],
        ['viewing copy', `evidence/${first}/view/v.jpg`],
      ])
      expect(ofFirst[1]).toMatchObject({ id: ids.get(first), bucket: 'b' })
    })

    it('is nothing for a ticket that no row could have', async () => {
      expect(await right(records.of('not-a-uuid'))).toEqual([])
      expect(await right(records.of(randomUUID()))).toEqual([])
    })

    it('holds what a sealed handover names, also when the attachments were pruned', async () => {
      const ticket = await aRow()
      const name = `evidence/${ticket}/house_front/sealed.jpg`
      await db.pool.query(
        `insert into handover_snapshots (ticket_id, handover_type, handover_by, snapshot_data, project_id, format_version,
           snapshot_bytes, sha256, prev_hash, seq, chain_hash)
         values ($1, 'build_to_qa', 'x', $2, $3, 1, '', repeat('0', 64), repeat('0', 64), 1, repeat('0', 64))`,
        [ticket, JSON.stringify({ evidence: [{ bucket: 'b', name }] }), randomUUID()],
      )
      expect(await right(records.of(ticket))).toMatchObject([{ where: 'handover snapshot', bucket: 'b', name }])
      const attachment = await attach(ticket, name)
      expect(await right(records.of(ticket))).toMatchObject([{ where: 'attachment', id: attachment }])
      expect((await right(records.after(null, 1_000))).filter(({ ticketId }) => ticketId === ticket)).toHaveLength(1)
    })

    it('is the evidence of a ticket as the program itself stores it', async () => {
      const tickets = postgresTicketStore(db.pool, { sow: 'platform_records', sha256, nudge: () => {} })
      const ticket = await storedIn(tickets, 'pending_qa')
      const said = await right(records.of(ticket.id))
      expect(new Set(said.map(({ size }) => size))).toEqual(new Set([1_000]))
      await db.pool.query(
        "update ticket_attachments set stored_size = 1048, stored_sha256 = repeat('1', 64) where ticket_id = $1",
        [ticket.id],
      )
      const encrypted = (await right(records.of(ticket.id))).filter(({ where }) => where === 'attachment')
      expect(new Set(encrypted.map(({ size }) => size))).toEqual(new Set([1_048]))
      expect(said.map(({ name }) => name).sort()).toEqual(
        [
          ...new Set(
            ticket.photos
              .flatMap(({ object, copies }) => [object, ...Object.values(copies ?? {})])
              .map(({ name }) => name),
          ),
        ].sort(),
      )
      expect(said).not.toEqual([])
    })
  })

const right = async <L, A>(task: TaskEither<L, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Error(`expected success, got ${JSON.stringify(result.left)}`)
  return result.right
}
