import { createHash, randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type pg from 'pg'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { postgresDirectory } from '../../src/adapters/postgres/directory.ts'
import { postgresOutsideCalls } from '../../src/adapters/postgres/outside-calls.ts'
import { postgresTicketPapers } from '../../src/adapters/postgres/papers-store.ts'
import { postgresSowSource } from '../../src/adapters/postgres/sow-source.ts'
import { postgresSyncDesk } from '../../src/adapters/postgres/sync-desk.ts'
import { postgresSyncFeed } from '../../src/adapters/postgres/sync-feed.ts'
import { postgresSyncNotes, postgresSyncStore } from '../../src/adapters/postgres/sync-store.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { qcontactClient } from '../../src/adapters/qcontact/client.ts'
import { type QContactConfiguration, qcontactConfiguration } from '../../src/adapters/qcontact/configuration.ts'
import { setupOf } from '../../src/adapters/qcontact/setup.ts'
import { STAND_IN_USER, type StandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import { qcontactTicketSystem } from '../../src/adapters/qcontact/ticket-system.ts'
import type { Principal } from '../../src/application/principal.ts'
import type { SyncDeps } from '../../src/application/sync/setup.ts'
import { syncCase } from '../../src/application/sync/sync-case.ts'
import { type LifecycleCommand, runCommand } from '../../src/application/ticket/lifecycle.ts'
import { changeDeps } from './change-deps.ts'

export const manager: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }
export const TECHNICIAN = 'thabo'
export const AGENT = '9001'
const TENANT = 'stand-in'

export const right = async <A>(work: TE.TaskEither<unknown, A>): Promise<A> => {
  const answer = await work()
  if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
  return answer.right
}

/** The exchange with a stand-in on one database, as one process has it; several of them share the database. */
export const syncingOn = (
  pool: pg.Pool,
  standIn: Pick<StandIn, 'url'>,
  {
    nudge = () => {},
    now = () => new Date().toISOString(),
    ...said
  }: Partial<QContactConfiguration> & { readonly nudge?: () => void; readonly now?: () => string } = {},
) => {
  const configuration = qcontactConfiguration.parse({
    tenant: TENANT,
    baseUrl: standIn.url,
    pageSize: 5,
    timeoutMs: 2_000,
    budgetPerMinute: 100_000,
    project: 'lawley',
    assignees: [{ remote: AGENT, technician: TECHNICIAN }],
    ...said,
  })
  const calls = postgresOutsideCalls(pool, TENANT)
  const client = qcontactClient(configuration, STAND_IN_USER, calls)
  const system = qcontactTicketSystem(configuration, client, STAND_IN_USER.email)
  const ticketIdOf = (caseId: string): string => {
    const hex = createHash('sha256').update(`${TENANT}/${caseId}`).digest('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }
  const tickets = postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge })
  const feed = postgresSyncFeed(pool, { tenant: TENANT, ticketIdOf, now, nudge })
  const directory = postgresDirectory(pool)
  const deps: SyncDeps = {
    ...changeDeps(tickets),
    now,
    newId: randomUUID,
    directory,
    evidence: null as never,
    setup: setupOf(configuration),
    system,
    syncStore: postgresSyncStore(pool, TENANT),
    syncNotes: postgresSyncNotes(pool),
    syncFeed: feed,
    sow: postgresSowSource(pool, null),
    ticketIdOf,
    jitter: () => 0,
    wait: async () => {},
  }
  const signal = AbortSignal.timeout(600_000)
  const desk = postgresSyncDesk(pool)
  return {
    configuration,
    client,
    system,
    deps,
    feed,
    desk,
    signal,
    papers: postgresTicketPapers(pool, nudge),
    ticketOf: async (caseId: string) => {
      const [stored] = await right(tickets.load([ticketIdOf(caseId)], { deleted: true }))
      if (stored === undefined) throw new Error(`no ticket of case ${caseId}`)
      return stored
    },
    look: (caseId: string, more: { repair?: boolean; onlyNews?: boolean } = {}) =>
      right(syncCase(deps)({ caseId, repair: false, onlyNews: false, believesGone: false, ...more }, signal)),
    run: (ticketId: string, command: LifecycleCommand, principal = manager) =>
      right(runCommand(deps)({ ticketId, principal, version: null }, command)),
    conflicts: async () =>
      (await right(desk.conflicts({ open: null, ticketId: null }, { page: 1, pageSize: 100 }))).rows,
    prepare: () =>
      right(
        directory.save({
          projects: [{ id: 'lawley', code: 'LAW', name: 'Lawley', managerId: null, groupId: null }],
          people: [
            {
              id: TECHNICIAN,
              name: 'Thabo',
              role: 'technician',
              contractorId: null,
              phone: null,
              email: null,
            },
          ],
        }),
      ),
  }
}
export type Syncing = ReturnType<typeof syncingOn>
