import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { postgresSyncNotes, postgresSyncStore } from '../../src/adapters/postgres/sync-store.ts'
import { claim, waiting } from '../../src/adapters/queue/outbox.ts'
import { firstBase } from '../../src/domain/sync/merge.ts'
import type { FoundConflict } from '../../src/domain/sync/plan.ts'
import { describeOn } from '../support/databases.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { aNotification } from '../support/notifications.ts'
import { aTicket, creationOf, done } from '../support/stored-tickets.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const NAME = 'CANARY name'
const PHONE = '+27115550100'

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'What was read of a client before an erasure, and is written after it,', () => {
    let api: Api
    beforeAll(async () => {
      api = await apiOn(engine)
    })
    afterAll(() => api.close())

    let drops = 1_000_000
    const aClient = async () => {
      drops += 1
      const dr = `DR${drops}`
      const ticket = aTicket('assigned', {})
      const client = { name: NAME, phone: PHONE, email: null }
      await done(api.ports.tickets.commit([creationOf(ticket, { client })], []))
      await api.pool.query('update tickets set dr_number = $2 where id = $1', [ticket.id, dr])
      const erase = async () => {
        const erased = await api
          .as('admin')
          .post('/subjects/erase', { project_id: 'lawley', dr_number: dr, reason: 'x' })
        expect(erased.body.data).toMatchObject({ newly_erased: 1 })
      }
      return { id: ticket.id, erase }
    }
    const rowsOf = async (table: string, ticketId: string): Promise<string> => {
      const { rows } = await api.pool.query(
        `select coalesce(json_agg(to_jsonb(x)), '[]')::text as said from ${table} x where ticket_id = $1`,
        [ticketId],
      )
      return rows[0].said
    }
    const now = (): string => api.clock.now
    const conflict = (field: 'client_name' | 'status', theirs: string): FoundConflict => ({
      field,
      kind: 'both_changed',
      ours: null,
      theirs,
      winner: 'remote',
    })
    const learnt = (...conflicts: FoundConflict[]) => ({
      bases: { client_name: firstBase(NAME, NAME), status: firstBase('Pending', 'Pending') },
      conflicts,
      agreed: [],
      lastChangeId: null,
      gone: false,
    })

    it('leaves no value of the client among the conflicts, only what says nothing of them', async () => {
      const { id, erase } = await aClient()
      const store = postgresSyncStore(api.pool, 't')
      const before = await done(store.link('meanwhile-1', id, learnt(), now()))
      expect(await rowsOf('sync_personal', id)).toContain(NAME)
      await erase()
      await done(store.learn(before, learnt(conflict('client_name', NAME), conflict('status', 'Solved')), now()))
      expect(await rowsOf('sync_conflicts', id)).not.toContain(NAME)
      expect(await rowsOf('sync_conflicts', id)).toContain('Solved')
      expect(await rowsOf('sync_personal', id)).toBe('[]')
    })

    it('makes a case that is linked only then one of which nothing personal is taken in', async () => {
      const { id, erase } = await aClient()
      await erase()
      const linked = await done(
        postgresSyncStore(api.pool, 't').link('meanwhile-2', id, learnt(conflict('client_name', NAME)), now()),
      )
      expect(linked).toMatchObject({ ticketId: id, personal: false })
      expect(linked.bases).not.toHaveProperty('client_name')
      expect(await rowsOf('sync_conflicts', id)).toBe('[]')
    })

    it('is told to nobody and kept nowhere; what happens later is told', async () => {
      const { id, erase } = await aClient()
      const told = (at: string) =>
        aNotification({
          ticketId: id,
          recipientType: 'client',
          recipientId: id,
          phoneOrGroup: PHONE,
          name: NAME,
          text: NAME,
          digestLine: NAME,
          at,
        })
      const [waits] = await done(api.ports.notifications.add([told(now())]))
      await erase()
      const [late] = await done(api.ports.notifications.add([told(now())]))
      expect(await rowsOf('whatsapp_notifications', id)).not.toMatch(/CANARY|5550100/)
      for (const one of [waits, late])
        expect(await done(api.ports.notificationQueries.one(one ?? ''))).toMatchObject({ status: 'failed' })
      const tomorrow = new Date(Date.parse(now()) + 86_400_000).toISOString()
      const [next] = await done(
        api.ports.notifications.add([aNotification({ ticketId: id, at: tomorrow, text: 'Erased is late' })]),
      )
      expect(await done(api.ports.notificationQueries.one(next ?? ''))).toMatchObject({
        status: 'pending',
        message_content: 'Erased is late',
      })
    })

    it('leaves no number among those that WhatsApp was asked for, however the client gave it', async () => {
      const contact = { onWhatsApp: true, chatId: '27115550100@c.us', checkedAt: now() }
      const { id, erase } = await aClient()
      await api.pool.query(`update ticket_clients set phone = '(011) 555-0100' where ticket_id = $1`, [id])
      await done(
        api.ports.notifications.add([
          aNotification({ ticketId: id, recipientType: 'client', recipientId: id, phoneOrGroup: PHONE }),
        ]),
      )
      await done(api.ports.sending.keepContact(PHONE, contact))
      expect(await done(api.ports.sending.contact(PHONE))).toMatchObject({ onWhatsApp: true })
      // the host's retention has been there
      await api.pool.query('delete from whatsapp_notifications where ticket_id = $1', [id])
      await erase()
      expect(await done(api.ports.sending.contact(PHONE))).toBeNull()
      await done(api.ports.sending.keepContact(PHONE, contact))
      expect(await done(api.ports.sending.contact(PHONE))).toBeNull()
    })

    it('sends no message without words', async () => {
      const { id, erase } = await aClient()
      const [one = ''] = await done(api.ports.notifications.add([aNotification({ ticketId: id, at: now() })]))
      await erase()
      await api.pool.query(`update notification_ledger set status = 'pending' where id = $1`, [one])
      const claimed = await done(
        api.ports.sending.claim({
          sendId: randomUUID(),
          session: 'default',
          messageId: null,
          address: PHONE,
          notificationIds: [one],
          at: now(),
          leaseUntil: now(),
          nextSendAt: now(),
          perRecipientPerMinute: 10,
        }),
      )
      expect(claimed).toBe(false)
    })

    it('does not tell QContact of a note that says no more than that it was erased', async () => {
      const { id, erase } = await aClient()
      const note = await api.as('naledi').post(`/tickets/${id}/notes`, { note_type: 'client', content: NAME })
      expect(note.status).toBe(201)
      const notes = postgresSyncNotes(api.pool)
      await done(notes.queue(note.body.data.id, id, null, now()))
      expect(await done(notes.waiting(id))).toMatchObject([{ text: NAME }])
      await erase()
      expect(await done(notes.waiting(id))).toMatchObject([{ text: null }])
    })

    it('goes into the queue as it is by then', async () => {
      const { id, erase } = await aClient()
      await api.pool.query(`update outbox set body = body || '{"note": "${NAME}"}' where ticket_id = $1`, [id])
      const ofTicket = ({ event }: { event: { ticketId: string | null } }) => event.ticketId === id
      const seen = (await waiting(api.pool, 10_000)).filter(ofTicket)
      expect(JSON.stringify(seen)).toContain(NAME)
      await erase()
      const claimed = await claim(api.pool, seen)
      expect(claimed.map(({ position }) => position)).toEqual(seen.map(({ position }) => position))
      expect(JSON.stringify(claimed)).not.toContain(NAME)
      expect(JSON.stringify(claimed)).toContain('"note":"Erased"')
    })

    it.runIf(engine === 'postgres')('or at the same moment, is nowhere either, and neither fails', async () => {
      for (let n = 0; n < 20; n += 1) {
        const { id, erase } = await aClient()
        const store = postgresSyncStore(api.pool, 't')
        const before = await done(store.link(`at-once-${n}`, id, learnt(), now()))
        const told = (kind: 'message' | 'assignment') =>
          aNotification({
            ticketId: id,
            recipientType: 'client',
            kind,
            phoneOrGroup: PHONE,
            name: NAME,
            text: NAME,
            at: now(),
          })
        await done(api.ports.notifications.add([told('message')]))
        const contact = { onWhatsApp: true, chatId: null, checkedAt: now() }
        const soon = <A>(work: () => Promise<A>): Promise<A> =>
          new Promise((resolve) => setTimeout(resolve, (n % 5) * 4)).then(work)
        await Promise.all([
          n % 2 === 0 ? erase() : soon(erase),
          soon(() => done(store.learn(before, learnt(conflict('client_name', NAME)), now()))),
          soon(() => done(api.ports.notifications.add([told('assignment')]))),
          soon(() => done(api.ports.sending.keepContact(PHONE, contact))),
          soon(() => done(api.ports.sending.expire('2100-01-01T00:00:00.000Z'))),
        ])
        for (const table of ['sync_conflicts', 'sync_personal', 'whatsapp_notifications'])
          expect([table, /CANARY|5550100/.test(await rowsOf(table, id))]).toEqual([table, false])
        expect(await done(api.ports.sending.contact(PHONE))).toBeNull()
      }
    })
  })
