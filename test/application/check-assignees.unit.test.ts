import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryDirectory } from '../../src/adapters/memory/directory.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import { checkAssignees } from '../../src/application/ticket/check-assignees.ts'
import type { AssignmentChange } from '../../src/domain/ticket/assign.ts'
import { examples } from '../../src/infrastructure/examples.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'

const freelance = { id: 'freelance', name: 'Of no company', role: 'technician', contractorId: null } as const
const directory = memoryDirectory({
  ...examples,
  people: [...examples.people, { ...freelance, phone: null, email: null }],
})
const manager: Principal = { userId: 'naledi', role: 'manager', contractorId: null, teams: [] }
const contractor: Principal = { userId: 'pieter', role: 'contractor', contractorId: 'ubuntu-fibre', teams: [] }

const asked = async (principal: Principal, change: AssignmentChange) => {
  const tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
  const stored = await loaded(tickets, await storedIn(tickets, 'open'))
  return checkAssignees({ directory }, principal, change)(stored)()
}

describe('Who may be named for a ticket', () => {
  it('whoever the directory knows, by a manager', async () => {
    expect(await asked(manager, { technician: 'anele', team: 'law2', contractor: 'own' })).toEqual(E.right(null))
    expect(await asked(manager, { technician: 'nobody' })).toEqual(
      E.left({ type: 'AssigneeUnknown', kind: 'technician', id: 'nobody' }),
    )
  })

  it('by a contractor its own people and teams alone, and it stays itself', async () => {
    expect(await asked(contractor, { technician: 'thabo', team: 'law1' })).toEqual(E.right(null))
    expect(await asked(contractor, { technician: 'anele' })).toMatchObject(
      E.left({ type: 'AssigneeOfAnotherContractor', kind: 'technician' }),
    )
    expect(await asked(contractor, { technician: 'freelance' })).toMatchObject(
      E.left({ type: 'AssigneeOfAnotherContractor', kind: 'technician' }),
    )
    expect(await asked(contractor, { team: 'moh5' })).toMatchObject(
      E.left({ type: 'AssigneeOfAnotherContractor', kind: 'team' }),
    )
    expect(await asked(contractor, { contractor: 'highveld-drops' })).toMatchObject(E.left({ type: 'ContractorStays' }))
  })

  it('by a contractor of no company nobody, not even people of no company', async () => {
    expect(await asked({ ...contractor, contractorId: null }, { technician: 'freelance' })).toMatchObject(
      E.left({ type: 'AssigneeOfAnotherContractor', kind: 'technician' }),
    )
  })
})
