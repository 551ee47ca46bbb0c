import type { Queryable } from '../../src/adapters/postgres/pool.ts'

/** The two tables the queue needs, where the migrations have not made them. */
export const withOutboxTables = async (pool: Queryable): Promise<void> => {
  await pool.query(`create table if not exists outbox (
    id bigint generated always as identity primary key, event_id uuid not null unique, type text not null,
    ticket_id uuid, body jsonb not null, at timestamptz not null)`)
  await pool.query(`create table if not exists handled_events (
    handler text, event_id uuid, at timestamptz not null, primary key (handler, event_id))`)
}
