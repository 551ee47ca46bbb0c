import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryState, NEW_PROJECT } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import { ticketChanges } from '../../src/application/ticket/changes.ts'
import { changeDeps } from '../support/change-deps.ts'
import { storedIn } from '../support/ticket-copies.ts'

const manager: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }

it('a ticket moved to another drop is judged by that drop, its guarantee included', async () => {
  const state = memoryState()
  const tickets = memoryTicketStore({ state, sha256, publish: () => {} })
  const ticket = await storedIn(tickets, 'open')
  const changes = ticketChanges(changeDeps(tickets))
  const target = { ticketId: ticket.id, principal: manager, version: null }
  state.projects.set(ticket.projectId, {
    ...(state.projects.get(ticket.projectId) ?? NEW_PROJECT),
    installations: [{ dr: 'DR1800001', day: '2026-02-20', source: 'tracker' }],
  })
  const attributed = await changes.attributeFault(target, {
    cause: 'material_failure',
    component: 'ont',
    details: 'Dead on arrival',
    reason: 'Swapped it',
  })()
  expect(attributed).toMatchObject(E.right({ ticket: { guarantee: { decidedBy: 'installation_date_not_known' } } }))
  const moved = await changes.edit(target, { place: { dr: 'DR1800001' } })()
  expect(moved).toMatchObject(
    E.right({
      ticket: { guarantee: { status: 'under_guarantee', billing: 'material_warranty', expiresOn: '2027-02-20' } },
    }),
  )
})
