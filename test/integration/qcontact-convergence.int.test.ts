import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { FAULTS, type Fault } from '../../src/adapters/qcontact/stand-in/faults.ts'
import { startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import { pgBossJobQueue } from '../../src/adapters/queue/job-queue.ts'
import { followCases } from '../../src/application/sync/follow-cases.ts'
import { listCases, runAskedSync } from '../../src/application/sync/list-cases.ts'
import type { LifecycleCommand } from '../../src/application/ticket/lifecycle.ts'
import { runCommand } from '../../src/application/ticket/lifecycle.ts'
import { STATUS_MAPS } from '../../src/domain/sync/status-map.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { AGENT, manager, right, syncingOn, TECHNICIAN } from '../support/syncing.ts'

const CASES = 20
const ROUNDS = 5
/** Too long to be met by chance is a minute's pause for each 429 without Retry-After, and no fault is a case that is gone. */
const BY_CHANCE: ReadonlyArray<Fault> = FAULTS.filter(
  (fault) => !['too_many_without_retry_after', 'slow', 'not_found'].includes(fault),
)

const OURS: ReadonlyArray<LifecycleCommand> = [
  { command: 'assign', assignment: { technician: TECHNICIAN } },
  { command: 'start_work' },
  { command: 'start_work' },
  { command: 'hold', reason: 'awaiting_client', note: 'canary-note' },
  { command: 'resume' },
  { command: 'resume' },
  { command: 'cancel', reason: 'canary-reason' },
]
const THEIRS = ['Open', 'Assigned', 'InProgress', 'Escalated', 'InReview', 'Solved', 'Unsolved - No Response']

describeOn('postgres', 'Both sides of every case', () => {
  it('agree again after faults on both sides, and a further pass writes nothing', { timeout: 240_000 }, async () => {
    const database = await testDatabase('postgres')
    const standIn = await startStandIn({ graceMs: 0, retryAfterSeconds: 1 })
    const queueOn = () =>
      pgBossJobQueue({ pool: database.pool, kind: 'postgres', onError: () => {}, retry: { limit: 5, delaySeconds: 1 } })
    let queue = queueOn()
    const syncing = syncingOn(database.pool, standIn, { timeoutMs: 1_000, nudge: () => queue.nudge() })
    const { deps } = syncing
    await syncing.prepare()
    const reactions = [followCases(deps), runAskedSync(deps)]
    const pass = async (kind: 'changes' | 'full') => {
      const run = { id: randomUUID(), kind, askedBy: 'test', at: new Date().toISOString() }
      for (;;) {
        const answer = await listCases(deps)(run, syncing.signal)()
        if (answer._tag === 'Right') return run.id
      }
    }
    let state = 20_261_123
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return state / 2 ** 31
    }
    const pick = <A>(all: ReadonlyArray<A>): A => all[Math.floor(random() * all.length)] as A
    try {
      await queue.start(reactions)
      const ids = Array.from({ length: CASES }, (_, n) =>
        standIn.cases.add({
          contact: `Canary Client ${n}`,
          dr: `DR17295${String(n).padStart(2, '0')}`,
          fields: { telephone: '0820000000', address: `${n} Canary Street` },
        }),
      )
      await pass('changes')
      await queue.drain(60_000)
      let accepted = 0
      standIn.faults.atRandom({ rate: 0.2, kinds: BY_CHANCE, random })
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const id of ids) {
          if (random() < 0.5)
            standIn.cases.change(id, { status: pick(THEIRS), ...(random() < 0.5 ? { assigned_to: AGENT } : {}) })
          if (random() < 0.3) standIn.cases.change(id, { telephone: `08200000${Math.floor(random() * 90) + 10}` })
          if (random() < 0.8) {
            const target = { ticketId: deps.ticketIdOf(id), principal: manager, version: null }
            // Many are refused by where the ticket is; the one that is accepted must reach the other side.
            for (let tries = 0, done = false; tries < 4 && !done; tries += 1) {
              done = (await runCommand(deps)(target, pick(OURS))())._tag === 'Right'
              if (done) accepted += 1
            }
          }
        }
        await pass('changes')
        if (round === 2) {
          await queue.stop()
          queue = queueOn()
          await queue.start(reactions)
        }
      }
      standIn.faults.atRandom(null)
      await queue.drain(150_000)
      await pass('full')
      await queue.drain(60_000)

      for (const fault of BY_CHANCE) expect(standIn.faults.met().get(fault) ?? 0).toBeGreaterThan(0)
      expect(accepted).toBeGreaterThan(CASES)
      const writes = () =>
        standIn.requests.filter(({ method, path }) => method !== 'GET' && path !== '/auth/sign_in').length
      const before = writes()
      const last = await pass('full')
      await queue.drain(60_000)
      expect(await right(syncing.desk.run(last))).toMatchObject({
        state: 'finished',
        drift: 0,
        failed: 0,
        cases: CASES,
      })
      expect(writes()).toBe(before)

      const { rows: open } = await database.pool.query(
        "select case_id from sync_conflicts where resolved_at is null and kind = 'reopened'",
      )
      const reopened = new Set(open.map(({ case_id: id }) => id))
      const differing = []
      for (const id of ids) {
        const { ticket, client } = await syncing.ticketOf(id)
        const there = standIn.cases.known(id)
        if (there.fields.status !== STATUS_MAPS.out[ticket.status] && !reopened.has(id))
          differing.push([id, ticket.status, there.fields.status])
        if (client?.phone !== there.fields.telephone) differing.push([id, client?.phone, there.fields.telephone])
      }
      expect(differing).toEqual([])

      // Each sentence a client was told, once.
      const { rows: notes } = await database.pool.query('select id, sent_at from sync_notes')
      const told = ids.flatMap((id) => standIn.cases.known(id).events.flatMap(({ subtitle }) => subtitle ?? []))
      for (const { id, sent_at: sentAt } of notes) {
        expect(told.filter((text) => text.includes(id))).toHaveLength(1)
        expect(sentAt).not.toBe(null)
      }
      expect(notes.length).toBeGreaterThan(0)
      const { rows: log } = await database.pool.query('select * from qcontact_sync_log')
      for (const canary of ['anary', '082000', 'Street', 'a-password'])
        expect(JSON.stringify([log, told])).not.toContain(canary)
      expect(standIn.signIns()).toBeGreaterThan(1)
    } finally {
      await queue.stop()
      await standIn.close()
      await database.close()
    }
  })
})
