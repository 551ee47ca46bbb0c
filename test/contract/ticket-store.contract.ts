import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import type { Change, Client, PictureUse, Stored, TicketStore } from '../../src/application/ports/ticket-store.ts'
import { type ChainEntry, verifyChain } from '../../src/domain/handover/chain.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/settings/settings.ts'
import { addPhoto } from '../../src/domain/ticket/add-photo.ts'
import { assign } from '../../src/domain/ticket/assign.ts'
import { cancel } from '../../src/domain/ticket/cancel.ts'
import { deleteTicket } from '../../src/domain/ticket/delete-ticket.ts'
import { editTicket } from '../../src/domain/ticket/edit-ticket.ts'
import { markDuplicate } from '../../src/domain/ticket/mark-duplicate.ts'
import { startQa } from '../../src/domain/ticket/start-qa.ts'
import { STATUSES, type Ticket, type TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { moveArb } from '../support/arbitraries.ts'
import { ticketIn } from '../support/lifecycle.ts'
import { play } from '../support/playing.ts'
import { aTicket, changeOf, creationOf, done, only, storable } from '../support/stored-tickets.ts'
import { begin, later, MANAGER, photo, REVIEWER, stamp, TECHNICIAN, TYPES_OF_WORK } from '../support/tickets.ts'
import { worldOf } from '../support/world.ts'

/** A store, and a look behind it that its port does not give. */
export type TicketStoreHarness = {
  readonly store: TicketStore
  /** The outbox's events of one ticket, in order. */
  readonly eventsOf: (ticketId: string) => Promise<ReadonlyArray<OutboxEvent>>
  readonly chainOf: (projectId: string) => Promise<ReadonlyArray<ChainEntry>>
  /** What a platform import or a change of settings does first. */
  readonly moveFacts: (projectId: string) => Promise<void>
  /** What the papers of a ticket do when a document of so many bytes joins it. */
  readonly document: (ticketId: string, bytes: number) => Promise<void>
  readonly close: () => Promise<void>
}

const begunArb = fc.constantFrom(...TYPES_OF_WORK).map((said) => begin(said))

export const ticketStoreContract = (title: string, open: () => Promise<TicketStoreHarness>, runs = 40): void => {
  describe(`A ticket store ${title}`, () => {
    let harness: TicketStoreHarness
    let store: TicketStore
    beforeAll(async () => {
      harness = await open()
      store = harness.store
    })
    afterAll(() => harness.close())

    const commit = (...changes: ReadonlyArray<Change>) => store.commit([], changes)()
    const load = async (id: string): Promise<Stored> => only(await done(store.load([id])))
    const keep = async (ticket: Ticket, client: Client | null = null): Promise<Stored> => {
      await done(store.commit([creationOf(ticket, { client })], []))
      return load(ticket.id)
    }
    const assigning = (before: Stored, technician: string): Change =>
      changeOf(before, assign({ ...stamp(MANAGER, later(1)), assignment: { technician } })(before.ticket))
    const typesOf = async (id: string) => (await harness.eventsOf(id)).map((event) => event.type)

    it.each(STATUSES)('gives a ticket in %s back as it was stored', async (status) => {
      const survivor = await keep(aTicket())
      for (const said of TYPES_OF_WORK) {
        const ticket = storable(ticketIn(status, said), survivor.ticket.id)
        const stored = await keep(ticket)
        expect(stored.ticket).toEqual({ ...ticket, uid: stored.ticket.uid })
      }
    })

    it('gives whatever ticket a history led to back as it was stored, as a new one and as a changed one', async () => {
      const reached = new Set<TicketStatus>()
      const survivor = await keep(aTicket())
      await fc.assert(
        fc.asyncProperty(begunArb, fc.array(moveArb, { maxLength: 30 }), async (begun, moves) => {
          const world = moves.reduce((now, move) => play(now, move, () => {}), worldOf(begun))
          if (world.ticket.deletedAt !== null) return
          reached.add(world.ticket.status)
          const ticket = storable(world.ticket, survivor.ticket.id)
          const [first, second] = [await keep(ticket), await keep(storable(begun))]
          expect(first.ticket).toEqual({ ...ticket, uid: first.ticket.uid })
          const { id, uid, steps } = second.ticket
          const other = storable(world.ticket, survivor.ticket.id)
          const next: Ticket = {
            ...other,
            id,
            uid,
            steps: other.steps.map((step, i) => ({ ...step, id: steps[i]?.id ?? '' })),
          }
          await done(store.commit([], [changeOf(second, [next, []])]))
          const { ticket: changed, version } = await load(id)
          expect(changed).toEqual(next)
          expect(version).toBe(2)
        }),
        { numRuns: runs },
      )
      expect(reached.size).toBeGreaterThan(4)
    })

    it('takes an open ticket to any status by one change', async () => {
      for (const status of STATUSES) {
        const before = await keep(aTicket())
        const { id, uid, steps } = before.ticket
        const other = aTicket(status)
        const next = { ...other, id, uid, steps: other.steps.map((step, i) => ({ ...step, id: steps[i]?.id ?? '' })) }
        await done(store.commit([], [changeOf(before, [next, []])]))
        expect((await load(id)).ticket).toEqual(next)
      }
    })

    it('keeps a client beside the ticket, and says who ever had it and how much is stored', async () => {
      const client = { name: 'A. Client', phone: '+27820000000', email: null }
      const before = await keep(aTicket('in_progress'), client)
      expect(before).toMatchObject({ client, version: 1, snapshots: 0, duplicates: [] })
      expect(before.usedBytes).toBe(before.ticket.photos.length * 1000)
      await done(store.commit([], [assigning(before, 'sipho')]))
      expect((await load(before.ticket.id)).assignedEver).toEqual([TECHNICIAN, 'contractor-1', 'sipho'])
    })

    it('gives numbers from 1000001 on, and keeps one that came with the ticket', async () => {
      const { created } = await done(
        store.commit([creationOf(aTicket()), creationOf({ ...aTicket(), uid: 'FT406824' })], []),
      )
      expect(created.map(({ uid }) => uid)).toEqual([expect.stringMatching(/^FT1\d{6}$/), 'FT406824'])
      const [again] = [{ ...aTicket(), uid: 'FT406824' }]
      expect(await store.commit([creationOf(again)], [])()).toEqual(
        E.left({ type: 'AlreadyExists', constraint: 'tickets_ticket_uid_key' }),
      )
    })

    it('does not know tickets that are not there, or are deleted, and changes none of them', async () => {
      const kept = await keep(aTicket())
      const gone = changeOf(kept, deleteTicket({ ...stamp(), snapshots: 0, duplicates: [] })(kept.ticket))
      await done(store.commit([], [gone]))
      expect(await done(store.load([kept.ticket.id, randomUUID()]))).toEqual([])
      expect(await commit(assigning({ ...kept, version: 2 }, 'sipho'))).toEqual(
        E.left({ type: 'Stale', id: kept.ticket.id, version: null }),
      )
    })

    it('names a ticket once, however often it is asked for', async () => {
      const { ticket } = await keep(aTicket())
      expect(await done(store.load([ticket.id, ticket.id]))).toHaveLength(1)
      expect(await done(store.load([]))).toEqual([])
    })

    it('refuses what was decided on an older version, and says which one stands', async () => {
      const before = await keep(aTicket('assigned'))
      await done(store.commit([], [assigning(before, 'sipho')]))
      expect(await commit(assigning(before, 'nomsa'))).toEqual(
        E.left({ type: 'Stale', id: before.ticket.id, version: 2 }),
      )
      expect((await load(before.ticket.id)).ticket).toMatchObject({ assignment: { technician: 'sipho' } })
      expect(await typesOf(before.ticket.id)).toEqual(['TicketCreated', 'TicketAssigned'])
    })

    it('lets exactly one of several writers at once win', async () => {
      const before = await keep(aTicket('assigned'))
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map((who) => commit(assigning(before, who))))
      expect(answers.filter(E.isRight)).toHaveLength(1)
      expect(answers.filter(E.isLeft).map(({ left }) => left.type)).toEqual(['Stale', 'Stale', 'Stale'])
      expect(await typesOf(before.ticket.id)).toEqual(['TicketCreated', 'TicketAssigned'])
    })

    it('refuses what was decided by facts of the project that have moved since', async () => {
      const projectId = randomUUID()
      const before = await keep(aTicket('assigned', { projectId }))
      await harness.moveFacts(projectId)
      expect(await commit(assigning(before, 'sipho'))).toEqual(
        E.left({ type: 'Stale', id: before.ticket.id, version: 1 }),
      )
      expect(E.isLeft(await store.commit([creationOf(aTicket('open', { projectId }))], [])())).toBe(true)
      await done(store.commit([], [assigning(await load(before.ticket.id), 'sipho')]))
    })

    it('lets a change of the facts at the same moment come before or after, never between', async () => {
      const projectId = randomUUID()
      for (let round = 0; round < 5; round += 1) {
        const { version: factsVersion } = (await done(store.context(projectId, null))).facts
        const ticket = aTicket('assigned', { projectId })
        await done(store.commit([creationOf(ticket, { factsVersion })], []))
        const before = await load(ticket.id)
        const [, answer] = await Promise.all([harness.moveFacts(projectId), commit(assigning(before, 'sipho'))])
        const after = await load(ticket.id)
        expect(after.version).toBe(E.isRight(answer) ? 2 : 1)
        expect(after.facts.version).toBe(factsVersion + 1)
      }
    })

    it('decides a project never heard of by the defaults, also when its first tickets come at once', async () => {
      const projectId = randomUUID()
      const context = await done(store.context(projectId, 'DR1729500'))
      expect(context).toMatchObject({ settings: DEFAULT_SETTINGS, installed: null, facts: { version: 1, rows: [] } })
      expect(context.facts.platforms.sow).toEqual({ connected: false, carries: [] })
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => store.commit([creationOf(aTicket('open', { projectId }))], [])()),
      )
      expect(answers.filter(E.isLeft)).toEqual([])
    })

    it('creates one ticket of one imported fault, however many imports bring it at once', async () => {
      const said = { projectId: randomUUID(), importKey: 'DR1729500/1' }
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => store.commit([creationOf(aTicket('open', said))], [])()),
      )
      expect(answers.filter(E.isRight)).toHaveLength(1)
      for (const answer of answers.filter(E.isLeft))
        expect(answer.left).toEqual({ type: 'AlreadyExists', constraint: 'uq_tickets_import_key' })
    })

    it('loads a deleted ticket only when it is asked for', async () => {
      const before = await keep(aTicket())
      const gone = deleteTicket({ ...stamp(), snapshots: 0, duplicates: [] })(before.ticket)
      await done(store.commit([], [changeOf(before, gone)]))
      expect(await done(store.load([before.ticket.id]))).toEqual([])
      expect(await done(store.load([before.ticket.id], { deleted: true }))).toMatchObject([
        { ticket: { id: before.ticket.id, deletedAt: stamp().at }, version: 2 },
      ])
    })

    it('says which open ticket an imported fault has', async () => {
      const { projectId, importKey } = { projectId: randomUUID(), importKey: 'DR1729500/1' }
      const open = () => done(store.openForFault(projectId, importKey))
      expect(await open()).toBe(null)
      await keep(aTicket('closed', { projectId, importKey }))
      const first = await keep(aTicket('qa_rejected', { projectId, importKey }))
      await keep(aTicket('open', { projectId, importKey: 'DR1729501/1' }))
      await keep(aTicket('open', { projectId: randomUUID(), importKey }))
      expect(await open()).toBe(first.ticket.uid)
      const cancelled = cancel({ ...stamp(), reason: 'Mistake', duplicates: [] })(first.ticket)
      await done(store.commit([], [changeOf(first, cancelled)]))
      expect(await open()).toBe(null)
    })

    it('the ticket of a case is one that has its number already: of its project first, open, newest; else it is made', async () => {
      const [number, caseId] = [`FT${randomUUID().slice(0, 8)}`, randomUUID()]
      const projectId = randomUUID()
      const of = (ticket: Ticket) => done(store.commitCase(creationOf(ticket), [number, caseId]))
      const made = aTicket('open', { projectId, externalId: caseId, source: 'qcontact' })
      await keep(storable(ticketIn('cancelled', { projectId, externalId: number })))
      expect(await of(made)).toBe(made.id)
      expect((await load(made.id)).ticket.externalId).toBe(caseId)
      const elsewhere = await keep(aTicket('open', { projectId: randomUUID(), externalId: number }))
      const next = (): Ticket => aTicket('open', { projectId, externalId: caseId, source: 'qcontact' })
      expect(await of(next())).toBe(elsewhere.ticket.id)
      const closed = await keep(aTicket('closed', { projectId, externalId: caseId }))
      expect(await of(next())).toBe(closed.ticket.id)
      const open = await keep(aTicket('assigned', { projectId, externalId: number }))
      const unstored = next()
      expect(await of(unstored)).toBe(open.ticket.id)
      expect(await done(store.load([unstored.id]))).toEqual([])
    })

    it('creates it again once the first ticket is done with', async () => {
      const said = { projectId: randomUUID(), importKey: 'DR1729500/1' }
      const first = await keep(aTicket('open', said))
      await done(
        store.commit([], [changeOf(first, cancel({ ...stamp(), reason: 'Mistake', duplicates: [] })(first.ticket))]),
      )
      await keep(aTicket('open', said))
      await keep(aTicket('open', { ...said, projectId: randomUUID() }))
    })

    it('makes a ticket with a known id once', async () => {
      const { ticket } = await keep(aTicket())
      expect(await store.commit([creationOf({ ...aTicket(), id: ticket.id })], [])()).toEqual(
        E.left({ type: 'AlreadyExists', constraint: 'tickets_pkey' }),
      )
    })

    it('leaves nothing at all of a commit of which one part cannot be', async () => {
      const before = await keep(aTicket('assigned'))
      const fresh = aTicket()
      const clash = { ...aTicket(), uid: before.ticket.uid }
      const answer = await store.commit([creationOf(fresh), creationOf(clash)], [assigning(before, 'sipho')])()
      expect(answer).toEqual(E.left({ type: 'AlreadyExists', constraint: 'tickets_ticket_uid_key' }))
      expect(await done(store.load([fresh.id, clash.id]))).toEqual([])
      expect(await load(before.ticket.id)).toEqual(before)
      expect(await typesOf(before.ticket.id)).toEqual(['TicketCreated'])
    })

    it('leaves nothing of several changes when one of them is stale', async () => {
      const [one, two] = [await keep(aTicket('assigned')), await keep(aTicket('assigned'))]
      await done(store.commit([], [assigning(two, 'sipho')]))
      expect(await commit(assigning(one, 'nomsa'), assigning(two, 'nomsa'))).toEqual(
        E.left({ type: 'Stale', id: two.ticket.id, version: 2 }),
      )
      expect(await load(one.ticket.id)).toEqual(one)
    })

    it('changes two tickets in one commit, in whatever order others change them', async () => {
      const [one, two] = [await keep(aTicket('assigned')), await keep(aTicket('assigned'))]
      for (let round = 0; round < 10; round += 1) {
        const [a, b] = [await load(one.ticket.id), await load(two.ticket.id)]
        const [first, second] = await Promise.all([
          commit(assigning(a, `x${round}`), assigning(b, `x${round}`)),
          commit(assigning(b, `y${round}`), assigning(a, `y${round}`)),
        ])
        expect([first, second].filter(E.isRight)).toHaveLength(1)
      }
    })

    it('tells a survivor of its duplicates until they are deleted or unmarked', async () => {
      const [survivor, other] = [await keep(aTicket()), await keep(aTicket('assigned'))]
      const marked = markDuplicate({
        ...stamp(),
        survivorId: survivor.ticket.id,
        survivor: survivor.ticket,
        reason: null,
        duplicates: [],
      })(other.ticket)
      await done(store.commit([], [changeOf(other, marked)]))
      expect((await load(survivor.ticket.id)).duplicates).toEqual([other.ticket.uid])
      const cancelled = await load(other.ticket.id)
      const gone = deleteTicket({ ...stamp(), snapshots: 0, duplicates: [] })(cancelled.ticket)
      await done(store.commit([], [changeOf(cancelled, gone)]))
      expect((await load(survivor.ticket.id)).duplicates).toEqual([])
    })

    const adding = (
      before: Stored,
      sha: string,
      seen: number,
      photoId: string = randomUUID(),
      likeness: PictureUse['likeness'] = null,
    ): Change => {
      const { id: _, object, ...rest } = photo('house_front')
      return changeOf(
        before,
        addPhoto(
          {
            ...stamp(TECHNICIAN, later(1), randomUUID()),
            photo: { ...rest, id: photoId, object: { ...object, sha256: sha } },
            limitBytes: 1_000_000,
            usedBytes: before.usedBytes,
          },
          before.facts,
        )(before.ticket),
        { photoId, sha256: sha, seen, likeness },
      )
    }
    const newSha = (): string => sha256(new TextEncoder().encode(randomUUID()))

    it('remembers each use of a picture, with the ticket and the step', async () => {
      const [before, sha] = [await keep(aTicket('in_progress')), newSha()]
      expect(await done(store.usesOf(sha))).toEqual([])
      const change = adding(before, sha, 0)
      await done(store.commit([], [change]))
      expect(await done(store.usesOf(sha))).toEqual([
        {
          ticketId: before.ticket.id,
          ticketUid: before.ticket.uid,
          stepKey: 'house_front',
          photoId: change.picture?.photoId,
          uploadedAt: later(1),
          drNumber: before.ticket.place.dr,
        },
      ])
    })

    it('lets the second of two tickets that prove something with one picture at once look again', async () => {
      const sha = newSha()
      const tickets = await Promise.all([1, 2, 3].map(() => keep(aTicket('in_progress'))))
      const answers = await Promise.all(tickets.map((before) => commit(adding(before, sha, 0))))
      expect(answers.filter(E.isRight)).toHaveLength(1)
      expect(await done(store.usesOf(sha))).toHaveLength(1)
      const late = only(tickets.filter((_, i) => E.isLeft(answers[i] as (typeof answers)[number])))
      await done(store.commit([], [adding(await load(late.ticket.id), sha, 1)]))
      expect(await done(store.usesOf(sha))).toHaveLength(2)
    })

    it('lets a photo look again when a document has taken room of its ticket meanwhile', async () => {
      const before = await keep(aTicket('in_progress'))
      await harness.document(before.ticket.id, 7)
      expect(await commit(adding(before, newSha(), 0))).toEqual(
        E.left({ type: 'Stale', id: before.ticket.id, version: before.version }),
      )
      const now = await load(before.ticket.id)
      expect([now.version, now.usedBytes]).toEqual([before.version, before.usedBytes + 7])
      await done(store.commit([], [assigning(before, 'sipho')]))
      await done(store.commit([], [adding(await load(before.ticket.id), newSha(), 0)]))
    })

    it('keeps the earlier photo of a step as history when another takes its place', async () => {
      const first = await keep(aTicket('in_progress'))
      await done(store.commit([], [adding(first, newSha(), 0)]))
      const change = adding(await load(first.ticket.id), newSha(), 0)
      await done(store.commit([], [change]))
      const { ticket } = await load(first.ticket.id)
      expect(ticket).toEqual(change.next)
      expect(ticket.photos.filter((one) => one.step === 'house_front').map((one) => one.current)).toEqual([false, true])
    })

    it('takes a photo that another ticket has under the same id for no new one', async () => {
      const [one, two] = [await keep(aTicket('in_progress')), await keep(aTicket('in_progress'))]
      const change = adding(one, newSha(), 0)
      await done(store.commit([], [change]))
      expect(await commit(adding(two, newSha(), 0, change.picture?.photoId))).toEqual(
        E.left({
          type: 'AlreadyExists',
          constraint: expect.stringMatching(/^(ticket_attachments|photo_hashes)_pkey$/),
        }),
      )
      expect((await load(two.ticket.id)).version).toBe(1)
    })

    it('hands over each event once, in order, with whose it is', async () => {
      const before = await keep(aTicket())
      await done(store.commit([], [assigning(before, 'sipho')]))
      const { id, uid, projectId } = before.ticket
      const [created, assigned] = await harness.eventsOf(id)
      const whose = { ticketId: id, ticketUid: uid, projectId }
      expect(created).toMatchObject({ type: 'TicketCreated', ticketId: id, body: { ...whose, source: 'manual' } })
      expect(assigned).toMatchObject({ type: 'TicketAssigned', at: later(1), body: { ...whose, by: MANAGER } })
      expect(assigned?.body.id).toBe(assigned?.id)
    })

    const startingQa = (before: Stored): Change =>
      changeOf(before, startQa(stamp(REVIEWER, later(5), randomUUID()), before.facts)(before.ticket))

    it('seals the tickets of a project in one chain without gaps, however many are sealed at once', async () => {
      const projectId = randomUUID()
      const tickets = await Promise.all(Array.from({ length: 10 }, () => keep(aTicket('pending_qa', { projectId }))))
      const answers = await Promise.all(tickets.map((before) => commit(startingQa(before))))
      expect(answers.filter(E.isLeft)).toEqual([])
      const chain = await harness.chainOf(projectId)
      expect(chain.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect(verifyChain({ sha256, canonicalBytes })(projectId, chain)).toEqual([])
      expect((await load(only(tickets).ticket.id)).snapshots).toBe(1)
    })

    it('seals nothing of a change that is stale or cannot be', async () => {
      const projectId = randomUUID()
      const before = await keep(aTicket('pending_qa', { projectId }))
      const [change, other] = [startingQa(before), await keep(aTicket('assigned', { projectId }))]
      const told = await harness.eventsOf(other.ticket.id)
      const sameEvent = { ...change, events: change.events.map((event) => ({ ...event, id: told[0]?.id ?? '' })) }
      expect(await commit(sameEvent)).toMatchObject(E.left({ type: 'AlreadyExists' }))
      expect(await commit({ ...change, before: { ...before, version: 7 } })).toMatchObject(E.left({ type: 'Stale' }))
      expect(await harness.chainOf(projectId)).toEqual([])
      expect(await load(before.ticket.id)).toEqual(before)
      await done(store.commit([], [change]))
      expect(await harness.chainOf(projectId)).toHaveLength(1)
    })

    it('never deletes a ticket that has a snapshot, whoever decided it', async () => {
      const before = await keep(aTicket('pending_qa'))
      await done(store.commit([], [startingQa(before)]))
      const sealed = await load(before.ticket.id)
      const cancelled = cancel({ ...stamp(), reason: 'Wrong house', duplicates: [] })(sealed.ticket)
      await done(store.commit([], [changeOf(sealed, cancelled)]))
      const now = await load(before.ticket.id)
      const gone = changeOf(now, [{ ...now.ticket, deletedAt: later(9) } as Ticket, []])
      await expect(commit(gone)).rejects.toThrow(/handover snapshot and cannot be deleted/)
      expect(await load(before.ticket.id)).toEqual(now)
    })

    it('refuses to change a ticket twice in one commit', async () => {
      const before = await keep(aTicket('assigned'))
      await expect(commit(assigning(before, 'a'), assigning(before, 'b'))).rejects.toThrow('a ticket twice')
    })

    it('creates many tickets as one commit', async () => {
      const tickets = Array.from({ length: 50 }, () => aTicket())
      const { created } = await done(
        store.commit(
          tickets.map((ticket) => creationOf(ticket)),
          [],
        ),
      )
      expect(new Set(created.map(({ uid }) => uid)).size).toBe(50)
      const found = await done(store.load(tickets.map(({ id }) => id)))
      expect(found).toHaveLength(50)
    })

    it('keeps title and place as edited', async () => {
      const before = await keep(aTicket('assigned'))
      const edit = { title: 'Ünïcode “quotes” \\ and \n lines', gps: { lat: -26.3789, lon: 27.8123456789 } }
      await done(store.commit([], [changeOf(before, editTicket({ ...stamp(), edit }, before.facts)(before.ticket))]))
      expect((await load(before.ticket.id)).ticket).toMatchObject(edit)
    })
  })
}
