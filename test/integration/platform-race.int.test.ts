import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { postgresPlatformStore } from '../../src/adapters/postgres/platform-store.ts'
import { changeTicket, nothingMore } from '../../src/application/change.ts'
import { recheckTouched } from '../../src/application/platform/recheck-touched.ts'
import type { Principal } from '../../src/application/principal.ts'
import { checkReadiness } from '../../src/domain/readiness/check-readiness.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/settings/settings.ts'
import { submitForQa } from '../../src/domain/ticket/submit-for-qa.ts'
import { changeDeps } from '../support/change-deps.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { outsideOver } from '../support/outside-stores.ts'
import { importing, record } from '../support/platform-imports.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'
import { later, TECHNICIAN } from '../support/tickets.ts'

const ROUNDS = 60
const technician: Principal = { userId: TECHNICIAN, role: 'technician', contractorId: null, teams: [] }

describeOn('postgres', 'An import beside the work', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase('postgres')
  })
  afterAll(() => database.close())

  it('a ticket submitted while platforms or settings change is never pending by a check of former facts', async () => {
    const stores = outsideOver(database.pool)
    const deps = changeDeps(stores.tickets)
    const touch = () => recheckTouched(deps, { at: later(60), by: 'mpho', because: 'an import' })
    const reached = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round += 1) {
      const projectId = `race-${round}`
      const tickets = await Promise.all(
        Array.from({ length: 3 }, () => storedIn(stores.tickets, 'in_progress', { projectId })),
      )
      const submit = async (ticketId: string) => {
        await sleep(Math.random() * 8)
        return changeTicket(deps)(
          { ticketId, principal: technician, version: null },
          {
            action: 'submit_for_qa',
            gather: nothingMore,
            decide: ({ ticket, facts }, stamp) => submitForQa(stamp, facts)(ticket),
          },
        )()
      }
      const change = async () => {
        await sleep(Math.random() * 8)
        return round % 3 === 0
          ? stores.projects.save(
              {
                projectId,
                version: 0,
                settings: { ...DEFAULT_SETTINGS, rx: { min: -18, max: -10 } },
                by: 'mpho',
                at: later(1),
              },
              touch(),
            )()
          : stores.platforms.replace(
              importing([record({ pole: round % 3 === 1 ? 'LAW.P.X999' : 'LAW.P.A002' })], { projectId }),
              touch(),
            )()
      }
      const [, ...submitted] = await Promise.all([change(), ...tickets.map(({ id }) => submit(id))])
      for (const [at, ticket] of tickets.entries()) {
        const { ticket: now, facts } = await loaded(stores.tickets, ticket)
        const holds = checkReadiness(now, facts).passed
        if (now.status === 'pending_qa')
          expect({ round, holds, passed: now.lastCheck?.passed }).toEqual({ round, holds: true, passed: true })
        const answer = submitted[at]
        const outcome = `${now.status} ${answer !== undefined && E.isLeft(answer) ? answer.left.type : 'submitted'}`
        reached.set(outcome, (reached.get(outcome) ?? 0) + 1)
      }
    }
    // Both orders were met: refused by the new facts, submitted and fallen back, and still pending where nothing disagrees.
    expect([...reached.keys()].toSorted()).toEqual([
      'in_progress NotReady',
      'in_progress submitted',
      'pending_qa submitted',
    ])
  }, 120_000)

  it('a crash in the middle of an import leaves the former one whole', async () => {
    const stores = outsideOver(database.pool)
    await stores.platforms.replace(importing([record()], { projectId: 'crash' }), () => null)()
    await storedIn(stores.tickets, 'pending_qa', { projectId: 'crash' })
    const before = await stores.tickets.context('crash', 'DR1729500')()
    const standing = await stores.platforms.standing('crash', 'sow')()
    const crashing = stores.platforms.replace(
      importing([record({ pole: 'LAW.P.X999' })], { projectId: 'crash' }),
      () => {
        throw new Error('out of memory')
      },
    )
    await expect(crashing()).rejects.toThrow('out of memory')
    expect(await stores.tickets.context('crash', 'DR1729500')()).toEqual(before)
    expect(await stores.platforms.standing('crash', 'sow')()).toEqual(standing)
  })

  it('an import whose connection dies is answered as the database being away, and changes nothing', async () => {
    const stores = outsideOver(database.pool)
    await stores.platforms.replace(importing([record()], { projectId: 'cut' }), () => null)()
    await storedIn(stores.tickets, 'pending_qa', { projectId: 'cut' })
    const before = await stores.tickets.context('cut', 'DR1729500')()
    const blocker = await database.pool.connect()
    await blocker.query('begin')
    await blocker.query("select id from tickets where project_id = 'cut' for update")
    const cut = stores.platforms.replace(
      importing([record({ pole: 'LAW.P.X999' })], { projectId: 'cut' }),
      () => null,
    )()
    for (;;) {
      const { rows } = await blocker.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      )
      if (rows.length > 0) break
      await sleep(5)
    }
    await blocker.query('rollback')
    blocker.release()
    expect(await cut).toEqual(E.left({ type: 'Unavailable', what: 'database' }))
    expect(await stores.tickets.context('cut', 'DR1729500')()).toEqual(before)
  })

  it('the events of an import wait in the outbox with it, and the queue is told once it is committed', async () => {
    const nudges: string[] = []
    const options = { sow: 'platform_records', sha256, nudge: () => void nudges.push('told') } as const
    const stores = outsideOver(database.pool)
    const platforms = postgresPlatformStore(database.pool, options)
    const ticket = await storedIn(stores.tickets, 'pending_qa', { projectId: 'told' })
    const touch = recheckTouched(changeDeps(stores.tickets), { at: later(60), by: 'mpho', because: 'an import of sow' })
    await platforms.replace(importing([record({ pole: 'LAW.P.X999' })], { projectId: 'told' }), touch)()
    const { rows } = await database.pool.query('select type from outbox where ticket_id = $1 order by id', [ticket.id])
    expect(rows.map(({ type }) => type)).toEqual(['ReadinessChecked', 'FellBackToInProgress'])
    expect(nudges).toEqual(['told'])
  })

  it('the guarantee stands in the host table too, and an entered date keeps what it replaced', async () => {
    const stores = outsideOver(database.pool)
    const guarantee = { ...DEFAULT_SETTINGS.guarantee, installationDays: 30, autoClassifyOutOfGuarantee: false }
    await stores.projects.save(
      { projectId: 'kept', version: 0, settings: { ...DEFAULT_SETTINGS, guarantee }, by: 'mpho', at: later(1) },
      () => null,
    )()
    const { rows } = await database.pool.query("select * from guarantee_periods where project_id = 'kept'")
    expect(rows).toMatchObject([
      { installation_guarantee_days: 30, material_guarantee_days: 365, auto_classify_out_of_guarantee: false },
    ])
    const entry = {
      projectId: 'kept',
      dr: 'DR1729500',
      installedOn: '2026-02-01',
      source: '1Map',
      recordedBy: 'mpho',
      recordedAt: later(2),
      version: 1,
    }
    await stores.platforms.recordInstallation(entry, () => null)()
    await stores.platforms.recordInstallation(
      { ...entry, installedOn: '2026-02-03', source: 'site visit', version: 2 },
      () => null,
    )()
    const installations = await database.pool.query("select earlier from drop_installations where project_id = 'kept'")
    expect(installations.rows).toMatchObject([
      { earlier: [{ installed_on: '2026-02-01', source: '1Map', recorded_by: 'mpho' }] },
    ])
  })

  it('a version nobody can have is stale, not a failure', async () => {
    const stores = outsideOver(database.pool)
    const change = { projectId: 'far', version: 2_147_483_647, settings: DEFAULT_SETTINGS, by: 'mpho', at: later(1) }
    expect(await stores.projects.save(change, () => null)()).toMatchObject(E.left({ type: 'Stale' }))
    const entry = {
      projectId: 'far',
      dr: 'DR1729500',
      installedOn: '2026-02-01',
      source: 'x',
      recordedBy: 'mpho',
      recordedAt: later(2),
      version: 2_147_483_648,
    }
    expect(await stores.platforms.recordInstallation(entry, () => null)()).toMatchObject(E.left({ type: 'Stale' }))
  })

  it('an import and a lookup walk along indexes', async () => {
    const stores = outsideOver(database.pool)
    const many = Array.from({ length: 6_000 }, (_, n) =>
      record({ dr: `DR${1_800_000 + n}`, pole: `LAW.P.${Math.floor(n / 8)}` }),
    )
    await stores.platforms.replace(importing(many, { projectId: 'large' }), () => null)()
    await database.pool.query('analyze platform_records')
    const planOf = async (sql: string, values: unknown[]): Promise<string> => {
      const { rows } = await database.pool.query(`explain ${sql}`, values)
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    }
    const rows = await planOf(
      "select * from platform_records where project_id = $1 and platform in ('sow', 'sharepoint', 'tracker') and dr_number = any($2)",
      ['large', ['DR1800007']],
    )
    expect(rows).toContain('platform_records_pkey')
    const pole = await planOf(
      "select * from platform_records where project_id = $1 and platform = 'sow' and pole_number = $2",
      ['large', 'LAW.P.7'],
    )
    expect(pole).toContain('idx_platform_records_pole')
  })
})
