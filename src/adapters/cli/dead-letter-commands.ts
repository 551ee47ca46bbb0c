import { type Command, InvalidArgumentError } from 'commander'
import type { CommandLine } from './command-line.ts'
import { dropDeadLetter, listDeadLetters, retryDeadLetter, showDeadLetter } from './dead-letters.ts'
import type { Exit } from './exit.ts'
import { examples } from './help.ts'

const uuid = (text: string): string => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError('It must be an id as dead-letters list shows it.')
  return text.toLowerCase()
}

const pageNumber = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

const sentence = (text: string): string => {
  const said = text.trim()
  if (said === '' || said.length > 1_000) throw new InvalidArgumentError('It must have 1 to 1,000 characters.')
  return said
}

/** `dead-letters list|show|retry|drop`. */
export const deadLetterCommands = (program: Command, line: CommandLine, done: (exit: Exit) => void): void => {
  const dead = program
    .command('dead-letters')
    .description('Events that could not be handled in any attempt: read them, retry or drop them.')
    .addHelpText('after', examples('dead-letters list'))
  const command = (name: string, description: string, ...lines: ReadonlyArray<string>): Command =>
    dead
      .command(name)
      .description(description)
      .allowExcessArguments(false)
      .addHelpText('after', examples(...lines))
  const foreground = { background: false } as const
  const ID = '00000000-0000-0003-0004-9a368b2d404f'

  command('list', 'List them, latest first.', 'dead-letters list', 'dead-letters list --reaction anchor_after_handover')
    .option('--reaction <name>', 'only those of one reaction')
    .option('--page <number>', 'a hundred on each', pageNumber, 1)
    .action(async ({ reaction = null, page }) =>
      done(await line.withApplication(foreground, (app) => listDeadLetters(line)({ reaction, page }, app))),
    )
  command('show', 'Show one whole, with what was decided about it before.', `dead-letters show ${ID}`)
    .argument('<id>', 'its id', uuid)
    .action(async (id: string) => done(await line.withApplication(foreground, (app) => showDeadLetter(line)(id, app))))
  command(
    'retry',
    'Have it handled again, before what still waits of its ticket.',
    `dead-letters retry ${ID} --reason "the bucket is back"`,
  )
    .argument('<id>', 'its id', uuid)
    .requiredOption('--reason <why>', 'kept with the decision', sentence)
    .action(async (id: string, { reason }) =>
      done(await line.withApplication(foreground, (app) => retryDeadLetter(line)(id, reason, app))),
    )
  command('drop', 'Give it up for good.', `dead-letters drop ${ID} --reason "told by phone"`)
    .argument('<id>', 'its id', uuid)
    .requiredOption('--reason <why>', 'kept with the decision', sentence)
    .action(async (id: string, { reason }) =>
      done(await line.withApplication(foreground, (app) => dropDeadLetter(line)(id, reason, app))),
    )
}
