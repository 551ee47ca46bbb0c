import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pool, PoolClient } from '../../src/adapters/contract/pool.ts'
import { endEscalation } from '../../src/application/escalation/end-escalation.ts'
import { escalateRepeatFaults } from '../../src/application/escalation/escalate-repeat-faults.ts'
import { plusMs } from '../../src/domain/shared/time.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { fault, NOW, right } from '../contract/escalation.contract.ts'
import { changeDeps } from '../support/change-deps.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { onPool } from './escalation-on-pool.ts'

const place = { dr: 'DR1', pole: 'P1', pon: '7', zone: '3' }

/** A pool whose clients lose their connection when they are asked for their nth statement in a transaction. */
const dyingAt = (pool: Pool, nth: number): Pool => ({
  query: (text, values) => pool.query(text, values),
  connect: async () => {
    const client = await pool.connect()
    let asked = 0
    return new Proxy(client, {
      get: (target, name) => {
        if (name !== 'query') return Reflect.get(target, name)
        return async (text: string, values?: unknown[]) => {
          if (text !== 'begin' && asked++ === nth) {
            await target.query('rollback')
            throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' })
          }
          return target.query(text, values)
        }
      },
    }) as PoolClient
  },
})

describeOn('postgres', 'Escalations under pressure', () => {
  let db: TestDatabase
  let projectId: string
  beforeAll(async () => {
    db = await testDatabase('postgres')
  })
  afterAll(() => db.close())

  const depsOn = (pool: Pool) => ({ ...changeDeps(onPool(pool).tickets, NOW), ...onPool(pool) })
  const react = (pool: Pool, ticket: Ticket, id: string = randomUUID()) =>
    escalateRepeatFaults(depsOn(pool))({ id, at: ticket.createdAt }, ticket.id)
  const faults = async (count: number) => {
    projectId = `project-${randomUUID()}`
    const made: Ticket[] = []
    for (let n = 0; n < count; n += 1) made.push(await fault(onPool(db.pool), { projectId, place }, plusMs(NOW, n)))
    return made
  }
  const rows = async () =>
    (
      await db.pool.query(
        `select scope_type, status, jsonb_array_length(contributing_tickets) as faults, escalation_ticket_id
         from repeat_fault_escalations where project_id = $1 order by scope_type`,
        [projectId],
      )
    ).rows
  const infrastructure = async () =>
    (
      await db.pool.query("select id from tickets where project_id = $1 and ticket_type = 'infrastructure'", [
        projectId,
      ])
    ).rows.map((row) => row.id)

  it('twenty faults at the same moment make one escalation per scope, and every fault is in each', async () => {
    const tickets = await faults(20)
    const answers = await Promise.all(tickets.toReversed().map((ticket) => react(db.pool, ticket)()))
    expect(answers.filter(E.isLeft)).toEqual([])
    const found = await rows()
    expect(found.map(({ scope_type, faults: count }) => [scope_type, count])).toEqual([
      ['dr', 20],
      ['pole', 20],
      ['pon', 20],
      ['zone', 20],
    ])
    const made = await infrastructure()
    expect(made.toSorted()).toEqual(found.map((row) => row.escalation_ticket_id).toSorted())
    const { rows: links } = await db.pool.query(
      "select count(*)::int as n from ticket_links where kind = 'escalation' and ticket_id = any($1::uuid[])",
      [made],
    )
    expect(links[0].n).toBe(80)
  })

  it('the same event delivered ten times at once has its effect once', async () => {
    const tickets = await faults(3)
    const last = tickets.at(-1)
    if (last === undefined) throw new Error('no faults')
    const id = randomUUID()
    const answers = await Promise.all(Array.from({ length: 10 }, () => react(db.pool, last, id)()))
    expect(answers.filter(E.isLeft)).toEqual([])
    expect(answers.flatMap((answer) => (E.isRight(answer) ? answer.right : []))).toHaveLength(1)
    expect(await infrastructure()).toHaveLength(1)
  })

  it('whichever statement it dies at nothing is half done, and the next delivery does all of it', async () => {
    const outcomes = new Set<string>()
    for (let nth = 0; nth < 20; nth += 1) {
      const [, , , ticket] = await faults(4)
      if (ticket === undefined) throw new Error('no faults')
      const id = randomUUID()
      const died = await react(dyingAt(db.pool, nth), ticket, id)()
      outcomes.add(died._tag)
      const half = await rows()
      expect(half).toHaveLength(E.isLeft(died) ? 0 : 2)
      expect(await infrastructure()).toHaveLength(half.length)
      await right(react(db.pool, ticket, id))
      expect((await rows()).map(({ scope_type, faults: count }) => [scope_type, count])).toEqual([
        ['dr', 4],
        ['pole', 4],
      ])
      expect(await infrastructure()).toHaveLength(2)
    }
    expect([...outcomes].toSorted()).toEqual(['Left', 'Right'])
  })

  it('the database itself refuses a second live escalation of a scope', async () => {
    await faults(3)
    const insert = () =>
      db.pool.query(
        `insert into repeat_fault_escalations (scope_type, scope_value, project_id, fault_count, fault_threshold, window_days)
         values ('pole', 'P1', $1, 4, 3, 90)`,
        [projectId],
      )
    await insert()
    await expect(insert()).rejects.toMatchObject({ constraint: 'uq_escalation_open' })
  })

  it('of two people who end it at once one is told that the other was first', async () => {
    const tickets = await faults(3)
    for (const ticket of tickets) await right(react(db.pool, ticket))
    const deps = depsOn(db.pool)
    const { rows: listed } = await right(
      deps.escalationQueries.list({ project: [projectId] }, { after: null, limit: 1 }),
    )
    const [view] = listed
    if (view === undefined) throw new Error('no escalation')
    await db.pool.query('update tickets set deleted_at = now() where id = $1', [view.escalation_ticket_id])
    const end = endEscalation(deps)(
      { userId: 'mpho', role: 'manager', contractorId: null, teams: [] },
      { id: view.id, version: view.version, outcome: 'no_action', notes: 'Nothing found' },
    )
    const answers = await Promise.all([end(), end()])
    expect(answers.filter(E.isRight)).toHaveLength(1)
    expect(answers.filter(E.isLeft)).toMatchObject([{ left: { type: 'Stale', version: view.version + 1 } }])
  })
})
