import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Queryable } from '../../contract/pool.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'
import type { Outside } from './outside.ts'
import { play } from './play.ts'
import type { Stage } from './stage.ts'
import { syntheticWorkbooks, type Workbooks } from './workbooks.ts'

export type DemoOptions = {
  /** Leave the server running until Ctrl-C. */
  readonly keep: boolean
  /** The folder of a SOW and a weekly workbook; null looks beside this project. */
  readonly data: string | null
  readonly synthetic: boolean
  /** Wait for Enter before each chapter. */
  readonly pause: boolean
}

/** A server of the demo's own, running. */
export type DemoServer = {
  /** `http://127.0.0.1:…/api/ticketing`. */
  readonly root: string
  readonly database: string
  readonly project: { readonly id: string; readonly name: string }
  readonly owner: Queryable
  readonly outside: Outside | null
  readonly verify: Stage['verify']
  readonly close: () => Promise<void>
}
export type StartDemoServer = (dataDir: string) => Promise<DemoServer>

const BESIDE = '../shared/data'
const SOW = /^Drops_.*\.xlsx$/i
const WEEKLY = / WE\d{6}\.xlsx$/i

/** The workbooks of a folder; null when it lacks one. */
const workbooksIn = async (folder: string): Promise<Workbooks | null> => {
  const names = await readdir(folder).catch(() => [])
  const [sow, weekly] = [names.find((name) => SOW.test(name)), names.find((name) => WEEKLY.test(name))]
  return sow === undefined || weekly === undefined
    ? null
    : { sow: join(folder, sow), weekly: join(folder, weekly), from: `the workbooks in ${folder}` }
}

/** Starts a server of its own, plays the main job on it, and cleans up; a problem when the story does not hold. */
export const demo =
  (terminal: Terminal, start: StartDemoServer, signal: AbortSignal) =>
  async (options: DemoOptions): Promise<Exit> => {
    const { say, complain } = terminal
    const found = options.synthetic ? null : await workbooksIn(resolve(options.data ?? BESIDE))
    if (options.data !== null && found === null) {
      complain('The folder holds no SOW (Drops_*.xlsx) beside a weekly report ("* WE<yymmdd>.xlsx")')
      complain(`  data: ${options.data}`)
      return EXIT.problem
    }
    const folder = await mkdtemp(join(tmpdir(), 'fibreflow-ticketing-demo-'))
    let server: DemoServer | null = null
    try {
      say(terminal.style('bold', 'fibreflow-ticketing: the main job, from a weekly report to a locked handover'))
      const workbooks = found ?? (await syntheticWorkbooks(folder))
      say(`  workbooks   ${workbooks.from}`)
      say(terminal.style('dim', '  a server is starting'))
      const started = await start(join(folder, 'data')).catch((error: Error) => error.message)
      if (typeof started === 'string') {
        complain(started)
        return EXIT.unavailable
      }
      server = started
      say(`  database    ${server.database}`)
      say(`  project     ${server.project.name} (${server.project.id})`)
      say(`  server      ${server.root}`)
      if (server.outside !== null)
        say('  outside     a QContact and a WhatsApp of its own, on this machine; nobody is called')
      const made = await play({
        terminal,
        workbooks,
        signal,
        ...server,
        between: options.pause ? () => terminal.ask('    (Enter)') : async () => '',
      })
      if (options.keep) await keep(terminal, server, made, signal)
      else say('To look around, leave the server running: npm run demo -- --keep')
      return EXIT.ok
    } catch (error) {
      if (signal.aborted) return EXIT.interrupted
      complain('')
      complain(terminal.style('red', error instanceof Error ? error.message : String(error)))
      return EXIT.problem
    } finally {
      await server?.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

const keep = async (
  { say }: Terminal,
  { root }: DemoServer,
  { repairId, escalationId }: Awaited<ReturnType<typeof play>>,
  signal: AbortSignal,
): Promise<void> => {
  say('The server stays until Ctrl-C. Look around, by the name of any of them:')
  say('')
  for (const [what, path, user] of [
    ['API page', 'docs', null],
    ['open tickets', 'tickets?status=open&pageSize=5', 'naledi'],
    ['the repair', `tickets/${repairId}`, 'naledi'],
    ['its timeline', `tickets/${repairId}/timeline`, 'lerato'],
    ['the escalation', `escalations/${escalationId}`, 'zanele'],
    ["thabo's tickets", 'tickets', 'thabo'],
    ['figures', 'dashboard/summary', 'naledi'],
    ['messages', 'notifications/status', 'naledi'],
    ['QContact', 'sync/qcontact/status', 'naledi'],
  ] as const)
    say(
      `  ${what.padEnd(15)} ${user === null ? `${root}/${path}` : `curl -s -H 'X-Local-User: ${user}' '${root}/${path}'`}`,
    )
  await new Promise<void>((stop) =>
    signal.aborted ? stop() : signal.addEventListener('abort', () => stop(), { once: true }),
  )
}
