import { randomBytes } from 'node:crypto'
import type { SubjectKey, SubjectKeys } from '../../application/ports/subject-keys.ts'
import { isoInstant, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const KEY_BYTES = 32

const FIND = 'select key, destroyed_at from subject_keys where ticket_id = $1'

const MAKE = 'insert into subject_keys (ticket_id, key) values ($1, $2) on conflict (ticket_id) do nothing'

export type KeyRow = { readonly key: Uint8Array | null; readonly destroyed_at: Date | string | null }

/** The keys of tickets on PostgreSQL. */
export const postgresSubjectKeys = (pool: Queryable): SubjectKeys => {
  const find = async (ticketId: string): Promise<SubjectKey | null> => {
    const row = (await pool.query<KeyRow>(FIND, [ticketId])).rows[0]
    return row === undefined ? null : subjectKeyOf(row)
  }
  return {
    keyOf: (ticketId) =>
      orUnavailable(async () => {
        const known = await find(ticketId)
        if (known !== null) return known
        // whoever was first is waited for, and theirs is what the second look finds
        await pool.query(MAKE, [ticketId, randomBytes(KEY_BYTES)])
        const made = await find(ticketId)
        if (made === null) throw new Error(`the key of ticket ${ticketId} is gone`)
        return made
      }),
  }
}

/** A row that is there says whether its key is. */
export const subjectKeyOf = ({ key, destroyed_at }: KeyRow): SubjectKey => {
  if (key !== null) return { state: 'held', key: new Uint8Array(key) }
  if (destroyed_at === null) throw new Error('a key is neither held nor destroyed')
  return { state: 'destroyed', at: isoInstant(destroyed_at) }
}
