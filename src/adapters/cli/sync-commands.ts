import { type Command, InvalidArgumentError, Option } from 'commander'
import { RESOLUTIONS, type Resolution } from '../../application/ports/sync-desk.ts'
import type { CommandLine } from './command-line.ts'
import type { Exit } from './exit.ts'
import { examples } from './help.ts'
import { listSyncConflicts, listSyncLog, resolveSyncConflict, runSync, showSync } from './sync.ts'

const uuid = (text: string): string => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError('It must be an id as sync conflicts shows it.')
  return text.toLowerCase()
}

const pageNumber = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

/** `sync run|status|conflicts|resolve|log`. */
export const syncCommands = (program: Command, line: CommandLine, done: (exit: Exit) => void): void => {
  const sync = program
    .command('sync')
    .description('Keep in step with QContact: run, see how it stands, decide conflicts.')
  sync.addHelpText('after', examples('sync status', 'sync run'))
  const command = (name: string, description: string, ...lines: ReadonlyArray<string>): Command =>
    sync
      .command(name)
      .description(description)
      .allowExcessArguments(false)
      .addHelpText('after', examples(...lines))
  const foreground = { background: false } as const

  command(
    'run',
    'Compare every case with its ticket and repair what differs; stays until it is done.',
    'sync run',
    'sync run --changes',
    'sync run --ticket FT657323',
  )
    .addOption(new Option('--changes', 'only what its list shows to have changed').default(false).conflicts('ticket'))
    .option('--ticket <number>', 'one ticket only, by its number (FT…) or id')
    .action(async ({ changes, ticket = null }) =>
      done(await line.withApplication({ background: true }, (app) => runSync(line)({ changes, ticket }, app))),
    )
  command('status', 'How the exchange stands.', 'sync status').action(async () =>
    done(await line.withApplication(foreground, (app) => showSync(line)(app))),
  )
  command('conflicts', 'What the two sides could not agree on and nobody has decided.', 'sync conflicts')
    .option('--page <number>', 'a hundred on each', pageNumber, 1)
    .action(async ({ page }) =>
      done(await line.withApplication(foreground, (app) => listSyncConflicts(line)(page, app))),
    )
  command(
    'resolve',
    'Decide a conflict.',
    'sync resolve 7d1f2c7e-5b1a-4a57-9f0e-4b8a3f6d2c11 --as keep_ours',
    'sync resolve 7d1f2c7e-5b1a-4a57-9f0e-4b8a3f6d2c11 --as noted --notes "told the client"',
  )
    .argument('<id>', 'its id', uuid)
    .addOption(new Option('--as <resolution>', 'what counts').choices([...RESOLUTIONS]).makeOptionMandatory())
    .option('--notes <text>', 'kept with the decision')
    .action(async (id: string, { as, notes = null }: { readonly as: Resolution; readonly notes?: string | null }) =>
      done(
        await line.withApplication(foreground, (app) => resolveSyncConflict(line)(id, { resolution: as, notes }, app)),
      ),
    )
  command('log', 'The latest exchanges, without anything personal.', 'sync log')
    .option('--page <number>', 'a hundred on each', pageNumber, 1)
    .action(async ({ page }) => done(await line.withApplication(foreground, (app) => listSyncLog(line)(page, app))))
}
