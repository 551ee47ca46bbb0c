import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/lib/Either.js'
import { PLATFORMS, type Platform } from '../../domain/readiness/readiness.ts'
import { parseDropNumber } from '../../domain/shared/drop.ts'
import { exportBundle, verifyBundleFile } from './bundle.ts'
import type { CommandLine } from './command-line.ts'
import { deadLetterCommands } from './dead-letter-commands.ts'
import { directoryCommands } from './directory-commands.ts'
import { EXIT, EXIT_HELP, type Exit } from './exit.ts'
import { withFile } from './file.ts'
import { examples } from './help.ts'
import { importPlatformWorkbook } from './import-platform.ts'
import { importReport } from './import-report.ts'
import { judgePhotos } from './judge-photos.ts'
import { listKeys, rotateKey } from './keys.ts'
import { notificationCommands } from './notification-commands.ts'
import { reconcile } from './reconcile.ts'
import { eraseSubject, exportSubject, type Named } from './subject.ts'
import { syncCommands } from './sync-commands.ts'
import { templateCommands } from './template-commands.ts'
import { timers } from './timers.ts'
import { verifySeals } from './verify.ts'

const day = (text: string): string => {
  const at = new Date(`${text}T00:00:00.000Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError('It must be a day, such as 2025-11-14.')
  return text
}

const instant = (text: string): string => {
  const at = new Date(text)
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('It must be a moment with its zone, such as 2025-11-14T08:00:00Z.')
  return at.toISOString()
}

const drop = (text: string): string => {
  const dr = parseDropNumber(text)
  if (E.isLeft(dr)) throw new InvalidArgumentError('It must be a drop number, such as DR1729500.')
  return dr.right
}

type NamedBy = { readonly project?: string; readonly dr?: string; readonly ticket?: string }
const namedSubject = ({ project, dr, ticket }: NamedBy, command: Command): Named => {
  if (ticket !== undefined) return { ticket }
  if (project === undefined || dr === undefined)
    return command.error('error: name the client by --project and --dr, or by --ticket where a ticket has no drop')
  return { project, dr, ticket: null }
}

const PLATFORM_HELP: { readonly [P in Platform]: string } = {
  sow: 'the design: which drop hangs on which pole, PON and zone (sheet HLD_Home)',
  sharepoint: 'the QA sheet of SharePoint',
  tracker: 'the status tracker (sheet Tracker_Home)',
}

const build = (line: CommandLine, done: (exit: Exit) => void): Command => {
  const { terminal } = line
  const program = new Command('ticketing')
    .description('Ticketing for a fibre network: weekly report to locked handover, with proof.')
    .version(line.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.say(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    })
    .showHelpAfterError('Add --help to see how it is used.')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `\nSettings come from the environment: DATABASE_URL, DATA_DIR, HOST, PORT, LOG_LEVEL (see README).\n\n${EXIT_HELP}`,
    )

  const trustedKey = (text: string, before: ReadonlyArray<string>): ReadonlyArray<string> => {
    const keyId = line.keyIdNamed(text)
    if (keyId === null)
      throw new InvalidArgumentError('It must be an Ed25519 key: its id, its public key, or a PEM file.')
    return [...before, keyId]
  }

  const command = (name: string, description: string, ...lines: ReadonlyArray<string>): Command =>
    program
      .command(name)
      .description(description)
      .allowExcessArguments(false)
      .addHelpText('after', examples(...lines))

  command('serve', 'Start the server and stay.', 'serve').action(async () => done(await line.serve()))
  command(
    'worker',
    'Do the background work without a server, beside others; any number of them, on any machine.',
    'worker',
  ).action(async () => done(await line.worker()))
  command('migrate', "Bring the database to this version's schema.", 'migrate').action(async () =>
    done(await line.migrate()),
  )
  command(
    'import',
    'Import a weekly report: shows what becomes of each row, then commits.',
    'import "Lawley WE251114.xlsx"',
    'import report.xlsx --project lawley --report-date 2025-11-14 --yes',
  )
    .argument('<workbook>', 'an xlsx file, either layout')
    .option('--project <id>', 'id, code or name of the project; default: from the name of the file')
    .option('--report-date <day>', 'last day of the reported week; default: from the name of the file', day)
    .option('--yes', 'commit without asking', false)
    .action(async (file: string, { project = null, reportDate = null, yes }) =>
      done(
        await withFile(line, { file, background: true }, (application) =>
          importReport(line)({ file, project, reportDate, yes }, application),
        ),
      ),
    )
  for (const platform of PLATFORMS)
    command(platform, `Import ${PLATFORM_HELP[platform]}.`, `${platform} ${platform}.xlsx --project lawley`)
      .argument('<workbook>', 'an xlsx file; it takes the place of the one before')
      .requiredOption('--project <id>', 'the project it belongs to')
      .action(async (file: string, { project }) =>
        done(
          await withFile(line, { file, background: false }, (application) =>
            importPlatformWorkbook(line)({ platform, file, project }, application),
          ),
        ),
      )
  directoryCommands(program, line, done)
  notificationCommands(program, line, done)
  templateCommands(program, line, done)
  command(
    'verify',
    'Recompute every seal, signature and anchor of the handover snapshots; says exactly what is wrong and where.',
    'verify',
    'verify --project lawley',
    'verify --ticket FT1000042',
    'verify --bundle lawley.ndjson --trusted-key signing-key-public.pem    # offline, without a database',
  )
    .addOption(new Option('--project <id>', 'one project only').conflicts('ticket'))
    .option('--ticket <number>', 'one ticket only, by its number (FT…) or id')
    .addOption(
      new Option('--bundle <file>', 'an exported bundle instead of the database').conflicts(['project', 'ticket']),
    )
    .option(
      '--trusted-key <key>',
      'a key to trust: its id, its public key, or a PEM file; may be repeated',
      trustedKey,
      [],
    )
    .option('--anchors <folder>', 'with --bundle: a folder of anchors fetched by yourself, which count too')
    .option('--tsa-ca <file>', 'with --bundle: certificates (PEM) that time stamps must lead to')
    .action(
      async ({ project = null, ticket = null, bundle = null, trustedKey: trusted, anchors = null, tsaCa = null }) =>
        done(
          bundle === null
            ? await line.withApplication({ background: false }, (application) =>
                verifySeals(line)({ project, ticket, trusted }, application),
              )
            : await verifyBundleFile(line)({ bundle, trusted, anchors, tsaCa }),
        ),
    )
  command(
    'export',
    'Write a project’s sealed snapshots with keys and anchors to a file that can be verified anywhere.',
    'export --project lawley --out lawley.ndjson',
  )
    .requiredOption('--project <id>', 'the project')
    .requiredOption('--out <file>', 'a new file; one that is there is not written over')
    .action(async ({ project, out }) =>
      done(
        await line.withApplication({ background: false }, (application) =>
          exportBundle(line)({ project, out }, application),
        ),
      ),
    )
  const keys = program.command('keys').description('The keys that sign snapshots.').allowExcessArguments(false)
  keys
    .command('list')
    .description('Every public key on record, and which of them signs now.')
    .addHelpText('after', examples('keys list'))
    .action(async () => done(await line.withApplication({ background: false }, listKeys(line))))
  keys
    .command('rotate')
    .description('Make a new signing key take over. Earlier public keys stay, and vouch for the new one.')
    .addHelpText('after', examples('keys rotate'))
    .action(async () => done(await line.withApplication({ background: false }, rotateKey(line))))
  const subject = program
    .command('subject')
    .description('What is held about a client: the client of a project’s drop.')
    .allowExcessArguments(false)
  const subjectCommand = (name: string, description: string): Command =>
    subject
      .command(name)
      .description(description)
      .option('--project <id>', 'the project, with --dr')
      .option('--dr <number>', 'the drop, such as DR1729500', drop)
      .addOption(
        new Option('--ticket <number>', 'a ticket without a drop, by its number (FT…) or id').conflicts([
          'project',
          'dr',
        ]),
      )
  subjectCommand(
    'export',
    'Write everything held about a client to a new folder: its data, its photos and documents as they came.',
  )
    .requiredOption('--out <folder>', 'a new folder; one that is there is not written into')
    .addHelpText(
      'after',
      examples(
        'subject export --project lawley --dr DR1729500 --out thandi',
        'subject export --ticket FT1000042 --out ft1000042',
      ),
    )
    .action(async ({ out, ...options }, self: Command) => {
      const named = namedSubject(options, self)
      done(
        await line.withApplication({ background: false }, (application) =>
          exportSubject(line)({ ...named, out }, application),
        ),
      )
    })
  subjectCommand(
    'erase',
    'Erase a client for good: data, texts, photos and documents. Sealed handovers stay and still verify.',
  )
    .requiredOption('--reason <text>', 'why; it is kept')
    .option('--yes', 'erase without asking', false)
    .addHelpText('after', examples('subject erase --project lawley --dr DR1729500 --reason "asked to be forgotten"'))
    .action(async ({ reason, yes, ...options }, self: Command) => {
      const named = namedSubject(options, self)
      done(
        await line.withApplication({ background: false }, (application) =>
          eraseSubject(line)({ ...named, reason, yes }, application),
        ),
      )
    })
  deadLetterCommands(program, line, done)
  syncCommands(program, line, done)
  command(
    'timers',
    'Do what time sets off: SLA marks, risk warnings, expiry and escalation.',
    'timers',
    'timers --now 2026-03-01T06:00:00Z',
  )
    .option('--now <moment>', 'as of this moment instead of the present one', instant)
    .action(async ({ now = null }) =>
      done(await line.withApplication({ background: false }, (application) => timers(line)(now, application))),
    )
  command(
    'reconcile',
    'Compare what the records say is stored with what the evidence storage has; repairs nothing.',
    'reconcile',
    'reconcile --contents    # reads every stored object again: as long as it takes to read them all',
  )
    .option('--contents', 'also read every object and compare its hash with the recorded one', false)
    .action(async ({ contents }) =>
      done(
        await line.withApplication({ background: false }, (application) => reconcile(line)({ contents }, application)),
      ),
    )
  command(
    'judge-photos',
    'Judge again the photos that an earlier version judged, or that were not judged to the end.',
    'judge-photos',
  ).action(async () =>
    done(await line.withApplication({ background: false }, (application) => judgePhotos(line)(application))),
  )
  command(
    'demo',
    'Play the whole main job over HTTP, on a server and database of its own.',
    'demo',
    'demo --keep        # leave the server running afterwards, to look around',
    'demo --data ~/reports --pause',
  )
    .option('--keep', 'leave the server running until Ctrl-C', false)
    .option('--data <folder>', 'where a SOW (Drops_*.xlsx) and a weekly report ("* WE<yymmdd>.xlsx") are')
    .option('--synthetic', 'use made-up workbooks even where real ones are', false)
    .option('--pause', 'wait for Enter before each chapter', false)
    .action(async ({ keep, data = null, synthetic, pause }) => done(await line.demo({ keep, data, synthetic, pause })))
  return program
}

/** Runs one command line, without the program's own name, and gives the code the process ends with. */
export const runCommandLine = async (line: CommandLine, words: ReadonlyArray<string>): Promise<Exit> => {
  let exit: Exit = EXIT.ok
  const program = build(line, (code) => {
    exit = code
  })
  try {
    if (words.length === 0) {
      program.outputHelp()
      return EXIT.usage
    }
    await program.parseAsync([...words], { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    throw error
  }
}
