import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryRiskQueries } from '../../src/adapters/memory/risk-queries.ts'
import { memorySnapshotQueries } from '../../src/adapters/memory/snapshot-queries.ts'
import { memoryTicketRecordQueries } from '../../src/adapters/memory/ticket-record-queries.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresTicketPapers } from '../../src/adapters/postgres/papers-store.ts'
import { postgresRiskQueries } from '../../src/adapters/postgres/risk-queries.ts'
import { postgresSnapshotQueries } from '../../src/adapters/postgres/snapshot-queries.ts'
import { postgresTicketRecordQueries } from '../../src/adapters/postgres/ticket-record-queries.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { Link, Note } from '../../src/application/ports/ticket-papers.ts'
import { ticketRecordContract } from '../contract/ticket-record-queries.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { done } from '../support/stored-tickets.ts'

ticketRecordContract('in memory', async () => {
  const state = memoryState()
  const notes: Note[] = []
  const links: Link[] = []
  return {
    store: memoryTicketStore({ state, sha256, publish: () => {} }),
    records: memoryTicketRecordQueries({ state, papers: () => ({ notes, documents: [], links }) }),
    risks: memoryRiskQueries(state),
    snapshots: memorySnapshotQueries(state),
    write: async (note) => void notes.push(note),
    link: async (link) => void links.push(link),
    close: async () => {},
  }
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Records', () => {
    ticketRecordContract(`on ${engine}`, async () => {
      const { pool, close } = await testDatabase(engine)
      const papers = postgresTicketPapers(pool, () => {})
      return {
        store: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
        records: postgresTicketRecordQueries(pool),
        risks: postgresRiskQueries(pool),
        snapshots: postgresSnapshotQueries(pool),
        write: (note) => done(papers.addNote(note)),
        link: (link) => done(papers.link(link)),
        close,
      }
    })
  })
