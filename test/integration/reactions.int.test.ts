import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { postgresDirectory } from '../../src/adapters/postgres/directory.ts'
import { postgresEscalationQueries } from '../../src/adapters/postgres/escalation-queries.ts'
import { postgresEscalationStore } from '../../src/adapters/postgres/escalation-store.ts'
import { postgresPlatformStore } from '../../src/adapters/postgres/platform-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import type { Principal } from '../../src/application/principal.ts'
import { type ReactionDeps, reactions } from '../../src/application/reactions/reactions.ts'
import { ticketChanges } from '../../src/application/ticket/changes.ts'
import { createTicket } from '../../src/application/ticket/create-ticket.ts'
import { runCommand } from '../../src/application/ticket/lifecycle.ts'
import type { Place } from '../../src/domain/ticket/ticket.ts'
import { right } from '../contract/escalation.contract.ts'
import { changeDeps } from '../support/change-deps.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { deadIn } from '../support/dead-in.ts'
import { handing } from '../support/lifecycle.ts'
import { aTicket, changeOf, creationOf, only } from '../support/stored-tickets.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'

const manager: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }
/** Those that these tests are about; the others have tests of their own, and other needs. */
const UNDER_TEST = ['escalate_repeat_faults', 'escalation_follows_its_ticket', 'settle_guarantees_of_drop']
const underTest = (deps: unknown) => reactions(deps as ReactionDeps).filter(({ name }) => UNDER_TEST.includes(name))

const NOWHERE: Place = { dr: null, pole: null, pon: null, zone: null }

