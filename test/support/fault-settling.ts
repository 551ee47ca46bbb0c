import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { GATHER_MS } from '../../src/domain/notification/digest.ts'
import type { Ask } from './fault-drive.ts'

/** What is left to do just now. */
export type Left = { readonly [what: string]: number }

/** An event that was given up and waited for a person. */
export type Died = { readonly id: string; readonly event: string; readonly reason: string }

/** The first word of a reason. */
const kindOf = ({ reason }: Died): string => /^\w+/.exec(reason)?.[0] ?? 'unknown'

export const ofEachKind = (died: ReadonlyArray<Died>): { readonly [kind: string]: number } =>
  Object.fromEntries([...Map.groupBy(died, kindOf)].map(([kind, all]) => [`given up: ${kind}`, all.length]))

/** What passes by itself can only be given up in these ways. */
const FEW_TRIES: ReadonlyArray<string> = ['SilentlyIgnored', 'Missing']

/**
 * Sixteen tries of what passes, each wait twice the one before, take the better part of an hour at least, and no dose has
 * faults for so long: nothing is given up that way. Five times in a row the same case says yes and does nothing, or does not
 * find what it has, with a chance of about 5 in a million per event: a try asks four to five times, one time in fifty each
 * meets one of the two, and nearly every second try goes well and begins the row anew. So many are allowed, and no others.
 */
export const tooManyDied = (died: ReadonlyArray<Died>, changes: number): ReadonlyArray<string> => {
  const allowed = Math.floor(changes / 2_500)
  return [
    ...died.filter((one) => !FEW_TRIES.includes(kindOf(one))).map(({ reason }) => `given up without need: ${reason}`),
    ...(died.length > allowed ? [`${died.length} events were given up, at most ${allowed} may be`] : []),
  ]
}

/** A walk through the list that broke off begins again after this. */
const WALK_MS = 60_000

/**
 * How long it may take until nothing waits when the faults stop. A wait is at most twice the time before it, since each is
 * twice the one before and half of it is jitter, and none is over a quarter of an hour. What comes of the last one may be a
 * message, which gathers others first. `slackMs` is for the work itself and for what a killed worker held.
 */
export const longestUntilSettled = (faultsMs: number, slackMs: number): number =>
  Math.max(WALK_MS, Math.min(2 * (faultsMs + 1_000), 15 * 60_000)) + GATHER_MS + slackMs

/** Looks at what waits, and at what was given up, until nothing waits any more. */
export const settling = ({
  pool,
  ask,
  hurry,
  tell,
}: {
  readonly pool: pg.Pool
  readonly ask: Ask
  /** Pauses are not waited out, and a person retries what was given up. */
  readonly hurry: boolean
  readonly tell: (line: string) => void
}) => {
  const died = new Map<string, Died>()
  const count = async (sql: string): Promise<number> =>
    Number((await pool.query(`select count(*) as n ${sql}`)).rows[0].n)

  const lookForDead = async (): Promise<ReadonlyArray<Died>> => {
    const { rows } = await pool.query(
      'select id, event_id, reason, died_at::text, retry_asked_at is null as waits from dead_letters',
    )
    for (const { id, event_id: event, reason, died_at: at } of rows) died.set(`${id} ${at}`, { id, event, reason })
    return rows.filter(({ waits }) => waits).map(({ id, event_id: event, reason }) => ({ id, event, reason }))
  }
  const waiting = async (): Promise<Left> => ({
    outbox: await count('from outbox'),
    jobs: await count(`from pgboss.job where name like 'reaction.%'`),
    held: await count(`from pgboss.job where name like 'reaction.%' and state = 'active'`),
    pausing: await count(
      `from pgboss.job where name like 'reaction.%' and state = 'retry' and start_after > clock_timestamp()`,
    ),
    messages: await count(
      `from notification_ledger where send_id is null and status in ('pending', 'unknown') and settled_at is null`,
    ),
    notes: await count('from sync_notes where sent_at is null and given_up_at is null'),
  })

  return {
    count,
    died: (): ReadonlyArray<Died> => [...died.values()],
    /** Until nothing waits any more; where nobody hurries, nobody lends a hand either. */
    settle: async (withinMs: number): Promise<void> => {
      let told = 0
      for (const end = Date.now() + withinMs; ; await sleep(250)) {
        const dead = await lookForDead()
        const left = await waiting()
        if (Object.values(left).every((n) => n === 0) && (dead.length === 0 || !hurry)) return
        if (Date.now() > end) {
          const { rows } = await pool.query('select case_id, problem, counts from sync_troubles limit 5')
          throw new Error(`It did not come to rest: ${JSON.stringify({ ...left, dead, troubles: rows })}`)
        }
        if (Date.now() - told > 5_000) {
          tell(`still waiting: ${JSON.stringify(left)}`)
          told = Date.now()
        }
        if (!hurry) continue
        for (const { id } of dead)
          await ask('POST', `/dead-letters/${id}/retry`, { body: { reason: 'the trouble is over' } })
        await pool.query(
          `update pgboss.job set start_after = clock_timestamp() where name like 'reaction.%' and state = 'retry'
             and start_after > clock_timestamp() + interval '500 milliseconds'`,
        )
      }
    },
  }
}
