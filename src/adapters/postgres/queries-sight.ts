import type { Sight } from '../../application/permissions.ts'
import { isoInstant } from '../contract/pool.ts'
import { inSnakeCase } from '../contract/snake-case.ts'

/** Adds a value to a statement and gives its place, `$3`. */
export type Bind = (value: unknown) => string

export const binder = (): { readonly bind: Bind; readonly values: unknown[] } => {
  const values: unknown[] = []
  return { values, bind: (value) => `$${values.push(value)}` }
}

/** Which tickets a principal may see, for a statement that calls them `t`: every list, count and export passes here. */
export const inSight = (sight: Sight, bind: Bind): string => {
  switch (sight.type) {
    case 'all':
      return 't.deleted_at is null'
    case 'own':
      return `t.deleted_at is null and (t.assigned_to = ${bind(sight.userId)}
        or t.assigned_contractor_id = ${bind(sight.contractorId)} or t.assigned_team = any(${bind(sight.teams)}::text[]))`
    case 'made':
      return `t.deleted_at is null and t.created_by = ${bind(sight.userId)}`
    case 'none':
      return 'false'
  }
}

/** States and the like from our own constants, for a predicate that an index must be able to recognise. */
export const quoted = (words: ReadonlyArray<string>): string => words.map((word) => `'${word}'`).join(', ')

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
export const isUuid = (text: string): boolean => UUID.test(text)

type JsonRow = Readonly<Record<string, unknown>>

/** A row as the database writes it into JSON, its times (`…_at`) as Instants. */
export const withInstants = (row: JsonRow): JsonRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name.endsWith('_at') && typeof value === 'string' ? isoInstant(value) : value,
    ]),
  )

/** Rows as views: times as Instants, and what was stored as a value of the domain in snake_case like the columns. */
export const viewsOf = <V>(rows: ReadonlyArray<JsonRow>): ReadonlyArray<V> =>
  rows.map((row) => inSnakeCase(withInstants(row))) as ReadonlyArray<V>
