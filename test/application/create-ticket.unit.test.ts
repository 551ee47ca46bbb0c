import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryDirectory } from '../../src/adapters/memory/directory.ts'
import { memoryState, NEW_PROJECT } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { type CreateTicket, createTicket } from '../../src/application/ticket/create-ticket.ts'
import { examples } from '../../src/infrastructure/examples.ts'
import { changeDeps } from '../support/change-deps.ts'
import { principal } from '../support/principals.ts'

const said: CreateTicket = {
  id: null,
  projectId: 'lawley',
  type: 'modification',
  source: 'manual',
  externalId: null,
  priority: 'normal',
  title: 'Move the ONT',
  description: null,
  address: null,
  gps: null,
  place: { dr: 'DR1729500', pole: null, pon: null, zone: null },
  equipment: { ontSerial: null, ontRx: null, ontModel: null, upsSerial: null },
  cause: null,
  component: null,
  causeDetails: null,
  assignment: null,
  followUpOf: null,
  client: null,
}

it('a ticket is logged although an import moved the facts of its project meanwhile, and is filled in by the new ones', async () => {
  const state = memoryState()
  const tickets = memoryTicketStore({ state, sha256, publish: () => {} })
  let imports = 0
  const importing: TicketStore = {
    ...tickets,
    context: (projectId, dr) =>
      pipe(
        tickets.context(projectId, dr),
        TE.tapIO(() => () => {
          imports += 1
          if (imports > 1) return
          const row = { platform: 'sow', dr: 'DR1729500', pole: 'LAW.P.A002', pon: '7', zone: '3' } as const
          state.projects.set('lawley', {
            ...NEW_PROJECT,
            factsVersion: NEW_PROJECT.factsVersion + 1,
            rows: [{ ...row, ontSerial: null, spare: false, asOf: '2026-03-03T07:00:00.000Z' }],
          })
        }),
      ),
  }
  const logged = await createTicket({ ...changeDeps(importing), directory: memoryDirectory(examples) })(
    principal('manager'),
    said,
  )()
  expect(logged).toMatchObject(
    E.right({ ticket: { status: 'open', place: { pole: 'LAW.P.A002', pon: '7', zone: '3' } } }),
  )
  expect(state.tickets.size).toBe(1)
})

it('a cause given by a service is confirmed by nobody; by a manager it is', async () => {
  const tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
  const create = createTicket({ ...changeDeps(tickets), directory: memoryDirectory(examples) })
  const fault: CreateTicket = { ...said, type: 'maintenance', cause: 'vandalism', causeDetails: 'Cut at the pole' }
  expect(await create(principal('service'), fault)()).toMatchObject(
    E.right({ ticket: { fault: { cause: 'vandalism', confirmed: null } } }),
  )
  expect(await create(principal('manager'), fault)()).toMatchObject(
    E.right({ ticket: { fault: { cause: 'vandalism', confirmed: { by: principal('manager').userId } } } }),
  )
})

it('a follow-up names a ticket of its own project that is there', async () => {
  const tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
  const create = createTicket({ ...changeDeps(tickets), directory: memoryDirectory(examples) })
  const first = await create(principal('manager'), said)()
  if (E.isLeft(first)) throw new Error(first.left.type)
  const followUpOf = first.right.ticket.id
  const refused = E.left({ type: 'FieldInvalid', field: 'follow_up_of' })
  expect(await create(principal('manager'), { ...said, followUpOf })()).toMatchObject(
    E.right({ ticket: { followUpOf } }),
  )
  expect(await create(principal('manager'), { ...said, projectId: 'mohadin', followUpOf })()).toMatchObject(refused)
  const nobody = '00000000-0000-4000-8000-000000000000'
  expect(await create(principal('manager'), { ...said, followUpOf: nobody })()).toMatchObject(refused)
})

it('a ticket is logged in a project that is known, by those who may, and for people who are known', async () => {
  const tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
  const create = createTicket({ ...changeDeps(tickets), directory: memoryDirectory(examples) })
  expect(await create(principal('manager'), { ...said, projectId: 'nowhere' })()).toEqual(
    E.left({ type: 'ProjectUnknown', projectId: 'nowhere' }),
  )
  expect(await create(principal('technician'), said)()).toMatchObject(E.left({ type: 'NotAllowed' }))
  const forOne = { ...said, assignment: { technician: 'thabo', contractor: null, team: null } }
  expect(await create(principal('manager'), forOne)()).toMatchObject(
    E.right({ assignedEver: ['thabo'], ticket: { status: 'assigned' } }),
  )
  const forNobody = { ...said, assignment: { technician: 'nobody', contractor: null, team: null } }
  expect(await create(principal('manager'), forNobody)()).toMatchObject(E.left({ type: 'AssigneeUnknown' }))
})
