import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PhotoBacklog } from '../../src/application/ports/photo-backlog.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { Verdict } from '../../src/domain/evidence/evidence.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'
import { AT, adding, photo, through } from '../support/tickets.ts'

export type PhotoBacklogBench = {
  readonly backlog: PhotoBacklog
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
    ): Promise<Ticket> => {
      const bare = aTicket(status)
      const photoId = crypto.randomUUID()
      const kept = through(aTicket('in_progress'), adding({ ...photo('house_front', photoId), verdicts: [verdict] }))
      const ticket: Ticket = { ...bare, photos: kept.photos.slice(-1), deletedAt }
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
      const wanted = [older, earlier, unfinished]
        .map((ticket) => ({ ticketId: ticket.id, photoId: ticket.photos[0]?.id ?? '' }))
        .toSorted((a, b) => (a.photoId < b.photoId ? -1 : 1))
      expect(await listed()).toEqual(wanted)
      expect(await listed(null, 2)).toEqual(wanted.slice(0, 2))
      expect(await listed(wanted[1]?.photoId)).toEqual(wanted.slice(2))
    })
  })
}
