import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PhotoBacklog, PhotoToCompare } from '../../src/application/ports/photo-backlog.ts'
import type { PhotoLikeness } from '../../src/application/ports/photo-likeness.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { Verdict } from '../../src/domain/evidence/evidence.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import type { StepKey } from '../../src/domain/verification/steps.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'
import { AT, adding, later, photo, through } from '../support/tickets.ts'

export type PhotoBacklogBench = {
  readonly backlog: PhotoBacklog
  readonly likeness: PhotoLikeness
  readonly tickets: TicketStore
  readonly close: () => Promise<void>
}

const opened = (checker: string, version: string, outcome: Verdict['outcome']): Verdict => ({
  check: 'decodable',
  outcome,
  checker,
  version,
  at: AT,
  reason: 'looked at',
  evidence: {},
})

/** What every list of photos that are yet to be judged promises. */
export const photoBacklogContract = (title: string, open: () => Promise<PhotoBacklogBench>): void => {
  describe(`Photos to be judged ${title}`, () => {
    let bench: PhotoBacklogBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench.close())

    const withPhoto = async (
      verdict: Verdict,
      status: Parameters<typeof aTicket>[0] = 'in_progress',
      deletedAt: string | null = null,
      step: StepKey = 'house_front',
      erasedAt: string | null = null,
    ): Promise<Ticket> => {
      const bare = aTicket(status)
      const photoId = crypto.randomUUID()
      const kept = through(aTicket('in_progress'), adding({ ...photo(step, photoId), verdicts: [verdict] }))
      const ticket: Ticket = { ...bare, photos: kept.photos.slice(-1), deletedAt, erasedAt }
      await done(bench.tickets.commit([creationOf(ticket)], []))
      return ticket
    }
    const listed = async (after: string | null = null, limit = 100) =>
      done(bench.backlog.notJudgedBy({ checker: 'full', version: '2' }, after, limit))

    it('are those of open tickets that this version has not opened, in the order of their ids', async () => {
      const older = await withPhoto(opened('basic', '1', 'pass'))
      const earlier = await withPhoto(opened('full', '1', 'pass'))
      const unfinished = await withPhoto(opened('full', '2', 'unverifiable'))
      await withPhoto(opened('full', '2', 'pass'))
      await withPhoto(opened('full', '2', 'block'))
      await withPhoto(opened('basic', '1', 'pass'), 'qa_approved')
      await withPhoto(opened('basic', '1', 'pass'), 'in_progress', null, 'house_front', AT)
      const wanted = [older, earlier, unfinished]
        .map((ticket) => ({ ticketId: ticket.id, photoId: ticket.photos[0]?.id ?? '' }))
        .toSorted((a, b) => (a.photoId < b.photoId ? -1 : 1))
      expect(await listed()).toEqual(wanted)
      expect(await listed(null, 2)).toEqual(wanted.slice(0, 2))
      expect(await listed(wanted[1]?.photoId)).toEqual(wanted.slice(2))
    })

    it('and whose analysis broke off since a moment are those of open tickets, until it has come to an end', async () => {
      const at = (instant: string, verdict: Verdict): Verdict => ({ ...verdict, at: instant })
      const broken = (instant = AT) => at(instant, opened('full', '2', 'unverifiable'))
      const uncompared = { ...opened('reuse', '1', 'unverifiable'), check: 'reuse' } as const
      const withVerdicts = async (verdicts: ReadonlyArray<Verdict>, status: Parameters<typeof aTicket>[0]) => {
        const added = adding({ ...photo('house_front', crypto.randomUUID()), verdicts: [opened('full', '1', 'pass')] })
        const [kept] = through(aTicket('in_progress'), added).photos.slice(-1)
        if (kept === undefined) throw new Error('the ticket has no photo')
        const ticket: Ticket = { ...aTicket(status), photos: [{ ...kept, verdicts }] }
        await done(bench.tickets.commit([creationOf(ticket)], []))
        return ticket
      }
      const list = (since: string, after: string | null = null, limit = 1_000) =>
        done(bench.backlog.unfinishedSince(since, after, limit))
      const known = (await list(AT)).map(({ photoId }) => photoId)
      const wanted = [
        await withVerdicts([broken()], 'in_progress'),
        await withVerdicts([opened('full', '2', 'pass'), broken(later(5))], 'in_progress'),
        await withVerdicts([opened('full', '2', 'pass'), uncompared], 'pending_qa'),
      ]
      const others = [
        await withVerdicts([broken(later(-1))], 'in_progress'),
        await withVerdicts([broken(), at(later(5), opened('full', '3', 'pass'))], 'in_progress'),
        await withVerdicts([broken(), at(later(5), opened('full', '3', 'block'))], 'in_progress'),
        await withVerdicts([uncompared, { ...uncompared, at: later(5), outcome: 'pass' }], 'in_progress'),
        await withVerdicts([broken()], 'qa_approved'),
        await withPhoto(broken(), 'in_progress', AT),
        await withPhoto(broken(), 'in_progress', null, 'house_front', AT),
      ]
      const listed = (await list(AT)).filter(({ photoId }) => !known.includes(photoId))
      const ids = (tickets: ReadonlyArray<Ticket>) => tickets.map(({ id }) => id).toSorted()
      expect(listed.map(({ ticketId }) => ticketId).toSorted()).toEqual(ids(wanted))
      expect(listed.map(({ photoId }) => photoId)).toEqual(listed.map(({ photoId }) => photoId).toSorted())
      expect(await list(AT, listed[0]?.photoId)).not.toContainEqual(listed[0])
      expect(await list(AT, listed[0]?.photoId)).toContainEqual(listed[1])
      expect(await list(AT, null, 1)).toHaveLength(1)
      const earlier = (await list(later(-1))).map(({ ticketId }) => ticketId)
      expect(earlier).toContain(others[0]?.id)
      expect(earlier).not.toContain(others[1]?.id)
    })

    const byId = (list: ReadonlyArray<PhotoToCompare>) => list.toSorted((a, b) => (a.photoId < b.photoId ? -1 : 1))
    const toCompare = (ticket: Ticket, hashed: boolean): PhotoToCompare => ({
      ticketId: ticket.id,
      photoId: ticket.photos[0]?.id ?? '',
      hashed,
    })

    it('and to be compared are those of any ticket that were never looked at, but for signatures', async () => {
      const before = (await done(bench.backlog.notCompared(null, 1_000))).map(({ photoId }) => photoId)
      const photos = [
        await withPhoto(opened('full', '2', 'pass')),
        await withPhoto(opened('full', '2', 'pass'), 'qa_approved'),
        await withPhoto(opened('full', '2', 'pass'), 'closed'),
        await withPhoto(opened('full', '2', 'pass'), 'in_progress', AT),
      ]
      await withPhoto(opened('full', '2', 'pass'), 'in_progress', null, 'customer_signature')
      await withPhoto(opened('full', '2', 'pass'), 'in_progress', null, 'house_front', AT)
      const wanted = byId(photos.map((ticket) => toCompare(ticket, false)))
      const after = (await done(bench.backlog.notCompared(null, 1_000))).filter(
        ({ photoId }) => !before.includes(photoId),
      )
      expect(after).toEqual(wanted)
      const [first, second] = wanted
      expect((await done(bench.backlog.notCompared(first?.photoId ?? null, 1_000)))[0]?.photoId).not.toBe(
        first?.photoId,
      )
      expect(await done(bench.backlog.notCompared(first?.photoId ?? null, 1_000))).toContainEqual(second)
      expect(await done(bench.backlog.notCompared(null, 1))).toHaveLength(1)
    })

    it('with hashes are those still reviewed that nobody was told the look of, or whose reuse is unknown; a flat one is done', async () => {
      const hash = 'ab'.repeat(32)
      const said = (outcome: Verdict['outcome']): Verdict => ({ ...opened('full', '2', outcome), check: 'likeness' })
      const reuse = (outcome: Verdict['outcome']): Verdict => ({ ...opened('full', '2', outcome), check: 'reuse' })
      const hashed = async (ticket: Ticket, stored: ReadonlyArray<string> = [hash]): Promise<Ticket> => {
        await done(bench.likeness.keep(ticket.photos[0]?.id ?? '', { quality: 60, stored, probes: stored }))
        return ticket
      }
      const waiting = [
        await hashed(await withPhoto(said('not_judged'))),
        await hashed(await withPhoto(said('not_judged'), 'qa_approved')),
        await hashed(await withPhoto(reuse('unverifiable')), []),
      ]
      const settled = [
        await hashed(await withPhoto(said('not_judged')), []),
        await hashed(await withPhoto(reuse('pass')), []),
        await hashed(await withPhoto(reuse('unverifiable'), 'closed'), []),
        await hashed(await withPhoto(said('pass'))),
        await hashed(await withPhoto(said('warn'))),
        await hashed(await withPhoto(said('not_judged'), 'closed')),
        await hashed(await withPhoto(said('not_judged'), 'in_progress', AT)),
      ]
      const found = await done(bench.backlog.notCompared(null, 1_000))
      for (const ticket of waiting) expect(found).toContainEqual(toCompare(ticket, true))
      for (const ticket of settled) expect(found.map(({ ticketId }) => ticketId)).not.toContain(ticket.id)
    })
  })
}
