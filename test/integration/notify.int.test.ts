import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { postgresDirectory } from '../../src/adapters/postgres/directory.ts'
import { postgresEscalationStore } from '../../src/adapters/postgres/escalation-store.ts'
import { postgresNotificationStore } from '../../src/adapters/postgres/notification-store.ts'
import { postgresTemplateStore } from '../../src/adapters/postgres/template-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { postgresTimerQueries } from '../../src/adapters/postgres/timer-queries.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { type ReactionDeps, reactions } from '../../src/application/reactions/reactions.ts'
import { runTimers } from '../../src/application/timers/run-timers.ts'
import { assign } from '../../src/domain/ticket/assign.ts'
import { changeDeps } from '../support/change-deps.ts'
import { describeOn, type Engine, testDatabase } from '../support/databases.ts'
import { deadIn } from '../support/dead-in.ts'
import { approvingWith, rejecting, starting } from '../support/lifecycle.ts'
import { changeOf, creationOf, done, only, storable } from '../support/stored-tickets.ts'
import { contractor, lead, manager, project, team, technician } from '../support/telling.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'
import { begin, CONTRACTOR, MANAGER, REVIEWER, type Step, stamp, TECHNICIAN } from '../support/tickets.ts'

vi.setConfig({ testTimeout: 120_000 })

const byReviewer = () => ({ ...stamp(REVIEWER), id: randomUUID() })

/** The engine with the reactions that lead to a message, over a database of its own. */
const working = async (kind: Exclude<Engine, 'neon'>) => {
  const { pool, close } = await testDatabase(kind)
  const queue = pgBossJobQueue({ pool, kind, onError: () => {} })
  const { nudge } = queue
  const tickets = postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge })
  const directory = postgresDirectory(pool)
  const deps = {
    ...changeDeps(tickets),
    directory,
    escalations: postgresEscalationStore(pool, { sha256, nudge }),
    templates: postgresTemplateStore(pool),
    notifications: postgresNotificationStore(pool, { newId: randomUUID, addressOf: (said) => said }),
    timers: postgresTimerQueries(pool, nudge),
    onTrouble: (error: unknown) => {
      throw error
    },
  }
  await done(
    directory.save({
      people: [technician, manager, lead, { ...lead, id: REVIEWER, name: 'Rashid', phone: '+27820000006' }],
      contractors: [contractor],
      teams: [team],
      projects: [project],
    }),
  )
  const needed = ['tell_people', 'escalate_repeat_faults']
  await queue.start(reactions(deps as unknown as ReactionDeps).filter(({ name }) => needed.includes(name)))
  return {
    tickets,
    pool,
    change: async ({ id }: { readonly id: string }, step: Step) => {
      const stored = await loaded(tickets, { id })
      await done(tickets.commit([], [changeOf(stored, step(stored.ticket))]))
    },
    timersAt: (now: string) => done(runTimers({ ...deps, now: () => now })(now)),
    /** Who was told of what since the last time. */
    told: async () => {
      await queue.drain(30_000)
      expect(await deadIn(pool)).toEqual([])
      const { rows } = await pool.query(
        `select message_template, recipient_type, recipient_name, message_content from whatsapp_notifications
         order by message_template, recipient_type`,
      )
      await pool.query('delete from whatsapp_notifications')
      return {
        who: rows.map((row) => `${row.message_template}: ${row.recipient_type} ${row.recipient_name}`),
        texts: rows.map(({ message_content }) => message_content as string),
      }
    },
    close: async () => {
      await queue.stop()
      await close()
    },
  }
}

for (const kind of ['postgres', 'pglite'] as const)
  describeOn(kind, 'Telling people', () => {
    it('whatever happens to tickets, to their time, to their risks and to their places is told through the engine', async () => {
      const { tickets, change, timersAt, told, close } = await working(kind)
      try {
        const ticket = only((await done(tickets.commit([creationOf(storable(begin()))], []))).created)
        await change(
          ticket,
          assign({ ...stamp(MANAGER), assignment: { technician: TECHNICIAN, contractor: CONTRACTOR } }),
        )
        expect((await told()).who).toEqual(['assignment: contractor Ubuntu Fibre', 'assignment: technician Thandi'])
        await change(ticket, starting())
        await timersAt('2026-03-04T14:00:00.000Z')
        const warned = await told()
        expect(warned.who).toEqual(['sla_warning: technician Thandi'])
        expect(warned.texts[0]).toMatch(/\d\d % of the resolution time is used\./)
        await timersAt('2026-04-01T08:00:00.000Z')
        expect((await told()).who).toEqual(['sla_breach: manager Mpho', 'sla_breach: technician Thandi'])

        const approved = await storedIn(tickets, 'qa_in_progress')
        await change(approved, approvingWith({ id: randomUUID() }, ['work_area_final'], byReviewer()))
        expect((await told()).who).toEqual([])
        await timersAt('2026-03-13T08:00:00.000Z')
        const soon = await told()
        expect(soon.who).toContain('risk_warning: qa Rashid')
        expect(soon.texts.join()).toContain('days left: 1')
        await timersAt('2026-03-15T08:00:00.000Z')
        expect((await told()).who).toEqual(
          expect.arrayContaining(['risk_expiry: manager Mpho', 'risk_expiry: qa Rashid']),
        )
        await timersAt('2026-03-18T08:00:00.000Z')
        expect((await told()).who).toEqual(
          expect.arrayContaining(['risk_escalation: manager Mpho', 'risk_escalation: qa Rashid']),
        )

        for (let n = 0; n < 4; n += 1)
          await done(
            tickets.commit(
              [creationOf(storable(begin({ place: { dr: null, pole: 'LAW.P.B001', pon: null, zone: null } })))],
              [],
            ),
          )
        const escalated = await told()
        expect(escalated.who).toEqual(['fault_escalation: manager Mpho'])
        expect(escalated.texts[0]).toContain('REPEAT FAULTS - pole LAW.P.B001')
      } finally {
        await close()
      }
    })

    it('an event that comes again after its messages were pruned tells nobody', async () => {
      const { tickets, pool, change, told, close } = await working(kind)
      try {
        const ticket = await storedIn(tickets, 'qa_in_progress')
        await change(ticket, rejecting(['work_area_final'], byReviewer()))
        expect((await told()).who).toHaveLength(2)
        await pool.query(
          `insert into outbox (event_id, type, ticket_id, body, at)
           select l.event_id, 'TicketRejected', l.ticket_id, jsonb_build_object('type', 'TicketRejected', 'decision', $1::jsonb), l.happened_at
           from notification_ledger l limit 1`,
          [JSON.stringify({ codes: ['other'], reason: 'again', verdicts: [], gateFailures: [] })],
        )
        expect((await told()).who).toEqual([])
      } finally {
        await close()
      }
    })
  })
