import { randomUUID } from 'node:crypto'
import type { Queryable } from '../../src/adapters/contract/pool.ts'
import { postgresProofRecords } from '../../src/adapters/postgres/proof-records.ts'
import { postgresSnapshotOpenings } from '../../src/adapters/postgres/snapshot-openings.ts'
import { postgresSnapshotQueries } from '../../src/adapters/postgres/snapshot-queries.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { anchorHeads } from '../../src/application/handover/anchor-heads.ts'
import type { AnchorStore } from '../../src/application/ports/anchor-store.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import type { TestDatabase } from './databases.ts'
import { anyTimestamp, tools } from './proof.ts'
import { aTicket, changeOf, creationOf, done, only, TICKET_KEY } from './stored-tickets.ts'
import { facts, later, REVIEWER, stamp } from './tickets.ts'

/** What nobody reads says nothing that was sealed; the lock cannot be taken off. */
export const NOT_SEALED = ['created_at', 'is_locked']

/** What is outside the database: whoever owns that has neither. */
export type Outside = { readonly anchorStore: AnchorStore; readonly signer: Signer }

/** Everything that verification and anchoring need, as this client sees the database. */
export const proofOn = (client: Queryable, { anchorStore, signer }: Outside) => ({
  snapshotQueries: postgresSnapshotQueries(client),
  snapshotOpenings: postgresSnapshotOpenings(client),
  proofRecords: postgresProofRecords(client),
  readTimestamp: anyTimestamp,
  timestampAuthority: null,
  onNoTimestamp: () => {},
  onRefused: () => {},
  anchorStore,
  signer,
  tools,
})

/** So many real handovers of `lawley` in the database, the head anchored after each of those numbers. */
export const sealInto = async (
  { pool }: TestDatabase,
  outside: Outside,
  length: number,
  anchoredAfter: ReadonlyArray<number>,
): Promise<void> => {
  const { signer } = outside
  const store = postgresTicketStore(pool, { sow: 'platform_records', sha256: tools.sha256, signer, nudge: () => {} })
  for (let n = 1; n <= length; n += 1) {
    const ticket = aTicket('pending_qa', { projectId: 'lawley', title: `Ticket ${n}` })
    await done(store.commit([creationOf(ticket)], []))
    await pool.query('insert into subject_keys (ticket_id, key) values ($1, $2)', [ticket.id, TICKET_KEY])
    const before = only(await done(store.load([ticket.id])))
    const decided = startQa(stamp(REVIEWER, later(3), randomUUID()), facts())(before.ticket)
    await done(store.commit([], [changeOf(before, decided)]))
    if (anchoredAfter.includes(n)) await done(anchorHeads(proofOn(pool, outside)))
  }
}

/** What someone sees who is in the middle of a transaction, of which nothing stays. */
export const undone = async <A>({ pool }: TestDatabase, look: (client: Queryable) => Promise<A>): Promise<A> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    return await look(client)
  } finally {
    await client.query('rollback')
    client.release()
  }
}
