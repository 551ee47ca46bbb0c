import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { postgresTicketPapers } from '../../src/adapters/postgres/papers-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import type { TicketPapers } from '../../src/application/ports/ticket-papers.ts'
import type { Stored, TicketStore } from '../../src/application/ports/ticket-store.ts'
import { addPhoto } from '../../src/domain/ticket/add-photo.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { later, photo, stamp, TECHNICIAN } from '../support/tickets.ts'

const PHOTO_BYTES = 1000

describeOn('postgres', 'files of one ticket that come at the very same moment', () => {
  let database: TestDatabase
  let pool: pg.Pool
  let store: TicketStore
  let papers: TicketPapers
  beforeAll(async () => {
    database = await testDatabase('postgres')
    pool = database.pool
    store = postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} })
    papers = postgresTicketPapers(pool, () => {})
  })
  afterAll(() => database.close())

  const inProgress = async (): Promise<Stored> => {
    const ticket = aTicket('in_progress')
    await done(store.commit([creationOf(ticket)], []))
    return only(await done(store.load([ticket.id])))
  }
  const usedBy = async ({ ticket }: Stored): Promise<number> => only(await done(store.load([ticket.id]))).usedBytes

  /** Lets both wait for the ticket, the first one first, and then go. */
  const together = async <A, B>({ ticket }: Stored, first: () => Promise<A>, second: () => Promise<B>) => {
    const holder = await pool.connect()
    const waiting = async (wanted: number): Promise<void> => {
      for (;;) {
        const { rows } = await pool.query(
          `select count(*)::integer as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        if (rows[0].n >= wanted) return
        await sleep(5)
      }
    }
    try {
      await holder.query('begin')
      await holder.query('select from tickets where id = $1 for update', [ticket.id])
      const one = first()
      await waiting(1)
      const other = second()
      await waiting(2)
      await holder.query('commit')
      return [await one, await other] as const
    } finally {
      holder.release()
    }
  }

  const document =
    ({ ticket }: Stored, size: number, limitBytes: number) =>
    () => {
      const id = randomUUID()
      const object = {
        bucket: 'local',
        name: `evidence/${id}.pdf`,
        generation: '1',
        size,
        sha256: 'a'.repeat(64),
        stored: null,
      }
      const said = { id, ticketId: ticket.id, filename: 'plan.pdf', mime: 'application/pdf', object }
      return papers.addDocument({ ...said, by: 'thabo', at: later(1) }, limitBytes)()
    }
  const addingPhoto = (before: Stored, limitBytes: number) => () => {
    const hash = sha256(new TextEncoder().encode(randomUUID()))
    const usual = photo('house_front', randomUUID())
    const command = {
      ...stamp(TECHNICIAN, later(1)),
      photo: { ...usual, object: { ...usual.object, sha256: hash, size: PHOTO_BYTES } },
      limitBytes,
      usedBytes: before.usedBytes,
    }
    const picture = { photoId: usual.id, sha256: hash, seen: 0, likeness: null }
    return store.commit([], [changeOf(before, addPhoto(command, before.facts)(before.ticket), picture)])()
  }

  it('two documents that fit alone and not together: one is refused, and says how full the ticket is', async () => {
    const before = await inProgress()
    const limit = before.usedBytes + 150
    const answers = await together(before, document(before, 100, limit), document(before, 100, limit))
    expect(answers).toEqual([
      E.right(undefined),
      E.left({ type: 'TicketStorageFull', usedBytes: limit - 50, addedBytes: 100, limitBytes: limit }),
    ])
    expect(await usedBy(before)).toBe(limit - 50)
  })

  it('a document that comes while a photo takes the last room is refused', async () => {
    const before = await inProgress()
    const limit = before.usedBytes + PHOTO_BYTES
    const answers = await together(before, addingPhoto(before, limit), document(before, 1, limit))
    expect(answers).toMatchObject([{ _tag: 'Right' }, { left: { type: 'TicketStorageFull', usedBytes: limit } }])
    expect(await usedBy(before)).toBe(limit)
  })

  it('a photo that comes while a document takes the last room is decided again, and then refused', async () => {
    const before = await inProgress()
    const limit = before.usedBytes + PHOTO_BYTES
    const answers = await together(before, document(before, 1, limit), addingPhoto(before, limit))
    expect(answers).toMatchObject([
      { _tag: 'Right' },
      { left: { type: 'Stale', id: before.ticket.id, version: before.version } },
    ])
    expect(await usedBy(before)).toBe(before.usedBytes + 1)
  })
})
