import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryProofRecords } from '../../src/adapters/memory/proof-records.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresProofRecords } from '../../src/adapters/postgres/proof-records.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { type ProofWorld, proofRecordsContract } from '../contract/proof-records.contract.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { facts, later, REVIEWER, stamp } from '../support/tickets.ts'

const sealer = (storeFor: (signer: Signer) => TicketStore) => async (projectId: string, signer: Signer) => {
  const store = storeFor(signer)
  const ticket = aTicket('pending_qa', { projectId })
  await done(store.commit([creationOf(ticket)], []))
  const before = only(await done(store.load([ticket.id])))
  const decided = startQa(stamp(REVIEWER, later(3), randomUUID()), facts())(before.ticket)
  await done(store.commit([], [changeOf(before, decided)]))
}

const state = memoryState()
const inMemory: ProofWorld = {
  records: memoryProofRecords(state),
  seal: sealer((signer) => memoryTicketStore({ state, sha256, signer, publish: () => {} })),
}
proofRecordsContract('in memory', () => inMemory)

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Keys and anchors', () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())

    proofRecordsContract(`on ${engine}`, () => ({
      records: postgresProofRecords(database.pool),
      seal: sealer((signer) =>
        postgresTicketStore(database.pool, { sow: 'platform_records', sha256, signer, nudge: () => {} }),
      ),
    }))

    it.each(['signing_keys', 'snapshot_anchors', 'snapshot_anchor_stamps'])('only grow in %s', async (table) => {
      const key = table === 'signing_keys' ? 'key_id' : 'chain_hash'
      for (const statement of [
        `update ${table} set ${key} = ${key}`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ])
        await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '23001' })
    })
  })
