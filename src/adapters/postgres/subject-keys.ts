import { randomBytes } from 'node:crypto'
import type { SubjectKey, SubjectKeys } from '../../application/ports/subject-keys.ts'
import { isoInstant, type Queryable } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'

const KEY_BYTES = 32

const FIND = 'select key, destroyed_at from subject_keys where ticket_id = $1'

const MAKE = 'insert into subject_keys (ticket_id, key) values ($1, $2) on conflict (ticket_id) do nothing'

type Row = { readonly key: Uint8Array | null; readonly destroyed_at: Date | string | null }

/** The keys of tickets on PostgreSQL. */
export const postgresSubjectKeys = (pool: Queryable): SubjectKeys => {
  const find = async (ticketId: string): Promise<SubjectKey | null> => {
    const row = (await pool.query<Row>(FIND, [ticketId])).rows[0]
    return row === undefined ? null : subjectKey(row)
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

const subjectKey = ({ key, destroyed_at }: Row): SubjectKey => {
  if (key !== null) return { state: 'held', key: new Uint8Array(key) }
  if (destroyed_at === null) throw new Error('a key is neither held nor destroyed')
  return { state: 'destroyed', at: isoInstant(destroyed_at) }
}
