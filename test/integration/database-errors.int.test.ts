import * as E from 'fp-ts/lib/Either.js'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction, isoInstant, type Pool } from '../../src/adapters/contract/pool.ts'
import { classify, orUnavailable } from '../../src/adapters/contract/sql-errors.ts'
import { openPostgres } from '../../src/adapters/postgres/database.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'

const failureOf = (work: Promise<unknown>) => work.then(() => null, classify)

for (const engine of ['postgres', 'pglite', 'neon'] as const)
  describeOn(engine, 'A failed statement', () => {
    let database: TestDatabase
    let pool: Pool
    beforeAll(async () => {
      database = await testDatabase(engine)
      pool = database.pool
      await pool.query(`create table parent (id int primary key, at timestamptz default '2026-11-22 22:15:00.5+02');
        create table child (id int constraint child_id_small check (id < 10), parent int constraint child_parent references parent);
        insert into parent (id) values (1)`)
    }, 30_000)
    afterAll(() => database.close())

    it('says which constraint it broke', async () => {
      expect(await failureOf(pool.query('insert into parent (id) values ($1)', [1]))).toEqual({
        type: 'UniqueViolation',
        constraint: 'parent_pkey',
      })
      expect(await failureOf(pool.query('insert into child values (10, 1)'))).toEqual({
        type: 'CheckViolation',
        constraint: 'child_id_small',
      })
      expect(await failureOf(pool.query('insert into child values (1, 2)'))).toEqual({
        type: 'ForeignKeyViolation',
        constraint: 'child_parent',
      })
      expect(await failureOf(pool.query('select nonsense'))).toEqual({ type: 'Defect' })
    })

    it('undoes its transaction, gives its own error and leaves the pool usable', async () => {
      const work = inTransaction(pool, async (client) => {
        await client.query('insert into parent (id) values (2)')
        await client.query('insert into parent (id) values (1)')
      })
      expect(await failureOf(work)).toMatchObject({ type: 'UniqueViolation' })
      expect((await pool.query('select id from parent')).rows).toEqual([{ id: 1 }])
      expect(await inTransaction(pool, async () => 'kept')).toBe('kept')
    })

    it('reads a moment in one form, from the driver and through JSON', async () => {
      const { rows } = await pool.query('select at, to_jsonb(at) as json from parent')
      expect([isoInstant(rows[0].at), isoInstant(rows[0].json)]).toEqual(Array(2).fill('2026-11-22T20:15:00.500Z'))
    })
  })

describeOn('postgres', 'A database that is away', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase('postgres')
  }, 30_000)
  afterAll(() => database.close())

  it('is Unavailable when a connection is cut inside a transaction, and a new one serves the next', async () => {
    const work = inTransaction(database.pool, async (client) => {
      const { rows } = await client.query('select pg_backend_pid() as pid')
      const other = new pg.Client(database.url ?? '')
      await other.connect()
      await other.query('select pg_terminate_backend($1)', [rows[0].pid])
      await other.end()
      await client.query('select 1')
    })
    expect(await failureOf(work)).toMatchObject({ type: 'Unavailable' })
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  it('is Unavailable when a statement outlasts its time, nothing listens, or the pool is closed', async () => {
    const slow = orUnavailable(() => database.pool.query(`set statement_timeout = 50; select pg_sleep(5)`))
    expect(await slow()).toEqual(E.left({ type: 'Unavailable', what: 'database' }))
    const nowhere = openPostgres({ url: 'postgres://x:y@127.0.0.1:1/z', maxConnections: 4, onError: () => {} })
    expect(await failureOf(nowhere.pool.query('select 1'))).toEqual({ type: 'Unavailable', code: 'ECONNREFUSED' })
    await nowhere.close()
    expect(await failureOf(nowhere.pool.query('select 1'))).toMatchObject({ type: 'Unavailable' })
  })

  it('asks to run again what lost a deadlock or a serialization race', async () => {
    await database.pool.query('create table race (id int primary key, n int); insert into race values (1, 0), (2, 0)')
    const bump = (first: number, second: number) =>
      inTransaction(database.pool, async (client) => {
        await client.query('set transaction isolation level serializable')
        await client.query('update race set n = n + 1 where id = $1', [first])
        await new Promise((resolve) => setTimeout(resolve, 100))
        await client.query('update race set n = n + 1 where id = $1', [second])
      })
    const failures = await Promise.all([failureOf(bump(1, 2)), failureOf(bump(2, 1))])
    expect(failures).toContainEqual({ type: 'Retryable', code: expect.stringMatching(/^40/) })
  })

  it('serves through our own pool with its limits set', async () => {
    const { kind, pool, close } = openPostgres({ url: database.url ?? '', maxConnections: 4, onError: () => {} })
    expect(kind).toBe('postgres')
    expect((await pool.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '30s' }])
    expect((await pool.query('show idle_in_transaction_session_timeout')).rows).toEqual([
      { idle_in_transaction_session_timeout: '1min' },
    ])
    await close()
  })

  it('lets nobody who falls silent in the middle of a transaction hold up the others for long', async () => {
    const { pool, close } = openPostgres({
      url: database.url ?? '',
      maxConnections: 4,
      silenceMs: 300,
      onError: () => {},
    })
    const turn = 'update clock_row set at = clock_timestamp()'
    await database.pool.query(
      'create table if not exists clock_row (at timestamptz); insert into clock_row values (now())',
    )
    let held = (): void => {}
    const holds = new Promise<void>((resolve) => {
      held = resolve
    })
    const silent = inTransaction(pool, async (client) => {
      await client.query(turn)
      held()
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await client.query('select 1')
    })
    const failure = failureOf(silent)
    await holds
    const before = performance.now()
    await inTransaction(pool, (client) => client.query(turn))
    expect(performance.now() - before).toBeLessThan(2_500)
    expect(await failure).toMatchObject({ type: 'Unavailable' })
    await close()
  })
})

describe('A failure', () => {
  it.each([
    ['08006', 'Unavailable'],
    ['53300', 'Unavailable'],
    ['57P01', 'Unavailable'],
    ['57014', 'Unavailable'],
    ['25006', 'Unavailable'],
    ['ECONNRESET', 'Unavailable'],
    ['EAI_AGAIN', 'Unavailable'],
    ['40001', 'Retryable'],
    ['40P01', 'Retryable'],
    ['42P01', 'Defect'],
    ['22012', 'Defect'],
  ])('with code %s is %s', (code, type) => {
    expect(classify(Object.assign(new Error('x'), { code })).type).toBe(type)
  })

  it('without a code is told by its words, and anything else is a defect that is thrown on', async () => {
    expect(classify(new Error('Connection terminated unexpectedly')).type).toBe('Unavailable')
    expect(classify(new Error('timeout exceeded when trying to connect')).type).toBe('Unavailable')
    for (const other of [new TypeError('x is undefined'), null, 'text', { code: 23505 }])
      expect(classify(other)).toEqual({ type: 'Defect' })
    const bug = new TypeError('x is undefined')
    await expect(orUnavailable(() => Promise.reject(bug))()).rejects.toBe(bug)
  })
})
