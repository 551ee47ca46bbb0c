import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Document, Note, TicketPapers } from '../../src/application/ports/ticket-papers.ts'

const LIMIT = 300 * 1024 * 1024

export type PapersBench = {
  readonly papers: TicketPapers
  /** Makes an empty ticket and answers its id. */
  readonly ticket: (status?: 'open' | 'handed_to_maintenance') => Promise<string>
  /** The types of the events that went to the outbox for a ticket. */
  readonly told: (ticketId: string) => Promise<ReadonlyArray<string>>
}

/** What every place that keeps notes, documents and links must do. */
export const ticketPapersContract = (name: string, make: () => Promise<PapersBench>) =>
  describe(`ticket papers: ${name}`, () => {
    let bench: PapersBench
    beforeAll(async () => {
      bench = await make()
    })
    const note = (ticketId: string): Note => ({
      id: randomUUID(),
      ticketId,
      type: 'client',
      content: 'The client is home after five.',
      by: 'thabo',
      at: '2026-11-22T10:00:00.000Z',
    })
    const document = (ticketId: string): Document => ({
      id: randomUUID(),
      ticketId,
      filename: 'as-built.pdf',
      mime: 'application/pdf',
      object: {
        bucket: 'local',
        name: `evidence/${ticketId}/document/x.pdf`,
        generation: '1',
        stored: { size: 1_024, sha256: 'c'.repeat(64) },
        size: 7,
        sha256: 'a'.repeat(64),
      },
      by: 'thabo',
      at: '2026-11-22T10:00:00.000Z',
    })

    it('a note sent twice is one note and is told once', async () => {
      const ticketId = await bench.ticket()
      const written = note(ticketId)
      expect(await bench.papers.addNote(written)()).toEqual(E.right(undefined))
      expect(await bench.papers.addNote(written)()).toEqual(E.right(undefined))
      expect(await bench.told(ticketId)).toEqual(['NoteAdded'])
    })

    it('another note under a known id is refused', async () => {
      const ticketId = await bench.ticket()
      const written = note(ticketId)
      await bench.papers.addNote(written)()
      const other = await bench.papers.addNote({ ...written, content: 'Something else.' })()
      expect(other).toEqual(E.left({ type: 'AlreadyExists', constraint: 'id' }))
    })

    it('a document is found by its id with where its bytes lie', async () => {
      const ticketId = await bench.ticket()
      const added = document(ticketId)
      expect(await bench.papers.addDocument(added, LIMIT)()).toEqual(E.right(undefined))
      expect(await bench.papers.addDocument(added, LIMIT)()).toEqual(E.right(undefined))
      const { id, filename, mime, object } = added
      expect(await bench.papers.attachment(id)()).toEqual(
        E.right({ id, ticketId, filename, mime, step: null, object, copies: null, erasedAt: null }),
      )
      expect(await bench.told(ticketId)).toEqual(['DocumentAdded'])
    })

    it('a document for a ticket that maintenance has is refused at the moment it is written', async () => {
      const ticketId = await bench.ticket('handed_to_maintenance')
      const late = document(ticketId)
      expect(await bench.papers.addDocument(late, LIMIT)()).toEqual(
        E.left({ type: 'HandedOverAlready', status: 'handed_to_maintenance' }),
      )
      expect(await bench.papers.attachment(late.id)()).toEqual(E.right(null))
      expect(await bench.told(ticketId)).toEqual([])
    })

    it('documents of one ticket that come at once stay within its limit together, the limit included', async () => {
      const ticketId = await bench.ticket()
      const of = (size: number): Document => {
        const one = document(ticketId)
        return { ...one, object: { ...one.object, size } }
      }
      const many = Array.from({ length: 8 }, () => of(10))
      const answers = await Promise.all(many.map((one) => bench.papers.addDocument(one, 39)()))
      expect(answers.filter(E.isRight)).toHaveLength(3)
      for (const answer of answers.filter(E.isLeft))
        expect(answer.left).toEqual({ type: 'TicketStorageFull', usedBytes: 30, addedBytes: 10, limitBytes: 39 })
      expect(await bench.papers.addDocument(of(9), 39)()).toEqual(E.right(undefined))
      const [kept] = many.filter((_, index) => E.isRight(answers[index] ?? E.left(null)))
      expect(await bench.papers.addDocument(kept ?? of(1), 39)()).toEqual(E.right(undefined))
      expect(await bench.told(ticketId)).toHaveLength(4)
    })

    it('an unknown attachment is absent', async () => {
      expect(await bench.papers.attachment(randomUUID())()).toEqual(E.right(null))
    })

    it('a link made twice is one link', async () => {
      const [ticketId, otherId] = [await bench.ticket(), await bench.ticket()]
      const link = { ticketId, otherId, by: 'naledi', at: '2026-11-22T10:00:00.000Z' }
      expect(await bench.papers.link(link)()).toEqual(E.right(undefined))
      expect(await bench.papers.link(link)()).toEqual(E.right(undefined))
    })
  })
