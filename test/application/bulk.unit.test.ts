import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import { type BulkItem, bulk, MAX_BULK } from '../../src/application/ticket/bulk.ts'
import type { LifecycleCommand } from '../../src/application/ticket/lifecycle.ts'
import { changeDeps } from '../support/change-deps.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'

const manager: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }
const cancel: LifecycleCommand = { command: 'cancel', reason: 'Logged twice' }

describe('one command on many tickets', () => {
  let tickets: TicketStore
  beforeEach(() => {
    tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
  })
  const run = (principal: Principal, items: ReadonlyArray<BulkItem>, command: LifecycleCommand = cancel) =>
    bulk({ ...changeDeps(tickets), directory: null as never, evidence: null as never })(principal, { items, command })()

  it('is answered per ticket, in the order asked, and one that is refused stops no other', async () => {
    const [open, closed, late, assigned] = [
      await storedIn(tickets, 'open'),
      await storedIn(tickets, 'closed'),
      await storedIn(tickets, 'open'),
      await storedIn(tickets, 'assigned'),
    ]
    const nobody = randomUUID()
    const answers = await run(manager, [
      { ticketId: open.id, version: 1 },
      { ticketId: closed.id, version: 1 },
      { ticketId: nobody, version: 1 },
      { ticketId: late.id, version: 7 },
      { ticketId: assigned.id, version: 1 },
    ])
    expect(answers).toMatchObject(
      E.right([
        { ticketId: open.id, result: E.right({ uid: open.uid, status: 'cancelled', version: 2 }) },
        {
          ticketId: closed.id,
          result: { left: { type: 'TransitionNotAllowed', command: 'cancel', status: 'closed' } },
        },
        { ticketId: nobody, result: { left: { type: 'NotFound' } } },
        {
          ticketId: late.id,
          result: { left: { type: 'Stale', version: 1 } },
          current: { ticket: { id: late.id, status: 'open' }, version: 1 },
        },
        { ticketId: assigned.id, result: E.right({ uid: assigned.uid, status: 'cancelled', version: 2 }) },
      ]),
    )
    expect(E.isRight(answers) && answers.right.map(({ current }) => current?.ticket.id ?? null)).toEqual([
      null,
      null,
      null,
      late.id,
      null,
    ])
    expect((await loaded(tickets, late)).ticket.status).toBe('open')
  })

  it('every loser is shown what its ticket is now, all of them in one look', async () => {
    const many = await Promise.all(Array.from({ length: 6 }, () => storedIn(tickets, 'assigned')))
    const looks: Array<number> = []
    const counted: TicketStore = {
      ...tickets,
      load: (ids, also) => {
        looks.push(ids.length)
        return tickets.load(ids, also)
      },
    }
    const deps = { ...changeDeps(counted), directory: null as never, evidence: null as never }
    const items = many.map(({ id }) => ({ ticketId: id, version: 9 }))
    const answers = await bulk(deps)(manager, { items, command: cancel })()
    expect(E.isRight(answers) && answers.right.map(({ current }) => current?.ticket)).toMatchObject(
      many.map(({ id, status }) => ({ id, status })),
    )
    expect(looks).toEqual([1, 1, 1, 1, 1, 1, 6])
  })

  it('losers are told that they lost also when the look at what their tickets are now fails', async () => {
    const { id } = await storedIn(tickets, 'open')
    const away: TicketStore = {
      ...tickets,
      load: (ids, also) => (also === undefined ? TE.left({ type: 'Unavailable', what: 'x' }) : tickets.load(ids, also)),
    }
    const deps = { ...changeDeps(away), directory: null as never, evidence: null as never }
    expect(await bulk(deps)(manager, { items: [{ ticketId: id, version: 7 }], command: cancel })()).toMatchObject(
      E.right([{ result: { left: { type: 'Stale', version: 1 } }, current: null }]),
    )
  })

  it('many duplicates of one survivor are all marked, although each moves the survivor', async () => {
    const survivor = await storedIn(tickets, 'open')
    const many = await Promise.all(Array.from({ length: 6 }, () => storedIn(tickets, 'assigned')))
    const answers = await run(
      manager,
      many.map(({ id }) => ({ ticketId: id, version: 1 })),
      { command: 'mark_duplicate', survivor: survivor.id, reason: null },
    )
    expect(E.isRight(answers) && answers.right.map(({ result }) => result)).toEqual(
      many.map(({ uid }) => E.right({ uid, status: 'cancelled', version: 2 })),
    )
    expect((await loaded(tickets, survivor)).duplicates).toHaveLength(6)
  })

  it('the same ticket twice is done once', async () => {
    const { id } = await storedIn(tickets, 'open')
    const item = { ticketId: id, version: 1 }
    const answers = await run(manager, [item, item])
    expect(E.isRight(answers) && answers.right.map(({ result }) => result._tag)).toEqual(['Right', 'Left'])
  })

  it('needs the permission for bulk and, on each ticket, the command’s own', async () => {
    const { id } = await storedIn(tickets, 'open')
    const items = [{ ticketId: id, version: 1 }]
    for (const role of ['technician', 'contractor', 'qa', 'qa_lead', 'viewer', 'service'] as const)
      expect(await run({ ...manager, role }, items)).toMatchObject({ left: { type: 'NotAllowed', action: 'bulk' } })
    expect(await run(manager, items, { command: 'delete' })).toMatchObject(
      E.right([{ result: { left: { type: 'NotAllowed', action: 'delete_ticket' } } }]),
    )
  })

  it(`takes ${MAX_BULK} tickets and not one more`, async () => {
    const many = Array.from({ length: MAX_BULK + 1 }, () => ({ ticketId: randomUUID(), version: 1 }))
    expect(await run(manager, many)).toEqual(
      E.left({ type: 'TooMany', field: 'items', max: MAX_BULK, actual: MAX_BULK + 1 }),
    )
    const allowed = await run(manager, many.slice(1))
    expect(E.isRight(allowed) && allowed.right).toHaveLength(MAX_BULK)
  })
})
