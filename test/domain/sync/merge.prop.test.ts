import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIELD_RULES, type Value, type Values } from '../../../src/domain/sync/fields.ts'
import { agreedOn, type Bases, type FoundConflict, notTaken, planSync } from '../../../src/domain/sync/plan.ts'
import { REMOTE_STATUSES, STATUS_MAPS } from '../../../src/domain/sync/status-map.ts'
import { STATUSES, type TicketStatus, transitions } from '../../../src/domain/ticket/ticket.ts'

const STATUS_RULE = FIELD_RULES.filter(({ field }) => field === 'status')
const out = STATUS_MAPS.out

/** Where a person can take a ticket from there, by the lifecycle table. */
const nextOf = (status: TicketStatus): ReadonlyArray<TicketStatus> =>
  Object.entries(transitions).flatMap(([name, { from, to }]) =>
    name === 'delete' || !(from as ReadonlyArray<string>).includes(status) ? [] : to,
  )

type World = {
  status: TicketStatus
  remote: string
  bases: Bases
  /** Writes whose reply was lost and which may still land. */
  late: string[]
  readonly conflicts: FoundConflict[]
  readonly moves: string[]
  writes: number
}

type Fault = 'none' | 'lost_reply' | 'never_arrived' | 'lands_late' | 'crash_before_write'

/** One look with the same steps as the program's: own side first, then intents, then the write. */
const sync = (world: World, fault: Fault, knowsAssignee: boolean, repair = false): void => {
  for (let round = 0; round < 3; round += 1) {
    const remote: Values = { status: world.remote }
    const plan = planSync({
      rules: STATUS_RULE,
      bases: world.bases,
      status: world.status,
      local: { status: out[world.status] },
      remote,
      authors: {},
      knowsAssignee,
      repair,
    })
    if (plan.command !== null) {
      world.moves.push(plan.command)
      world.status = plan.command === 'assign' ? 'assigned' : 'in_progress'
      continue
    }
    world.bases = plan.bases
    world.conflicts.push(...plan.conflicts)
    const value = plan.pushes.status
    if (value == null || fault === 'crash_before_write') return
    world.writes += 1
    if (fault === 'never_arrived') return
    if (fault === 'lands_late') return void world.late.push(value)
    world.remote = value
    if (fault === 'lost_reply') return
    world.bases = { ...world.bases, status: agreedOn(value) }
    return
  }
}

const begun = (): World => ({
  status: 'open',
  remote: 'Open',
  bases: { status: agreedOn('Open') },
  late: [],
  conflicts: [],
  moves: [],
  writes: 0,
})

type Step =
  | { readonly type: 'ours'; readonly pick: number }
  | { readonly type: 'theirs'; readonly status: string }
  | { readonly type: 'sync'; readonly fault: Fault; readonly knowsAssignee: boolean }
  | { readonly type: 'land' }

const stepArb: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('ours' as const), pick: fc.nat() }),
  fc.record({
    type: fc.constant('theirs' as const),
    status: fc.constantFrom(...REMOTE_STATUSES, 'Unsolved - No Response'),
  }),
  fc.record({
    type: fc.constant('sync' as const),
    fault: fc.constantFrom<Fault>('none', 'none', 'lost_reply', 'never_arrived', 'lands_late', 'crash_before_write'),
    knowsAssignee: fc.boolean(),
  }),
  fc.constant({ type: 'land' as const }),
)

const play = (steps: ReadonlyArray<Step>): World => {
  const world = begun()
  for (const step of steps)
    switch (step.type) {
      case 'ours': {
        const next = nextOf(world.status)
        world.status = next[step.pick % Math.max(next.length, 1)] ?? world.status
        break
      }
      case 'theirs':
        world.remote = step.status
        break
      case 'land':
        world.remote = world.late.shift() ?? world.remote
        break
      case 'sync':
        sync(world, step.fault, step.knowsAssignee)
    }
  return world
}

describe('the two sides of a case', () => {
  it('agree after any history of changes and faults, or differ for a reason that was recorded', () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 40 }), (steps) => {
        const world = play(steps)
        while (world.late.length > 0) world.remote = world.late.shift() ?? world.remote
        sync(world, 'none', false, true)
        sync(world, 'none', false, true)
        const agree = world.remote === out[world.status]
        const reopened = world.conflicts.some(({ kind }) => kind === 'reopened')
        reached.add(agree ? 'agree' : 'left open')
        for (const { kind } of world.conflicts) reached.add(kind)
        for (const move of world.moves) reached.add(move)
        const before = world.writes
        sync(world, 'none', false, true)
        expect(agree || reopened).toBe(true)
        expect(world.writes).toBe(before)
      }),
      { numRuns: 3_000 },
    )
    expect([...reached].sort()).toEqual(
      ['agree', 'assign', 'left open', 'reopened', 'start_work', 'status_refused'].sort(),
    )
  })

  it('an echo never moves a ticket: whatever was pushed, however late it is read back and wherever the ticket is by then', () => {
    const statusArb = fc.constantFrom(...STATUSES)
    let echoes = 0
    fc.assert(
      fc.property(
        statusArb,
        statusArb,
        fc.boolean(),
        fc.constantFrom('us', 'unknown'),
        (pushed, now, knows, author) => {
          const echo = out[pushed]
          const plan = planSync({
            rules: STATUS_RULE,
            bases: { status: { agreed: 'Open', seen: 'Open', pushed: [echo], owed: true, left: false } },
            status: now,
            local: { status: out[now] },
            remote: { status: echo },
            authors: { status: author as 'us' | 'unknown' },
            knowsAssignee: knows,
            repair: false,
          })
          echoes += 1
          expect(plan.command).toBe(null)
          expect(plan.conflicts).toEqual([])
          expect(plan.pushes).toEqual(echo === out[now] ? {} : { status: out[now] })
        },
      ),
      { numRuns: 2_000 },
    )
    expect(echoes).toBeGreaterThan(1_000)
  })

  it('each field ends where its owner wants it, and no change is lost without a word', () => {
    const valueArb: fc.Arbitrary<Value> = fc.constantFrom(null, 'a', 'b', 'c')
    const reached = new Set<string>()
    const rules = FIELD_RULES.filter(({ field }) => field !== 'status')
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        valueArb,
        valueArb,
        valueArb,
        fc.boolean(),
        (rule, base, ours, theirs, refuse) => {
          const { field } = rule
          const plan = planSync({
            rules: [rule],
            bases: { [field]: agreedOn(base) },
            status: 'in_progress',
            local: { [field]: ours },
            remote: { [field]: theirs },
            authors: {},
            knowsAssignee: true,
            repair: false,
          })
          const taken = field in plan.takes
          const pushed = field in plan.pushes
          const known = plan.bases[field]
          const settled = taken && refuse && known !== undefined ? notTaken(rule, known, ours, theirs) : known
          reached.add(taken ? (refuse ? 'refused' : 'taken') : pushed ? 'pushed' : ours === theirs ? 'agree' : 'left')
          expect(taken && pushed).toBe(false)
          if (ours === theirs) expect([taken, pushed, plan.conflicts]).toEqual([false, false, []])
          if (ours !== base && theirs !== base && ours !== theirs) expect(plan.conflicts).toHaveLength(1)
          if (pushed) expect(rule.direction).not.toBe('in')
          if (taken && refuse) expect(settled?.owed).toBe(rule.direction !== 'in')
        },
      ),
      { numRuns: 3_000 },
    )
    expect([...reached].sort()).toEqual(['agree', 'left', 'pushed', 'refused', 'taken'])
  })
})