for (const kind of ['postgres', 'pglite'] as const)
  describeOn(kind, 'Reactions', () => {
    it('faults that arrive, move or turn out to count escalate by themselves, and the escalation follows its ticket', async () => {
      const { pool, close } = await testDatabase(kind)
      const queue = pgBossJobQueue({ pool, kind, onError: () => {}, retry: { limit: 0, delaySeconds: 0 } })
      const { nudge } = queue
      const tickets = postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge })
      let now = '2026-07-20T10:00:00.000Z'
      const deps = {
        ...changeDeps(tickets),
        now: () => now,
        directory: postgresDirectory(pool),
        evidence: null as never,
        escalations: postgresEscalationStore(pool, { sha256, nudge }),
        escalationQueries: postgresEscalationQueries(pool),
      }
      await right(
        deps.directory.save({
          projects: [{ id: 'lawley', code: 'LAW', name: 'Lawley', managerId: null, groupId: null }],
        }),
      )
      await queue.start(underTest(deps))
      const log = (place: Partial<Place>, cause: 'third_party' | 'client_damage' = 'third_party') =>
        right(
          createTicket(deps)(manager, {
            id: null,
            projectId: 'lawley',
            type: 'incident',
            source: 'manual',
            externalId: null,
            priority: 'normal',
            title: 'No light',
            description: null,
            address: null,
            gps: null,
            place: { ...NOWHERE, ...place },
            equipment: { ontSerial: null, ontRx: null, ontModel: null, upsSerial: null },
            cause,
            component: null,
            causeDetails: 'Seen on site',
            assignment: null,
            followUpOf: null,
            client: null,
          }),
        )
      const escalations = async () => {
        await queue.drain(20_000)
        expect(await deadIn(pool)).toEqual([])
        return (await right(deps.escalationQueries.list({}, { after: null, limit: 10 }))).rows
      }
      try {
        await log({ pole: 'P1' })
        await log({ pole: 'P1' })
        const elsewhere = (await log({ pole: 'P2' })).ticket
        const byClient = (await log({ pole: 'P1' }, 'client_damage')).ticket
        expect(await escalations()).toEqual([])

        const target = (ticketId: string) => ({ ticketId, principal: manager, version: null })
        await right(ticketChanges(deps).edit(target(elsewhere.id), { title: 'No light at all' }))
        await right(ticketChanges(deps).edit(target(elsewhere.id), { place: { pole: 'P1' } }))
        expect(await escalations()).toEqual([])
        await right(
          ticketChanges(deps).attributeFault(target(byClient.id), {
            cause: 'environmental',
            component: null,
            details: 'Lightning',
            reason: 'Second visit',
          }),
        )
        const [view, ...more] = await escalations()
        expect(more).toEqual([])
        expect(view).toMatchObject({ scope_type: 'pole', scope_value: 'P1', status: 'open', contributing_count: 4 })
        const infrastructure = view?.escalation_ticket_id ?? ''

        now = '2026-07-21T10:00:00.000Z'
        await pool.query("insert into directory_people (id, name, role) values ('thandi', 'Thandi', 'technician')")
        const run = runCommand(deps)
        await right(run(target(infrastructure), { command: 'assign', assignment: { technician: 'thandi' } }))
        await right(run(target(infrastructure), { command: 'start_work' }))
        expect(await escalations()).toMatchObject([{ status: 'investigating', investigating_since: now }])
        await right(run(target(infrastructure), { command: 'cancel', reason: 'The pole was replaced last week' }))
        expect(await escalations()).toMatchObject([{ status: 'no_action', resolved_at: now, resolved_by: null }])
      } finally {
        await queue.stop()
        await close()
      }
    })

    it('an installation that is handed over starts the guarantee of the other tickets of its drop', async () => {
      const { pool, close } = await testDatabase(kind)
      const queue = pgBossJobQueue({ pool, kind, onError: () => {}, retry: { limit: 0, delaySeconds: 0 } })
      const options = { sow: 'platform_records', sha256, nudge: queue.nudge } as const
      const tickets = postgresTicketStore(pool, options)
      const platforms = postgresPlatformStore(pool, options)
      const deps = { ...changeDeps(tickets), platforms, escalations: postgresEscalationStore(pool, options) }
      await queue.start(underTest(deps))
      try {
        const { id: ticketId } = await storedIn(tickets, 'in_progress')
        const fault = { cause: 'workmanship', component: 'ont', details: 'Loose', reason: 'Seen on site' } as const
        await right(ticketChanges(deps).attributeFault({ ticketId, principal: manager, version: null }, fault))
        const said = { type: 'new_installation', cause: null, causeDetails: null } as const
        const { created } = await right(tickets.commit([creationOf(aTicket('pending_handover', said))], []))
        const installation = await loaded(tickets, only(created))
        await right(tickets.commit([], [changeOf(installation, handing()(installation.ticket))]))
        await queue.drain(20_000)
        expect(await deadIn(pool)).toEqual([])
        expect((await loaded(tickets, { id: ticketId })).ticket.guarantee).toMatchObject({
          decidedBy: 'within_installation_period',
          expiresOn: '2026-05-31',
        })
      } finally {
        await queue.stop()
        await close()
      }
    })

    it('what a reaction is refused is tried again and ends among the dead letters, by name', async () => {
      const { pool, close } = await testDatabase(kind)
      const queue = pgBossJobQueue({ pool, kind, onError: () => {}, retry: { limit: 0, delaySeconds: 0 } })
      const tickets = postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: queue.nudge })
      const away = () => async () => E.left({ type: 'Unavailable', what: 'database' } as const)
      const deps = { ...changeDeps({ ...tickets, load: away }), escalations: null }
      await queue.start(underTest(deps))
      try {
        await pool.query(
          `insert into outbox (event_id, type, ticket_id, body, at)
           values (gen_random_uuid(), 'TicketCreated', gen_random_uuid(), '{}', now())`,
        )
        await queue.drain(20_000)
        expect(await deadIn(pool)).toMatchObject([{ reaction: 'escalate_repeat_faults', reason: 'Unavailable' }])
      } finally {
        await queue.stop()
        await close()
      }
    })
  })
