import * as E from 'fp-ts/lib/Either.js'
import { tallyOf } from '../../application/platform/recheck-touched.ts'
import type { Touch, Touched, TouchedBy } from '../../application/ports/project-store.ts'
import type { Change } from '../../application/ports/ticket-store.ts'
import type { Queryable } from '../contract/pool.ts'
import { commitOn } from './ticket-commit.ts'
import { loadByIds } from './ticket-load.ts'
import type { TicketStoreOptions } from './ticket-store.ts'

/** A project without a row counts as facts version 1, so its first change makes 2. */
const MOVE_FACTS = `
insert into project_settings (project_id, facts_version) values ($1, 2)
on conflict (project_id) do update set facts_version = project_settings.facts_version + 1`

/**
 * Takes the project's row, which every change of its tickets reads and holds, and moves its facts: from here to the end
 * of the transaction no ticket of it changes, and what was decided by older facts is refused.
 */
export const moveFacts = async (client: Queryable, projectId: string): Promise<void> => {
  await client.query(MOVE_FACTS, [projectId])
}

const PENDING_OR_READY = `
select id from tickets
where project_id = $1 and deleted_at is null
  and (status = 'pending_qa' or (qa_ready and status in ('open', 'assigned', 'in_progress', 'on_hold')))
  and ($2::text[] is null or dr_number = any($2))
order by id for update`

const OF_DROP = `
select id from tickets
where project_id = $1 and deleted_at is null and $2::text[] is not null and dr_number = any($2)
order by id for update`

/** Tickets whose guarantee runs from an installation; before maintenance has them their terms still follow the project's. */
const COVERED = `
select id from tickets
where project_id = $1 and deleted_at is null and fault_cause in ('workmanship', 'material_failure')
  and status not in ('handed_to_maintenance', 'closed', 'cancelled')
order by id for update`

const TICKETS_AT_ONCE = 200

/** Touches the project's pending and ready tickets, of these drops only when some are named. */
export const touchReady = (
  tickets: TicketStoreOptions,
  client: Queryable,
  touch: Touch,
  projectId: string,
  drops: ReadonlyArray<string> | null,
): Promise<Touched> => touchAll(tickets, client, touch, 'facts', PENDING_OR_READY, [projectId, drops])

/** Touches every ticket of some drops, whatever its state: their installation dates moved. */
export const touchDrops = (
  tickets: TicketStoreOptions,
  client: Queryable,
  touch: Touch,
  projectId: string,
  drs: ReadonlyArray<string>,
): Promise<Touched> => touchAll(tickets, client, touch, 'guarantee', OF_DROP, [projectId, drs])

/** Touches the project's tickets whose guarantee depends on its terms. */
export const touchCovered = (
  tickets: TicketStoreOptions,
  client: Queryable,
  touch: Touch,
  projectId: string,
): Promise<Touched> => touchAll(tickets, client, touch, 'guarantee', COVERED, [projectId])

const touchAll = async (
  tickets: TicketStoreOptions,
  client: Queryable,
  touch: Touch,
  why: TouchedBy,
  which: string,
  values: unknown[],
): Promise<Touched> => {
  const { rows } = await client.query<{ id: string }>(which, values)
  const changes: Change[] = []
  for (let at = 0; at < rows.length; at += TICKETS_AT_ONCE) {
    const stored = await loadByIds(
      client,
      tickets,
      rows.slice(at, at + TICKETS_AT_ONCE).map(({ id }) => id),
    )
    const touched = stored.map((one) => touch(one, why)).filter((change) => change !== null)
    if (touched.length === 0) continue
    const committed = await commitOn(client, tickets, [], touched)
    if (E.isLeft(committed)) throw new Error('a locked ticket changed under its lock', { cause: committed.left })
    changes.push(...touched)
  }
  return tallyOf(changes)
}
