import { expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryDashboardQueries } from '../../src/adapters/memory/dashboard-queries.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'
import { later } from '../support/tickets.ts'

const sight = { type: 'all' } as const

it('places with as many faults are ordered by their names, those without one last; people with as much work by kind and id', async () => {
  const state = memoryState()
  const store = memoryTicketStore({ state, sha256, publish: () => {} })
  const keep = async (pon: string | null, technician: string) => {
    const assigned = aTicket('assigned')
    const ticket = {
      ...assigned,
      place: { ...assigned.place, pon },
      assignment: { technician, contractor: 'ubuntu-fibre', team: null },
      fault: { cause: 'workmanship', component: null, details: 'seen', confirmed: null },
    } as Ticket
    await done(store.commit([creationOf(ticket)], []))
  }
  for (const [pon, technician] of [
    [null, 'zinhle'],
    ['9', 'anele'],
    ['7', 'thabo'],
    ['9', 'anele'],
  ] as const)
    await keep(pon, technician)
  const queries = memoryDashboardQueries({ state })
  const scope = { sight, projects: [], now: later(10) }
  const trends = await done(
    queries.faultTrends({ ...scope, by: ['pon_number'], causes: [], limit: 10, from: null, before: null }),
  )
  expect(trends.map((row) => [row.pon_number, row.faults])).toEqual([
    ['9', 2],
    ['7', 1],
    [null, 1],
  ])
  expect((await done(queries.workload(scope))).map(({ kind, id, open }) => [kind, id, open])).toEqual([
    ['contractor', 'ubuntu-fibre', 4],
    ['technician', 'anele', 2],
    ['technician', 'thabo', 1],
    ['technician', 'zinhle', 1],
  ])
  expect(await done(queries.summary(scope, true, 14))).toMatchObject({ open_escalations: null, last_import: null })
})
