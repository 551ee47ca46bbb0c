import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { isoInstant } from '../../src/adapters/contract/pool.ts'
import { memoryState, NEW_PROJECT } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { memoryTimerQueries } from '../../src/adapters/memory/timer-queries.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { postgresTimerQueries } from '../../src/adapters/postgres/timer-queries.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import { timersContract } from '../contract/timers.contract.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

timersContract('in memory', async () => {
  const state = memoryState()
  const told: OutboxEvent[] = []
  const publish = (events: ReadonlyArray<OutboxEvent>): void => void told.push(...events)
  return {
    tickets: memoryTicketStore({ state, sha256, publish }),
    timers: memoryTimerQueries({ state, publish }),
    told: async () => told,
    setSla: async (projectId, sla) => {
      const project = state.projects.get(projectId) ?? NEW_PROJECT
      state.projects.set(projectId, {
        ...project,
        settings: { ...project.settings, sla },
        factsVersion: project.factsVersion + 1,
      })
    },
    close: async () => {},
  }
})

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'timers', () => {
    timersContract(engine, async () => {
      const { pool, close } = await testDatabase(engine)
      return {
        tickets: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
        timers: postgresTimerQueries(pool, () => {}),
        told: async () =>
          (await pool.query('select event_id, type, ticket_id, body, at from outbox order by id')).rows.map((row) => ({
            id: row.event_id,
            type: row.type,
            ticketId: row.ticket_id,
            body: row.body,
            at: isoInstant(row.at),
          })),
        setSla: async (projectId, sla) => {
          await pool.query(
            'update project_settings set settings = $2, version = version + 1, facts_version = facts_version + 1 where project_id = $1',
            [projectId, JSON.stringify({ sla })],
          )
        },
        close,
      }
    })
  })
