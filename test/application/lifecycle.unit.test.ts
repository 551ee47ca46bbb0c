import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryDirectory } from '../../src/adapters/memory/directory.ts'
import { type MemoryState, memoryState, NEW_PROJECT } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import { type LifecycleCommand, runCommand } from '../../src/application/ticket/lifecycle.ts'
import type { TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { examples } from '../../src/infrastructure/examples.ts'
import { changeDeps } from '../support/change-deps.ts'
import { principal } from '../support/principals.ts'
import { aTicket, creationOf, done, only } from '../support/stored-tickets.ts'
import { LEAD, later } from '../support/tickets.ts'

const NOBODY = '00000000-0000-4000-8000-000000000000'

describe('A command of the lifecycle', () => {
  let tickets: TicketStore
  let state: MemoryState
  beforeEach(() => {
    state = memoryState()
    tickets = memoryTicketStore({ state, sha256, publish: () => {} })
  })
  const there = async (status: TicketStatus) =>
    only((await done(tickets.commit([creationOf(aTicket(status))], []))).created).id
  const run = (ticketId: string, command: LifecycleCommand, who: Principal = principal('manager')) =>
    runCommand({
      ...changeDeps(tickets, later(600)),
      directory: memoryDirectory(examples),
      evidence: { verify: () => async () => E.right([]) } as never,
    })({ ticketId, principal: who, version: null }, command)()
  const status = async (id: string) => only(await done(tickets.load([id]))).ticket.status

  it('holds a ticket with its reason, once, and lets it go on where it was', async () => {
    const id = await there('in_progress')
    const hold: LifecycleCommand = { command: 'hold', reason: 'awaiting_material', note: 'No pigtails left' }
    expect(await run(id, hold)).toMatchObject(
      E.right({ ticket: { status: 'on_hold', hold: { reason: 'awaiting_material', note: 'No pigtails left' } } }),
    )
    expect(E.isLeft(await run(id, hold))).toBe(true)
    expect(await run(id, { command: 'resume' })).toMatchObject(E.right({ ticket: { status: 'in_progress' } }))
    expect(E.isLeft(await run(id, { command: 'resume' }))).toBe(true)
  })

  it('takes a ticket back from QA while it waits there, and not once it is looked at', async () => {
    const [waiting, looked] = [await there('pending_qa'), await there('qa_in_progress')]
    const withdraw: LifecycleCommand = { command: 'withdraw', reason: 'A photo of the wrong house' }
    expect(await run(waiting, withdraw)).toMatchObject(E.right({ ticket: { status: 'in_progress' } }))
    expect(E.isLeft(await run(looked, withdraw))).toBe(true)
  })

  it('hands a review over to a QA lead, and to nobody below', async () => {
    const id = await there('qa_in_progress')
    const lead = { ...principal('qa_lead'), userId: LEAD }
    expect(await run(id, { command: 'take_over_review' }, principal('qa'))).toMatchObject(
      E.left({ type: 'NotAllowed' }),
    )
    expect(await run(id, { command: 'take_over_review' }, lead)).toMatchObject(
      E.right({ ticket: { status: 'qa_in_progress', reviewer: LEAD } }),
    )
  })

  it('marks no ticket as a duplicate of one that is not there', async () => {
    const id = await there('open')
    const marked = await run(id, { command: 'mark_duplicate', survivor: NOBODY, reason: null })
    expect(E.isLeft(marked)).toBe(true)
    expect(await status(id)).toBe('open')
  })

  it('takes no mark off a ticket that has none', async () => {
    const id = await there('open')
    expect(E.isLeft(await run(id, { command: 'unmark_duplicate' }))).toBe(true)
    expect(await status(id)).toBe('open')
  })

  it('sends a ticket that is no longer ready back to the field, and tells the reviewer why', async () => {
    const [ready, id] = [await there('pending_qa'), await there('pending_qa')]
    const lead = { ...principal('qa_lead'), userId: LEAD }
    expect(await run(ready, { command: 'start_qa' }, lead)).toMatchObject(
      E.right({ ticket: { status: 'qa_in_progress' } }),
    )
    // The design has come meanwhile, without the ticket's drop in it.
    const { projectId } = only(await done(tickets.load([id]))).ticket
    const sow = { connected: true, carries: ['pole', 'pon', 'zone'] } as const
    const platforms = { ...NEW_PROJECT.platforms, sow }
    state.projects.set(projectId, { ...NEW_PROJECT, factsVersion: NEW_PROJECT.factsVersion + 1, platforms })
    expect(await run(id, { command: 'start_qa' }, lead)).toMatchObject(E.left({ type: 'NotReady' }))
    expect(await status(id)).toBe('in_progress')
  })

  it.each<[LifecycleCommand, TicketStatus]>([
    [{ command: 'return_from_gate', reason: 'The as-built is of another pole' }, 'open'],
    [{ command: 'hand_over' }, 'assigned'],
    [{ command: 'request_handover' }, 'in_progress'],
    [{ command: 'complete_maintenance' }, 'open'],
  ])('%o is refused where the lifecycle has no such step', async (command, from) => {
    const id = await there(from)
    expect(E.isLeft(await run(id, command, principal('admin')))).toBe(true)
    expect(await status(id)).toBe(from)
  })
})
