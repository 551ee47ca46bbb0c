import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readScopes } from '../../src/adapters/postgres/escalation-scopes.ts'
import { countsAsFault, scopesOf } from '../../src/domain/escalation/repeat-faults.ts'
import { FAULT_CAUSES } from '../../src/domain/fault/fault.ts'
import { plusMs } from '../../src/domain/shared/time.ts'
import { SOURCES, STATUSES, TICKET_TYPES } from '../../src/domain/ticket/ticket.ts'
import { describeOn, testDatabase } from '../support/databases.ts'

const FROM = '2026-07-01T00:00:00.000Z'
const UNTIL = '2026-07-10T00:00:00.000Z'

/** Mostly the kinds that count, so that both answers come up often. */
const ticketArb = fc.record({
  type: fc.oneof({ weight: 3, arbitrary: fc.constant('maintenance' as const) }, fc.constantFrom(...TICKET_TYPES)),
  source: fc.oneof({ weight: 3, arbitrary: fc.constant('manual' as const) }, fc.constantFrom(...SOURCES)),
  status: fc.constantFrom(...STATUSES),
  deleted: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  cause: fc.option(fc.constantFrom(...FAULT_CAUSES)),
  paperwork: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  createdAt: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 9 * 86_400_000 }).map((ms) => plusMs(FROM, ms)) },
    fc.constantFrom(FROM, UNTIL, plusMs(FROM, -1), plusMs(UNTIL, 1)),
  ),
  dr: fc.option(fc.constantFrom('DR1', 'DR2')),
  pole: fc.option(fc.constantFrom('P1', 'P2')),
  pon: fc.option(fc.constantFrom('1', '2')),
  zone: fc.option(fc.constantFrom('1', '2')),
})

const INSERT = `
insert into tickets (id, source, title, ticket_type, project_id, status, status_facts, assigned_to, deleted_at, fault_cause,
  paperwork, created_at, dr_number, pole_number, pon_number, zone_no)
select (x ->> 'id')::uuid, x ->> 'source', 'x', x ->> 'type', $2, x ->> 'status', '{"hold": {}}', 'thandi',
  (x ->> 'deletedAt')::timestamptz, x ->> 'cause', (x ->> 'paperwork')::boolean, (x ->> 'createdAt')::timestamptz,
  x ->> 'dr', x ->> 'pole', x ->> 'pon', x ->> 'zone'
from jsonb_array_elements($1::jsonb) x`

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Counting repeat faults in SQL', () => {
    it('counts exactly the faults that the rule counts, of each scope', async () => {
      const { pool, close } = await testDatabase(engine)
      const reached = { counted: 0, left: 0 }
      try {
        await fc.assert(
          fc.asyncProperty(fc.array(ticketArb, { minLength: 1, maxLength: 40 }), async (said) => {
            const projectId = randomUUID()
            const tickets = said.map(({ deleted, ...ticket }) => ({
              ...ticket,
              id: randomUUID() as string,
              deletedAt: deleted ? UNTIL : null,
            }))
            await pool.query(INSERT, [JSON.stringify(tickets), projectId])
            const keys = ['1', '2'].flatMap((n) =>
              scopesOf(projectId, { dr: `DR${n}`, pole: `P${n}`, pon: n, zone: n }),
            )
            const read = await readScopes(
              pool,
              keys.map((key) => ({ key, windowFrom: FROM, until: UNTIL })),
            )
            expect(read.map(({ key }) => key)).toEqual(keys)
            for (const { key, faults } of read) {
              const expected = tickets.filter(
                (ticket) =>
                  countsAsFault(ticket) &&
                  ticket[key.scope] === key.value &&
                  ticket.createdAt >= FROM &&
                  ticket.createdAt <= UNTIL,
              )
              reached.counted += expected.length
              reached.left += tickets.length - expected.length
              expect(faults.map(({ ticketId }) => ticketId).toSorted()).toEqual(expected.map(({ id }) => id).toSorted())
            }
          }),
          { numRuns: engine === 'postgres' ? 60 : 20 },
        )
        expect(reached.counted).toBeGreaterThan(100)
        expect(reached.left).toBeGreaterThan(100)
      } finally {
        await close()
      }
    })
  })
