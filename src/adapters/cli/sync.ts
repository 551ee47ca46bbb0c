import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { Resolution, RunRow } from '../../application/ports/sync-desk.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'
import { ticketNamed } from './ticket-named.ts'

type Line = { readonly terminal: Terminal; readonly explain: Explain; readonly signal: AbortSignal }

const LOOK_EVERY_MS = 500

const told = (run: RunRow): string =>
  `${run.done} of ${run.cases} cases: ${run.in_step} in step, ${run.repaired} repaired, ${run.created} new, ${run.conflicts} conflicts, ${run.waiting} waiting, ${run.failed} failed; drift ${run.drift}`

/** Asks for a run and stays until it is over, or until Ctrl-C: then it goes on in the background. */
export const runSync =
  ({ terminal, explain, signal }: Line) =>
  async (
    { changes, ticket }: { readonly changes: boolean; readonly ticket: string | null },
    application: Application,
  ): Promise<Exit> => {
    const { principal, sync } = application
    const named = ticket === null ? E.right(null) : await ticketNamed(application, ticket)()
    if (E.isLeft(named)) return refuse(terminal, explain(named.left))
    const asked = await sync.askSync(principal, { kind: changes ? 'changes' : 'full', ticketId: named.right })()
    if (E.isLeft(asked)) return refuse(terminal, explain(asked.left))
    for (;;) {
      const run = await sync.readSyncRun(principal, asked.right.id)()
      if (E.isLeft(run)) return refuse(terminal, explain(run.left))
      const { state, failure, waiting, failed } = run.right
      const isOver = state === 'finished' || state === 'failed' || signal.aborted
      // What QContact is too busy for goes on by itself.
      if (isOver || (waiting > 0 && run.right.done + waiting === run.right.cases)) {
        if (failure !== null) terminal.complain(`The list could not be read: ${failure}`)
        terminal.say(`Run ${run.right.id}: ${told(run.right)}`)
        return failure === null && failed === 0 ? EXIT.ok : EXIT.problem
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

/** How the exchange stands. */
export const showSync =
  ({ terminal, explain }: Line) =>
  async ({ principal, sync }: Application): Promise<Exit> => {
    const found = await sync.readSyncStanding(principal)()
    if (E.isLeft(found)) return refuse(terminal, explain(found.left))
    const { configured, tenant, linked, in_step: inStep, notes_waiting: notes, open_conflicts: open } = found.right
    const full = found.right.last_full_run
    for (const line of table([
      ['tenant', configured ? (tenant ?? '') : 'none is configured'],
      ['cases that are tickets', `${linked}`],
      ['in step', `${inStep}`],
      ['notes waiting', `${notes}`],
      ['open conflicts', `${open}`],
      ['last good exchange', found.right.last_success_at ?? 'never'],
      [
        'last trouble',
        found.right.last_failure === null ? 'none' : `${found.right.last_failure_at}: ${found.right.last_failure}`,
      ],
      ['last full run', full === null ? 'never' : `${full.asked_at}, ${full.state}: ${told(full)}`],
    ]))
      terminal.say(line)
    for (const { qcontact_ticket_id: id, ticket_uid: uid, problem, attempts, since } of found.right.problems)
      terminal.complain(`${uid ?? 'no ticket yet'} (case ${id}): ${problem}, ${attempts} times since ${since}`)
    return EXIT.ok
  }

/** What the two sides could not agree on and nobody has decided yet. */
export const listSyncConflicts =
  ({ terminal, explain }: Line) =>
  async (page: number, { principal, sync }: Application): Promise<Exit> => {
    const found = await sync.listSyncConflicts(principal, { open: true, ticketId: null }, { page, pageSize: 100 })()
    if (E.isLeft(found)) return refuse(terminal, explain(found.left))
    if (found.right.rows.length === 0) terminal.say('None.')
    for (const line of table(
      found.right.rows.map(({ id, ticket_uid: uid, field, kind, ours, theirs, times }) => [
        id,
        uid,
        kind,
        field ?? '',
        `ours ${ours ?? 'nothing'}, theirs ${theirs ?? 'nothing'}${times > 1 ? `, ${times} times` : ''}`,
      ]),
    ))
      terminal.say(line)
    return EXIT.ok
  }

/** Decides one conflict. */
export const resolveSyncConflict =
  ({ terminal, explain }: Line) =>
  async (
    id: string,
    { resolution, notes }: { readonly resolution: Resolution; readonly notes: string | null },
    { principal, sync }: Application,
  ): Promise<Exit> => {
    const found = await sync.viewSyncConflict(principal, id)()
    if (E.isLeft(found)) return refuse(terminal, explain(found.left))
    const done = await sync.resolveSyncConflict(principal, id, found.right.version, { resolution, notes })()
    if (E.isLeft(done)) return refuse(terminal, explain(done.left))
    const { follow_up_id: followUp } = done.right
    terminal.say(followUp === null ? 'Decided.' : `Decided; the follow-up is ticket ${followUp}.`)
    return EXIT.ok
  }

/** The latest exchanges. */
export const listSyncLog =
  ({ terminal, explain }: Line) =>
  async (page: number, { principal, sync }: Application): Promise<Exit> => {
    const found = await sync.readSyncLog(principal, {}, { page, pageSize: 100 })()
    if (E.isLeft(found)) return refuse(terminal, explain(found.left))
    for (const line of table(
      found.right.rows.map((row) => [
        row.synced_at,
        row.sync_direction,
        row.sync_type,
        row.qcontact_ticket_id ?? '-',
        row.error_message === null ? row.status : `${row.status}: ${row.error_message}`,
      ]),
    ))
      terminal.say(line)
    return EXIT.ok
  }
