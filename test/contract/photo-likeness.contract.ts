import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PhotoLikeness } from '../../src/application/ports/photo-likeness.ts'
import type { Change, Stored, TicketStore } from '../../src/application/ports/ticket-store.ts'
import { type Fingerprint, nearest, type PdqHash } from '../../src/domain/evidence/likeness.ts'
import { addPhoto } from '../../src/domain/ticket/add-photo.ts'
import { changesArb, flipped, hashArb, spread } from '../support/hashes.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { later, photo, stamp, TECHNICIAN } from '../support/tickets.ts'

export type PhotoLikenessHarness = {
  readonly likeness: PhotoLikeness
  readonly tickets: TicketStore
  readonly close: () => Promise<void>
}

const aHash = (): PdqHash => randomBytes(32).toString('hex')
const first = (bits: number): ReadonlyArray<number> => [...Array(bits).keys()]
const fingerprint = (stored: ReadonlyArray<PdqHash>, probes: ReadonlyArray<PdqHash> = stored): Fingerprint => ({
  quality: 100,
  stored,
  probes,
})

export const photoLikenessContract = (title: string, open: () => Promise<PhotoLikenessHarness>, runs = 40): void => {
  describe(`Photos by how they look ${title}`, () => {
    let harness: PhotoLikenessHarness
    beforeAll(async () => {
      harness = await open()
    })
    afterAll(() => harness.close())

    const aStoredTicket = async (): Promise<Stored> => {
      const ticket = aTicket('in_progress')
      await done(harness.tickets.commit([creationOf(ticket)], []))
      return only(await done(harness.tickets.load([ticket.id])))
    }
    const adding = async (print: Fingerprint, upTo?: number, photoId: string = randomUUID()): Promise<Change> => {
      const before = await aStoredTicket()
      const { object, ...rest } = photo('house_front')
      const likeness = { fingerprint: print, upTo: upTo ?? (await done(harness.likeness.reusesOf([]))).upTo }
      const sha256 = randomBytes(32).toString('hex')
      return changeOf(
        before,
        addPhoto(
          {
            ...stamp(TECHNICIAN, later(1), randomUUID()),
            photo: { ...rest, id: photoId, object: { ...object, sha256 } },
            limitBytes: 1_000_000,
            usedBytes: before.usedBytes,
          },
          before.facts,
        )(before.ticket),
        { photoId, sha256, seen: 0, likeness },
      )
    }
    const keep = async (print: Fingerprint): Promise<Change> => {
      const change = await adding(print)
      await done(harness.tickets.commit([], [change]))
      return change
    }
    const idOf = (change: Change): string => change.picture?.photoId ?? ''
    const reuses = async (...probes: ReadonlyArray<PdqHash>) => (await done(harness.likeness.reusesOf(probes))).uses

    it('names ticket, step and moment of an earlier photo, and how many bits it is away', async () => {
      const hash = aHash()
      const kept = await keep(fingerprint([hash]))
      expect(await reuses(aHash(), flipped(hash, first(20)))).toEqual([
        {
          ticketId: kept.before.ticket.id,
          ticketUid: kept.before.ticket.uid,
          stepKey: 'house_front',
          photoId: idOf(kept),
          uploadedAt: later(1),
          drNumber: kept.before.ticket.place.dr,
          distance: 20,
        },
      ])
    })

    it('finds 31 bits of difference, however they lie, and not 32', async () => {
      const hash = aHash()
      await keep(fingerprint([hash]))
      for (const left of spread().keys())
        expect(
          await reuses(
            flipped(
              hash,
              spread(left).filter((_, n) => n !== left),
            ),
          ),
        ).toMatchObject([{ distance: 31 }])
      expect(await reuses(flipped(hash, spread()))).toEqual([])
      expect(await reuses(flipped(hash, first(31)))).toMatchObject([{ distance: 31 }])
      expect(await reuses(flipped(hash, first(32)))).toEqual([])
    })

    it('knows a photo by its nearest hash and names it once', async () => {
      const [whole, crop] = [aHash(), aHash()]
      const kept = await keep(fingerprint([whole, crop]))
      expect(await reuses(flipped(whole, first(9)), flipped(crop, first(3)))).toMatchObject([
        { photoId: idOf(kept), distance: 3 },
      ])
    })

    it('finds nothing for a photo that is compared with none', async () => {
      expect(await reuses()).toEqual([])
      expect(await done(harness.likeness.lookAlikesOf(randomUUID()))).toBeNull()
      const flat = await keep(fingerprint([], []))
      expect(await done(harness.likeness.lookAlikesOf(idOf(flat)))).toBeNull()
      const alone = await keep(fingerprint([aHash()]))
      expect(await done(harness.likeness.lookAlikesOf(idOf(alone)))).toEqual([])
    })

    it('keeps the hashes of a photo that was stored without them, once, where later photos find them', async () => {
      const [hash, other] = [aHash(), aHash()]
      const change = await adding(fingerprint([aHash()]))
      const photoId = idOf(change)
      await done(harness.tickets.commit([], [{ ...change, picture: without(change) }]))
      expect(await done(harness.likeness.lookAlikesOf(photoId))).toBeNull()
      const { upTo } = await done(harness.likeness.reusesOf([hash]))
      const late = await adding(fingerprint([flipped(hash, first(20))]), upTo)
      expect(await done(harness.likeness.keep(photoId, fingerprint([hash])))).toBe(true)
      expect(await done(harness.likeness.keep(photoId, fingerprint([other])))).toBe(false)
      expect(await done(harness.likeness.keep(randomUUID(), fingerprint([other])))).toBe(false)
      expect(await reuses(hash, other)).toMatchObject([{ photoId, distance: 0 }])
      expect(await done(harness.likeness.lookAlikesOf(photoId))).toEqual([])
      expect(await harness.tickets.commit([], [late])()).toMatchObject({ left: { type: 'Stale' } })
    })

    it('is asked to keep the same photo by two processes at once, and one of them does', async () => {
      const hash = aHash()
      const change = await adding(fingerprint([aHash()]))
      await done(harness.tickets.commit([], [{ ...change, picture: without(change) }]))
      const kept = await Promise.all(
        [0, 1].map(() => done(harness.likeness.keep(idOf(change), fingerprint([hash, aHash()])))),
      )
      expect(kept.toSorted()).toEqual([false, true])
      expect(await reuses(hash)).toHaveLength(1)
    })

    it('finds look-alikes up to 64 bits among the earlier photos, and not among later ones', async () => {
      const hash = aHash()
      const at64 = await keep(fingerprint([flipped(hash, first(64))]))
      await keep(fingerprint([flipped(hash, first(65))]))
      const own = await keep(fingerprint([hash]))
      const after = await keep(fingerprint([flipped(hash, first(40))]))
      expect(await done(harness.likeness.lookAlikesOf(idOf(own)))).toMatchObject([
        { photoId: idOf(at64), distance: 64 },
      ])
      expect(await done(harness.likeness.lookAlikesOf(idOf(after)))).toEqual(
        expect.arrayContaining([expect.objectContaining({ photoId: idOf(own), distance: 40 })]),
      )
    })

    it('of alike photos that are added at the same moment lets one be first, and the others look again', async () => {
      const hash = aHash()
      const { upTo } = await done(harness.likeness.reusesOf([]))
      const changes = await Promise.all(
        [0, 10, 20].map((bits) => adding(fingerprint([flipped(hash, first(bits))]), upTo)),
      )
      const answers = await Promise.all(changes.map((change) => harness.tickets.commit([], [change])()))
      expect(answers.filter(E.isRight)).toHaveLength(1)
      for (const answer of answers) if (E.isLeft(answer)) expect(answer.left.type).toBe('Stale')
      expect(await reuses(hash)).toHaveLength(1)
    })

    it('does not hold up photos of other pictures that are added at the same moment', async () => {
      const { upTo } = await done(harness.likeness.reusesOf([]))
      const changes = await Promise.all([1, 2, 3, 4].map(() => adding(fingerprint([aHash()]), upTo)))
      const answers = await Promise.all(changes.map((change) => harness.tickets.commit([], [change])()))
      expect(answers.every(E.isRight)).toBe(true)
    })

    it('finds exactly what comparing each probe with each kept hash finds', async () => {
      const kept: { readonly photoId: string; readonly print: Fingerprint }[] = []
      const reached = { near: 0, alike: 0, far: 0 }
      const hashes = hashArb.chain((hash) =>
        fc.tuple(fc.constant(hash), fc.array(changesArb(80), { minLength: 1, maxLength: 2 })),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(hashes, { minLength: 1, maxLength: 2 }), async (families) => {
          const probes = families.map(([hash]) => hash)
          const stored = families.flatMap(([hash, changes]) => changes.map((bits) => flipped(hash, bits)))
          const earlier = await keep(fingerprint(stored, [aHash()]))
          kept.push({ photoId: idOf(earlier), print: fingerprint(stored) })
          const own = await adding(fingerprint([aHash()], probes))
          const within = (bits: number) =>
            kept.flatMap(({ photoId, print }) => {
              const distance = nearest(probes, print.stored) ?? 256
              return distance <= bits ? [{ photoId, distance }] : []
            })
          const found = (uses: ReadonlyArray<{ readonly photoId: string; readonly distance: number }> | null) =>
            (uses ?? [])
              .filter(({ photoId }) => kept.some((one) => one.photoId === photoId))
              .map(({ photoId, distance }) => ({ photoId, distance }))
          expect(byId(found(await reuses(...probes)))).toEqual(byId(within(31)))
          await done(harness.tickets.commit([], [own]))
          expect(byId(found(await done(harness.likeness.lookAlikesOf(idOf(own)))))).toEqual(byId(within(64)))
          for (const { distance } of within(256))
            reached[distance <= 31 ? 'near' : distance <= 64 ? 'alike' : 'far'] += 1
        }),
        { numRuns: runs },
      )
      for (const times of Object.values(reached)) expect(times).toBeGreaterThan(0)
    })
  })
}

const without = ({ picture }: Change): Change['picture'] => (picture === null ? null : { ...picture, likeness: null })

const byId = <A extends { readonly photoId: string }>(list: ReadonlyArray<A>): ReadonlyArray<A> =>
  list.toSorted((a, b) => (a.photoId < b.photoId ? -1 : 1))
