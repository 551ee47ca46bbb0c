import * as E from 'fp-ts/lib/Either.js'
import type { Stale } from '../../application/errors.ts'
import type { Change, Committed, Creation } from '../../application/ports/ticket-store.ts'
import type { Queryable } from '../contract/pool.ts'
import { likenessMoved } from './photo-likeness-guard.ts'
import { type SaveRows, saveRowsOf } from './ticket-save-rows.ts'
import { BEGIN_PROJECTS, type SaveAnswer, saveStatement } from './ticket-save-sql.ts'
import { type Sealing, sealOn } from './ticket-seal.ts'

type Saved = E.Either<Stale, Committed>

/**
 * Writes creations and changes inside the caller's transaction: one statement, and two more where snapshots are sealed.
 * After a left the caller must roll back. A constraint that refuses throws the driver's error.
 */
export const commitOn = async (
  client: Queryable,
  sealing: Sealing,
  creations: ReadonlyArray<Creation>,
  changes: ReadonlyArray<Change>,
): Promise<Saved> => {
  if (await likenessMoved(client, changes)) return E.left(staleOf({ locked: [] }, [], changes))
  const saved = await saveOn(client, creations, changes)
  if (E.isRight(saved)) await sealOn(client, sealing, changes)
  return saved
}

/** Everything but the snapshots, as one statement that is whole by itself. */
export const saveOn = async (
  client: Queryable,
  creations: ReadonlyArray<Creation>,
  changes: ReadonlyArray<Change>,
): Promise<Saved> => {
  if (creations.length + changes.length === 0) return E.right({ created: [], changed: [] })
  refuseTwice(changes)
  const rows = saveRowsOf(creations, changes)
  const projects = [...new Set(rows.facts.map((row) => row.project_id))]
  const first = await ask(client, rows)
  const answer = first.ok || first.projects === projects.length ? first : await begun(client, projects, rows)
  return answer.ok
    ? E.right({ created: answer.created, changed: answer.changed })
    : E.left(staleOf(answer, creations, changes))
}

/** The same again once every project has its row of facts to be held by. */
const begun = async (client: Queryable, projects: ReadonlyArray<unknown>, rows: SaveRows): Promise<SaveAnswer> => {
  await client.query(BEGIN_PROJECTS, [projects])
  return ask(client, rows)
}

const ask = async (client: Queryable, saved: SaveRows): Promise<SaveAnswer> => {
  const { statement, values } = saveStatement(saved)
  const { rows } = await client.query<SaveAnswer>(statement, values)
  const [answer] = rows
  if (answer === undefined) throw new Error('the database gave no answer to a save')
  return answer
}

/** Names the ticket that moved; when only facts or pictures did, the first. */
const staleOf = (
  { locked }: Pick<SaveAnswer, 'locked'>,
  creations: ReadonlyArray<Creation>,
  changes: ReadonlyArray<Change>,
): Stale => {
  const now = (change: Change): number | null =>
    locked.find((row) => row.id === change.before.ticket.id)?.version ?? null
  const lost = changes.find((change) => now(change) !== change.before.version) ?? changes[0]
  return lost === undefined
    ? { type: 'Stale', id: creations[0]?.ticket.id ?? '', version: null }
    : { type: 'Stale', id: lost.before.ticket.id, version: now(lost) }
}

const refuseTwice = (changes: ReadonlyArray<Change>): void => {
  const ids = changes.map(({ before }) => before.ticket.id)
  if (new Set(ids).size < ids.length) throw new Error('one commit changes a ticket twice')
}
