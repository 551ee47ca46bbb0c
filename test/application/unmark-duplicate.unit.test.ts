import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { type LifecycleCommand, runCommand } from '../../src/application/ticket/lifecycle.ts'
import { changeDeps } from '../support/change-deps.ts'
import { principal } from '../support/principals.ts'
import { aTicket, creationOf, done, only } from '../support/stored-tickets.ts'
import { loaded } from '../support/ticket-copies.ts'

describe('a duplicate whose fault was imported again', () => {
  const FAULT = { projectId: 'lawley', importKey: 'DR1729500/1' }
  let tickets: TicketStore
  beforeEach(() => {
    tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
  })
  const keep = async (said: object) =>
    only((await done(tickets.commit([creationOf(aTicket('open', said))], []))).created)
  const run = (store: TicketStore, ticketId: string, version: number, command: LifecycleCommand) =>
    runCommand({ ...changeDeps(store), directory: null as never, evidence: null as never })(
      { ticketId, principal: principal('manager'), version },
      command,
    )()
  const marked = async () => {
    const [survivor, duplicate] = [await keep({ projectId: 'lawley' }), await keep(FAULT)]
    await run(tickets, duplicate.id, 1, { command: 'mark_duplicate', survivor: survivor.id, reason: null })
    return duplicate
  }

  it('stays a duplicate: the refusal names the ticket that is open for it', async () => {
    const duplicate = await marked()
    const newer = await keep(FAULT)
    expect(await run(tickets, duplicate.id, 2, { command: 'unmark_duplicate' })).toEqual(
      E.left({ type: 'FaultOpenElsewhere', ticketUid: newer.uid }),
    )
    expect((await loaded(tickets, duplicate)).ticket.status).toBe('cancelled')
  })

  it('comes back once that one is cancelled', async () => {
    const duplicate = await marked()
    const newer = await keep(FAULT)
    await run(tickets, newer.id, 1, { command: 'cancel', reason: 'The first one goes on' })
    expect(await run(tickets, duplicate.id, 2, { command: 'unmark_duplicate' })).toMatchObject(
      E.right({ ticket: { status: 'open' } }),
    )
  })

  it('is held back by the unique key alone when it is imported at the very moment', async () => {
    const duplicate = await marked()
    const importing: TicketStore = {
      ...tickets,
      commit: (creations, changes) => async () => {
        await keep(FAULT)
        return tickets.commit(creations, changes)()
      },
    }
    expect(await run(importing, duplicate.id, 2, { command: 'unmark_duplicate' })).toEqual(
      E.left({ type: 'AlreadyExists', constraint: 'uq_tickets_import_key' }),
    )
  })
})
