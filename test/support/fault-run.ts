import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { postgresDirectory } from '../../src/adapters/postgres/directory.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import type { Fault as CaseFault } from '../../src/adapters/qcontact/stand-in/faults.ts'
import { STAND_IN_USER, startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import { type Fault as MessageFault, startWahaStandIn } from '../../src/adapters/waha/stand-in/server.ts'
import { SYNC_FIELDS, type SyncField } from '../../src/domain/sync/fields.ts'
import {
  asking,
  CANARY,
  MANAGER,
  MANAGER_PHONE,
  newJournal,
  randomFrom,
  someone,
  spread,
  type World,
} from './fault-drive.ts'
import { findings } from './fault-findings.ts'
import { freePort, startFaultyPostgres } from './fault-postgres.ts'
import { compileInto, programs, type Started } from './fault-processes.ts'
import { longestUntilSettled, ofEachKind, settling, tooManyDied } from './fault-settling.ts'
import { right } from './syncing.ts'

export type Dose = {
  readonly tickets: number
  readonly changes: number
  readonly workerKills: number
  readonly postgresKills: number
  readonly evictions: number
  /** A 429 that does not say for how long stops everything for a minute. */
  readonly longPauses: number
  /** How long the changes take, with the faults, which go on until so many requests were made under them. */
  readonly overMs: number
  readonly requests: number
  readonly lanes: number
  readonly technicians: number
  readonly messageFaults: ReadonlyArray<MessageFault>
  /**
   * Where true, what waits for another attempt when the faults stop has it at once, and a person retries what was given up;
   * where false nobody does anything.
   */
  readonly hurry: boolean
  /** How much longer than its waits it may take until all is in step. */
  readonly slackMs: number
  readonly seed: number
}

/** Transient faults of QContact that meet a fifth of all requests. */
const BY_CHANCE: ReadonlyArray<CaseFault> = [
  'reset',
  'too_many',
  'lost_reply',
  'html_error_page',
  'silent',
  'server_error',
  'unauthorised',
  'slow',
  'not_found',
  'forbidden_by_proxy',
  'unknown_to_proxy',
]
/** What a list shows of a case: a poll finds it, without a comparison of everything. */
const LISTED: ReadonlyArray<SyncField> = ['status', 'assignee', 'dr_number', 'description']
const SHARE = 0.2

export type Figures = { readonly [what: string]: number }
export type Ran = { readonly wrong: ReadonlyArray<string>; readonly figures: Figures }

const FIRST_CASE = 40_000_000_000

/** Plays changes and faults, waits until all is quiet, and gives what is wrong then; nothing should be. */
export const runUnderFaults = async (dose: Dose, say: (line: string) => void): Promise<Ran> => {
  const began = Date.now()
  const tell = (line: string): void => say(`${((Date.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`)
  const folder = await mkdtemp(join(tmpdir(), 'fibreflow-faults-'))
  const compiled = join(folder, 'compiled')
  const [postgres] = await Promise.all([startFaultyPostgres(), compileInto(compiled)])
  const port = await freePort()
  const root = `http://127.0.0.1:${port}/api/ticketing`
  const hookKey = randomBytes(16).toString('hex')
  const apiKey = randomBytes(16).toString('hex')
  const standIn = await startStandIn({ graceMs: 0, retryAfterSeconds: 1, firstId: FIRST_CASE })
  const waha = await startWahaStandIn({
    apiKey,
    acks: [1, 2, 3],
    webhook: { url: `${root}/webhooks/waha`, key: hookKey },
    retryMs: 1_000,
  })
  const technicians = Array.from({ length: dose.technicians }, (_, n) => ({
    id: `technician-${n}`,
    remote: String(9_000 + n),
    phone: `${CANARY.staffPhone}${String(1_000 + n)}`,
  }))
  const configuration = join(folder, 'qcontact.json')
  await writeFile(
    configuration,
    JSON.stringify({
      tenant: 'stand-in',
      baseUrl: standIn.url,
      pageSize: Math.min(100, Math.max(5, Math.ceil(dose.tickets / 5))),
      timeoutMs: 2_000,
      budgetPerMinute: 100_000,
      project: 'lawley',
      assignees: technicians.map(({ id, remote }) => ({ remote, technician: id })),
    }),
  )
  const run = programs({
    NODE_COMPILE_CACHE: compiled,
    DATABASE_URL: postgres.url,
    DATA_DIR: folder,
    PORT: String(port),
    EXAMPLES: 'off',
    LOG_LEVEL: 'trace',
    QCONTACT_CONFIG: configuration,
    QCONTACT_EMAIL: STAND_IN_USER.email,
    QCONTACT_PASSWORD: STAND_IN_USER.password,
    WAHA_URL: waha.url,
    WAHA_API_KEY: apiKey,
    WAHA_WEBHOOK_KEY: hookKey,
    WAHA_TIMEOUT_MS: '16000',
    WHATSAPP_PER_MINUTE: '600',
  })
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 })
  pool.on('error', () => {})
  const ask = asking(root)
  const admin = async (method: string, path: string, body?: unknown) => {
    const reply = await ask(method, path, body === undefined ? {} : { body })
    if (reply === null || reply.status >= 300)
      throw new Error(`${method} ${path}: ${reply?.status} ${JSON.stringify(reply?.body)}`)
    return reply.body?.data
  }
  /** Waits for a pass over the cases; gives what it found. */
  const pass = async (scope: 'full' | 'changes', timeoutMs: number) => {
    const { run_id: id } = await admin('POST', '/sync/qcontact', { scope })
    for (const end = Date.now() + timeoutMs; ; await sleep(100)) {
      const found = await admin('GET', `/sync/qcontact/runs/${id}`)
      if (['finished', 'failed'].includes(found.state) && found.waiting === 0 && found.done === found.cases)
        return found
      if (Date.now() > end) throw new Error(`The pass did not end: ${JSON.stringify(found)}`)
    }
  }
  const { count, died, settle } = settling({ pool, ask, hurry: dose.hurry, tell })

  try {
    await migrate(pool)
    const person = { role: 'technician' as const, contractorId: null, email: null }
    await right(
      postgresDirectory(pool).save({
        people: [
          { ...person, id: MANAGER, name: CANARY.staffName, role: 'manager', phone: MANAGER_PHONE },
          ...technicians.map(({ id, phone }) => ({ ...person, id, name: CANARY.staffName, phone })),
        ],
        projects: [{ id: 'lawley', code: 'LAW', name: 'Lawley', managerId: MANAGER, groupId: null }],
      }),
    )
    const server = run.server()
    const workers: Promise<Started>[] = [run.worker(), run.worker()]
    await Promise.all([server, workers[0]])
    for (let n = 0; n < dose.tickets; n += 1)
      standIn.cases.add({
        contact: `${CANARY.name} ${n}`,
        dr: `DR18${String(n).padStart(5, '0')}`,
        fields: {
          telephone: `${CANARY.clientPhone}${String(n).padStart(4, '0')}`,
          email: `client-${n}${CANARY.email}`,
          address: `${n} ${CANARY.address}`,
          description: `${CANARY.words} ${n}`,
        },
      })
    tell(`${dose.tickets} cases are there; seed ${dose.seed}`)
    await pass('changes', 300_000)
    const { rows: linked } = await pool.query('select case_id, ticket_id from sync_cases order by case_id')
    if (linked.length !== dose.tickets) throw new Error(`${linked.length} of ${dose.tickets} cases became tickets`)
    const world: World = {
      technicians,
      pairs: linked.map(({ case_id, ticket_id }) => ({ caseId: case_id, ticketId: ticket_id })),
    }
    tell('they are tickets; the faults begin')

    const journal = newJournal()
    /** Each change has dice of its own, so that a seed does not depend on who comes first. */
    const change = (nth: number) =>
      someone({ ask, standIn, world, journal, random: randomFrom(dose.seed + 7_919 * nth) }).either
    const counts = { workerKills: 0, inTheMiddle: 0, postgresKills: 0, backends: 0, evictions: 0, polls: 0 }
    const peaceful = standIn.requests.length
    const asked = (): number => standIn.requests.length - peaceful
    const beganFaults = Date.now()
    standIn.faults.atRandom({ rate: SHARE, kinds: BY_CHANCE, random: randomFrom(dose.seed + 1) })
    // Each at least once, those that hide what was done where something was.
    standIn.faults.script(
      ...BY_CHANCE.map((fault) =>
        fault === 'silent' || fault === 'lost_reply' ? { fault, when: { method: 'PATCH' } } : { fault },
      ),
    )
    if (dose.longPauses > 0)
      standIn.faults.script({
        fault: 'too_many_without_retry_after',
        times: dose.longPauses,
        when: { method: 'PATCH' },
      })

    const failing = { on: true, messages: true, given: 0, seen: 0 }
    /** Of the messages every third meets a fault: fewer than three unknown outcomes in a row, or all would wait. */
    const messageFaults = async (): Promise<void> => {
      while (failing.on || (failing.messages && failing.given < dose.messageFaults.length)) {
        const tries = waha.requests.filter(({ path }) => path === '/api/sendText').length
        const next = dose.messageFaults[failing.given % Math.max(1, dose.messageFaults.length)]
        if (next !== undefined && tries >= failing.seen && waha.happened.length === failing.given) {
          waha.failNext(next)
          failing.given += 1
          failing.seen = tries + 3
        }
        await sleep(10)
      }
    }
    const polls = async (): Promise<void> => {
      while (failing.on) {
        await sleep(Math.min(5_000, dose.overMs / 8))
        const asked = await ask('POST', '/sync/qcontact', { body: { scope: 'changes' } })
        if (asked?.status === 202) counts.polls += 1
      }
    }
    /** One that finds no database ends; whoever runs it starts it again. */
    const startedInTheEnd = async (): Promise<Started> => {
      for (let tries = 0; ; tries += 1) {
        const started = await run.worker().catch((error: Error) => error)
        if (!(started instanceof Error)) return started
        if (tries > 20) throw started
        await sleep(500)
      }
    }
    const killWorker = async (): Promise<void> => {
      const victim = await workers.shift()
      if (victim === undefined) return
      const active = await count(`from pgboss.job where state = 'active'`).catch(() => 0)
      if ((await victim.kill()) === 'SIGKILL') counts.workerKills += 1
      if (active > 0) counts.inTheMiddle += 1
      tell(`a worker was killed (${active} jobs were being done)`)
      workers.push(startedInTheEnd())
    }
    const killPostgres = async (): Promise<void> => {
      counts.backends += await postgres.kill()
      counts.postgresKills += 1
      tell('PostgreSQL was killed')
      await sleep(600)
      await postgres.restart()
      tell('PostgreSQL is there again')
    }
    const evict = async (): Promise<void> => {
      standIn.signInElsewhere(10)
      counts.evictions += 1
    }
    /** Evenly over the changes; the database's in between the workers'. */
    const due = [
      ...Array.from({ length: dose.workerKills }, (_, n) => ({ at: (n + 0.3) / dose.workerKills, work: killWorker })),
      ...Array.from({ length: dose.postgresKills }, (_, n) => ({
        at: (n + 0.6) / dose.postgresKills,
        work: killPostgres,
      })),
      ...Array.from({ length: dose.evictions }, (_, n) => ({ at: (n + 0.3) / dose.evictions, work: evict })),
    ].toSorted((a, b) => a.at - b.at)
    let troubles: Promise<void> = Promise.resolve()
    const failed: unknown[] = []
    const unwell = messageFaults()
    const polling = polls()
    await spread(dose.changes, dose.overMs, dose.lanes, change, (made) => {
      if (made % Math.ceil(dose.changes / 10) === 0) tell(`${made} changes`)
      while ((due[0]?.at ?? 2) <= made / dose.changes) {
        const next = due.shift()
        if (next !== undefined) troubles = troubles.then(next.work).catch((error) => void failed.push(error))
      }
    })
    await troubles
    for (const end = Date.now() + dose.slackMs; asked() < dose.requests && Date.now() < end; ) await sleep(100)
    failing.on = false
    await polling
    if (failed.length > 0) throw failed[0]
    standIn.faults.atRandom(null)
    const faultsMs = Date.now() - beganFaults
    const stopped = Date.now()
    const met = Object.fromEntries([...standIn.faults.met()].map(([fault, times]) => [`qcontact ${fault}`, times]))
    const metAll = Object.values(met).reduce((sum, one) => sum + one, 0)
    const underFaults = asked()
    tell(`the faults are over: ${JSON.stringify(met)} of ${underFaults} requests`)

    const bound = longestUntilSettled(faultsMs, dose.slackMs)
    /** The poll that comes every quarter of an hour. */
    await Promise.all([pass('changes', bound), settle(bound)])
    await settle(stopped + bound - Date.now())
    await Promise.all(workers)
    const settledMs = Date.now() - stopped
    failing.messages = false
    await unwell
    tell('nothing waits any more')
    // Before anybody compares everything, what a poll can see agrees, and what was said is there.
    const byThemselves = await findings({ pool, standIn, waha, world, journal, lines: run.lines(), fields: LISTED })
    const repaired = await pass('full', bound)
    await settle(bound)
    tell(
      `a full pass: ${JSON.stringify({ drift: repaired.drift, repaired: repaired.repaired, failed: repaired.failed })}`,
    )

    const state = async () => ({
      writesThere: standIn.requests.filter(({ method, path }) => method !== 'GET' && path !== '/auth/sign_in').length,
      messages: waha.requests.filter(({ path }) => path === '/api/sendText').length,
      versions: Number((await pool.query('select coalesce(sum(version), 0) as n from tickets')).rows[0].n),
      notes: await count('from ticket_notes'),
      notifications: await count('from notification_ledger'),
      conflicts: Number(
        (await pool.query('select coalesce(sum(times + version), 0) as n from sync_conflicts')).rows[0].n,
      ),
    })
    /** A whole run of the sender that began after then. */
    const senderRan = async (since: Date): Promise<void> => {
      for (const end = Date.now() + 60_000; ; await sleep(200)) {
        const ran = await pool.query(
          `select 1 from pgboss.job where name = 'schedules' and data ->> 'schedule' = 'send_whatsapp'
             and started_on > $1 and state = 'completed' limit 1`,
          [since],
        )
        if (ran.rows.length > 0) return
        if (Date.now() > end) throw new Error('The sender did not run')
      }
    }
    const before = await state()
    const further = await pass('full', bound)
    await settle(bound)
    const after = await state()
    tell('a further pass is over')

    const judged = await findings({ pool, standIn, waha, world, journal, lines: run.lines(), fields: SYNC_FIELDS })
    for (const caseId of new Set(judged.wrong.flatMap((one) => /^case (\d+)/.exec(one)?.[1] ?? []))) {
      const { rows } = await pool.query(
        'select field, kind, ours, theirs, times from sync_conflicts where case_id = $1',
        [caseId],
      )
      say(`case ${caseId}: ${JSON.stringify({ events: standIn.cases.known(caseId).events, conflicts: rows })}`)
    }
    const secrets = [apiKey, hookKey, STAND_IN_USER.password, new URL(postgres.url).password]

    // What the host prunes: of both tables everything. Nobody who remembers is left either.
    await pool.query('delete from whatsapp_notifications')
    await pool.query('delete from qcontact_sync_log')
    await Promise.all(workers.map(async (worker) => (await worker).stop()))
    await run.worker()
    const since = (await pool.query('select clock_timestamp() as at')).rows[0].at
    const pruned = await pass('full', bound)
    await senderRan(since)
    await settle(bound)
    const afterPruning = await state()
    tell('after the pruning a pass of everything and a run of the sender are over')
    const logged = run.lines().join('\n')

    const hidden = waha.happened.filter((fault) => HIDES.includes(fault)).length
    const notKnown = (judged.figures['sends nobody knows of'] ?? 0) - hidden - UNDER_WAY * dose.workerKills
    const wrong = [
      ...byThemselves.wrong.map((one) => `before the full pass: ${one}`),
      ...judged.wrong,
      ...tooManyDied(died(), dose.changes),
      ...(await givenUpUnseen(pool)),
      ...(notKnown > 0 ? [`${notKnown} more sends than faults explain are unknown`] : []),
      ...unequal('a further pass', before, after),
      ...unequal('after pruning', before, afterPruning),
      ...[further, pruned].flatMap((one) =>
        one.drift === 0 && one.failed === 0 && one.state === 'finished' ? [] : [`a pass found ${JSON.stringify(one)}`],
      ),
      ...BY_CHANCE.flatMap((fault) => (met[`qcontact ${fault}`] === undefined ? [`no ${fault} happened`] : [])),
      ...atLeast('workers killed', counts.workerKills, dose.workerKills),
      ...atLeast('workers killed in the middle of work', counts.inTheMiddle, Math.min(1, dose.workerKills)),
      ...atLeast('kills of PostgreSQL', counts.postgresKills, dose.postgresKills),
      ...atLeast('recoveries of PostgreSQL', await postgres.recoveries(), dose.postgresKills),
      ...atLeast('evictions', counts.evictions, dose.evictions),
      ...atLeast('long pauses', met['qcontact too_many_without_retry_after'] ?? 0, dose.longPauses),
      ...atLeast('requests under faults', underFaults, dose.requests),
      ...atLeast('changes', journal.ours.length + journal.theirs.length, dose.changes),
      // They come in turn, so that many are of every kind; a small dose has few messages.
      ...atLeast('faults of WhatsApp', waha.happened.length, dose.tickets < 100 ? 2 : dose.messageFaults.length),
      ...atLeast('hundredths of the requests that met a fault', Math.round((metAll / underFaults) * 100), 10),
      ...secrets.flatMap((secret, n) => (logged.includes(secret) ? [`secret ${n} is in a log line`] : [])),
    ]
    const whatsapp = Object.fromEntries(
      [...Map.groupBy(waha.happened, (one) => one)].map(([fault, all]) => [`whatsapp ${fault}`, all.length]),
    )
    return {
      wrong,
      figures: {
        seed: dose.seed,
        tickets: dose.tickets,
        'changes here': journal.ours.length,
        'changes there': journal.theirs.length,
        'refused by the rules': journal.refused,
        'not answered': journal.unanswered,
        'requests under faults': underFaults,
        ...met,
        ...whatsapp,
        ...counts,
        recoveries: await postgres.recoveries(),
        ...judged.figures,
        'events given up': died().length,
        ...ofEachKind(died()),
        'drift found by a full pass': repaired.drift,
        'seconds with faults': Math.round(faultsMs / 1_000),
        'seconds until settled': Math.round(settledMs / 1_000),
        'seconds they may take': Math.round(bound / 1_000),
        seconds: Math.round((Date.now() - began) / 1_000),
      },
    }
  } catch (error) {
    for (const line of run.lines().slice(-40)) say(line)
    throw error
  } finally {
    await run.stopAll()
    await waha.close()
    await standIn.close()
    await pool.end()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** After these nobody knows whether a message went out. */
const HIDES: ReadonlyArray<MessageFault> = [
  'resetAfterSending',
  'resetBeforeSending',
  'silentAfterSending',
  'silentBeforeSending',
  'throwsAfterSending',
  'throwsBeforeSending',
  'emptyAfterSending',
  'proxyPageAfterSending',
]
/** So many messages at most are on their way when a sender is killed. */
const UNDER_WAY = 4

/** Notes for the client that were given up, and no person has a dead letter of them. */
const givenUpUnseen = async (pool: pg.Pool): Promise<ReadonlyArray<string>> => {
  const { rows } = await pool.query(`
    select id from sync_notes n where given_up_at is not null
      and not exists (select from dead_letters d where d.event_id = n.id)`)
  return rows.map(({ id }) => `note ${id} was given up and nobody is told`)
}

const unequal = (when: string, before: Figures, after: Figures): ReadonlyArray<string> =>
  Object.entries(before).flatMap(([what, n]) =>
    after[what] === n ? [] : [`${when} ${what} went from ${n} to ${after[what]}`],
  )

const atLeast = (what: string, found: number, asked: number): ReadonlyArray<string> =>
  found >= asked ? [] : [`${what}: ${found} instead of ${asked}`]
