import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryEscalationQueries } from '../../src/adapters/memory/escalation-queries.ts'
import { escalationState, memoryEscalationStore } from '../../src/adapters/memory/escalation-store.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import { escalationContract } from '../contract/escalation.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { onPool } from './escalation-on-pool.ts'

escalationContract('in memory', async () => {
  const ticketState = memoryState()
  const state = escalationState()
  const told: OutboxEvent[] = []
  const publish = (events: ReadonlyArray<OutboxEvent>): void => void told.push(...events)
  const tickets = memoryTicketStore({ state: ticketState, sha256, publish })
  return {
    tickets,
    escalations: memoryEscalationStore({ state, ticketState, tickets, publish }),
    escalationQueries: memoryEscalationQueries({ state, ticketState }),
    told: async (id) => told.filter(({ ticketId }) => ticketId === id).map(({ type }) => type),
    linked: async () => null,
    close: async () => {},
  }
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'escalations', () => {
    escalationContract(engine, async () => {
      const { pool, close } = await testDatabase(engine)
      return { ...onPool(pool), close }
    })
  })
