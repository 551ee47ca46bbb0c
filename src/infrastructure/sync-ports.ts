import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../adapters/contract/pool.ts'
import { postgresOutsideCalls } from '../adapters/postgres/outside-calls.ts'
import { postgresSyncFeed } from '../adapters/postgres/sync-feed.ts'
import { postgresSyncNotes, postgresSyncStore } from '../adapters/postgres/sync-store.ts'
import { type OutageWatch, qcontactClient } from '../adapters/qcontact/client.ts'
import { setupOf } from '../adapters/qcontact/setup.ts'
import { qcontactTicketSystem } from '../adapters/qcontact/ticket-system.ts'
import { readHint } from '../adapters/qcontact/webhook.ts'
import type { SyncHints } from '../application/ports/sync-desk.ts'
import type { HintDeps } from '../application/sync/receive-hint.ts'
import type { SyncDeps } from '../application/sync/setup.ts'
import type { QContactConfig } from './qcontact-config.ts'

/** What keeping in step with one tenant needs beside what every change needs. */
export type SyncPorts = Pick<
  SyncDeps,
  'setup' | 'system' | 'syncStore' | 'syncNotes' | 'syncFeed' | 'ticketIdOf' | 'jitter' | 'wait'
> & { readonly hints: HintDeps['hints'] }

/** The same case is always the same ticket: an id made of the tenant's name and the case's, in the form of a UUID. */
const ticketIdIn =
  (tenant: string) =>
  (caseId: string): string => {
    const hex = createHash('sha256').update(`qcontact/${tenant}/${caseId}`).digest('hex')
    const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `8${hex.slice(13, 16)}`,
      variant + hex.slice(17, 20),
      hex.slice(20, 32),
    ].join('-')
  }

/** The exchange with a tenant, put together. */
export const syncPorts = (
  { configuration, credentials, webhookSecrets }: QContactConfig,
  { pool }: Pick<Database, 'pool'>,
  nudge: () => void,
  outage: OutageWatch,
): SyncPorts => {
  const { tenant } = configuration
  const ticketIdOf = ticketIdIn(tenant)
  const client = qcontactClient(configuration, credentials, postgresOutsideCalls(pool, tenant), outage)
  const feed = postgresSyncFeed(pool, { tenant, ticketIdOf, now: () => new Date().toISOString(), nudge })
  const store: SyncHints = feed
  return {
    setup: setupOf(configuration),
    system: qcontactTicketSystem(configuration, client, credentials.email),
    syncStore: postgresSyncStore(pool, tenant),
    syncNotes: postgresSyncNotes(pool),
    syncFeed: feed,
    ticketIdOf,
    jitter: Math.random,
    wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    hints: webhookSecrets.length === 0 ? null : { read: readHint(webhookSecrets), store },
  }
}
