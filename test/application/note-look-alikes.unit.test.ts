import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import type { PhotoLikeness } from '../../src/application/ports/photo-likeness.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { noteLookAlikes } from '../../src/application/ticket/note-look-alikes.ts'
import type { AlikeUse } from '../../src/domain/evidence/judge-reuse.ts'
import { changeDeps } from '../support/change-deps.ts'
import { done, only } from '../support/stored-tickets.ts'
import { storedIn } from '../support/ticket-copies.ts'
import { AT, later } from '../support/tickets.ts'

const NOBODY = '00000000-0000-4000-8000-000000000000'
const use: AlikeUse = {
  ticketId: NOBODY,
  ticketUid: 'FF-1',
  stepKey: 'house_front',
  photoId: NOBODY,
  uploadedAt: AT,
  drNumber: 'DR1729501',
  distance: 40,
}

describe('A photo that was added', () => {
  let tickets: TicketStore
  let ticketId: string
  beforeEach(async () => {
    tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
    ticketId = (await storedIn(tickets, 'in_progress')).id
  })
  const load = async () => only(await done(tickets.load([ticketId])))
  const photo = async () => {
    const [first] = (await load()).ticket.photos
    if (first === undefined) throw new Error('the ticket has no photo')
    return first
  }
  const told = async () => (await photo()).verdicts.filter(({ checker }) => checker === 'look-alikes')
  const added = async (over: Partial<OutboxEvent> = {}): Promise<OutboxEvent> => {
    const { id, step } = await photo()
    return { id: 'event-1', type: 'PhotoAdded', ticketId, body: { photo: { id, step } }, at: AT, ...over }
  }
  const noting = (found: ReturnType<PhotoLikeness['lookAlikesOf']>) => {
    const asked: string[] = []
    const lookAlikesOf = (id: string) => {
      asked.push(id)
      return found
    }
    const likeness = { lookAlikesOf } as PhotoLikeness
    return { asked, note: noteLookAlikes({ ...changeDeps(tickets, later(600)), likeness }) }
  }

  it('is shown to the reviewer with the earlier photo that it looks like', async () => {
    const { note } = noting(TE.right([use]))
    await note.handle(await added(), new AbortController().signal)
    expect(await told()).toMatchObject([{ check: 'likeness', outcome: 'warn' }])
  })

  it('that looks like none passes, and whoever has read the ticket before loses nothing', async () => {
    const { version } = await load()
    const { note } = noting(TE.right([]))
    await note.handle(await added(), new AbortController().signal)
    expect(await told()).toMatchObject([{ check: 'likeness', outcome: 'pass' }])
    expect((await load()).version).toBe(version)
  })

  it('is told so for good: whoever read the ticket before writes nothing over it, only over a pass, which is told again', async () => {
    const overwriting = async (found: ReadonlyArray<AlikeUse>) => {
      const before = await load()
      await noting(TE.right(found)).note.handle(await added(), new AbortController().signal)
      const [first, ...others] = before.ticket.photos
      if (first === undefined) throw new Error('the ticket has no photo')
      const next = { ...before.ticket, photos: [{ ...first, filename: 'renamed.jpg' }, ...others] }
      return tickets.commit([], [{ before, next, events: [], seal: null, picture: null }])()
    }
    expect(E.isRight(await overwriting([]))).toBe(true)
    expect(await told()).toEqual([])
    for (const distance of [31, 32, 64]) {
      const late = await overwriting([{ ...use, distance }])
      expect(late).toMatchObject({ left: { type: 'Stale' } })
      expect(await told()).toMatchObject([{ outcome: 'warn' }])
      ticketId = (await storedIn(tickets, 'in_progress')).id
    }
  })

  it('that is not compared is left as it is', async () => {
    const { note, asked } = noting(TE.right(null))
    await note.handle(await added(), new AbortController().signal)
    expect(asked).toEqual([(await photo()).id])
    expect(await told()).toEqual([])
  })

  it.each<[string, Partial<OutboxEvent>]>([
    ['names no ticket', { ticketId: null }],
    ['names no photo', { body: {} }],
    ['names a photo without its step', { body: { photo: { id: NOBODY } } }],
    ['names a step without a photo', { body: { photo: { step: 'house_front' } } }],
  ])('is not searched for by an event that %s', async (_, over) => {
    const { note, asked } = noting(TE.right([use]))
    await note.handle(await added(over), new AbortController().signal)
    expect(asked).toEqual([])
  })

  it('to a ticket that was deleted meanwhile has no reviewer to be told', async () => {
    const { note } = noting(TE.right([use]))
    await expect(note.handle(await added({ ticketId: NOBODY }), new AbortController().signal)).resolves.toBeUndefined()
  })

  it('is searched for again later when the search fails', async () => {
    const { note } = noting(TE.left({ type: 'Unavailable', what: 'database' }))
    const event = await added()
    await expect(note.handle(event, new AbortController().signal)).rejects.toThrow('Unavailable')
    expect([note.key(event), note.eventTypes]).toEqual(['event-1', ['PhotoAdded']])
    expect(E.isRight(await tickets.load([ticketId])())).toBe(true)
  })
})
