export type Rows<R> = { readonly rows: R[]; readonly rowCount: number | null }

/** A statement that a connection plans once and then keeps. */
export type Prepared = { readonly name: string; readonly text: string }

/** Whatever runs one SQL statement with its values: a pool, or a client inside a transaction. */
export type Queryable = {
  // biome-ignore lint/suspicious/noExplicitAny: the drivers' own row type; a codec reads it
  query<R extends Record<string, any> = any>(statement: string | Prepared, values?: unknown[]): Promise<Rows<R>>
}

const names = new Map<string, string>()

/** For the few large statements of every request, whose planning costs as much as running them; never for texts made of filters. */
export const prepared = (text: string): Prepared => {
  const name = names.get(text) ?? `ticketing_${names.size + 1}`
  names.set(text, name)
  return { name, text }
}

/** One connection taken out of a pool; given back with `release`, thrown away with `release(true)`. */
export type PoolClient = Queryable & {
  release(destroy?: Error | boolean): void
  // biome-ignore lint/suspicious/noExplicitAny: an EventEmitter whose overloads differ between the drivers
  on(...args: any[]): unknown
  // biome-ignore lint/suspicious/noExplicitAny: as above
  removeListener(...args: any[]): unknown
}

/** The shape shared by the pools of `pg`, of Neon's driver and of PGlite behind `pg`. */
export type Pool = Queryable & { connect(): Promise<PoolClient> }

/** An open database and how to let it go; `close` waits for the statements that run. */
export type Database = {
  readonly kind: 'postgres' | 'pglite'
  readonly pool: Pool
  readonly close: () => Promise<void>
}

/**
 * Runs `work` in one transaction and gives its result once it is committed; when it fails nothing is kept and the
 * same error comes out. Inside it use the given client only: with one connection a second one never comes.
 */
export const inTransaction = async <A>(pool: Pool, work: (client: Queryable) => Promise<A>): Promise<A> => {
  const client = await pool.connect()
  let broken = false
  const onError = (): void => {
    broken = true
  }
  client.on('error', onError)
  try {
    await client.query('begin')
    const result = await work(ownStatements(client))
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(onError)
    throw error
  } finally {
    client.removeListener('error', onError)
    client.release(broken)
  }
}

/** Neon's driver leaves marks in a prepared statement it is given, and the next to use it would get no answer: each has a copy. */
const ownStatements = (client: PoolClient): Queryable => ({
  query: (statement, values) =>
    client.query(typeof statement === 'string' ? statement : { name: statement.name, text: statement.text }, values),
})

/** A `timestamptz` as read by the driver (a Date) or through JSON (text), as an Instant. */
export const isoInstant = (value: Date | string): string => new Date(value).toISOString()

/** The SQL of a statement, prepared or not. */
export const textOf = (statement: string | Prepared): string =>
  typeof statement === 'string' ? statement : statement.text
