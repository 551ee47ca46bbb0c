import { type Command, InvalidArgumentError, Option } from 'commander'
import { DELIVERY_STATUSES } from '../../domain/notification/delivery.ts'
import type { CommandLine } from './command-line.ts'
import type { Exit } from './exit.ts'
import { examples } from './help.ts'
import { listNotifications, sendingState, settleNotification } from './notifications.ts'

const uuid = (text: string): string => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError('It must be an id, such as notifications list shows it.')
  return text.toLowerCase()
}

const sentence = (text: string): string => {
  const said = text.trim()
  if (said === '' || said.length > 500) throw new InvalidArgumentError('It must have 1 to 500 characters.')
  return said
}

/** `notifications list|settle|state|on|off`. */
export const notificationCommands = (program: Command, line: CommandLine, done: (exit: Exit) => void): void => {
  const group = program
    .command('notifications')
    .description('What is told by WhatsApp: what became of it, what nobody knows, and the switch for all of it.')
    .addHelpText('after', examples('notifications list', 'notifications state'))
  const command = (name: string, description: string, ...lines: ReadonlyArray<string>): Command =>
    group
      .command(name)
      .description(description)
      .allowExcessArguments(false)
      .addHelpText('after', examples(...lines))
  const foreground = { background: false } as const
  const ID = '8f14e45f-ceea-467f-9f3b-2d1c0a9b8c7d'

  command('list', 'List them, newest first.', 'notifications list', 'notifications list --status unknown')
    .addOption(new Option('--status <status>', 'only those').choices(DELIVERY_STATUSES))
    .option('--ticket <id>', 'only those about one ticket', uuid)
    .action(async ({ status, ticket }) =>
      done(
        await line.withApplication(foreground, (app) =>
          listNotifications(line)(
            {
              ...(status === undefined ? {} : { status: [status] }),
              ...(ticket === undefined ? {} : { ticketId: ticket }),
            },
            app,
          ),
        ),
      ),
    )
  command('settle', 'Decide what nobody can know.', `notifications settle ${ID} --as sent`)
    .argument('<id>', 'its id', uuid)
    .addOption(
      new Option('--as <outcome>', 'send_again: knowing that it may then come twice')
        .choices(['sent', 'failed', 'send_again'])
        .makeOptionMandatory(),
    )
    .action(async (id: string, { as }) =>
      done(await line.withApplication(foreground, (app) => settleNotification(line)(id, as, app))),
    )
  command('state', 'Show whether messages go out, and what holds them up.', 'notifications state').action(async () =>
    done(await line.withApplication(foreground, (app) => sendingState(line)(null, app))),
  )
  for (const on of [true, false])
    command(
      on ? 'on' : 'off',
      on ? 'Let messages go out again.' : 'Stop all messages; they wait, and expire.',
      `notifications ${on ? 'on' : 'off'} --reason "${on ? 'the number is back' : 'the number is blocked'}"`,
    )
      .requiredOption('--reason <why>', 'kept with the switch', sentence)
      .action(async ({ reason }) =>
        done(await line.withApplication(foreground, (app) => sendingState(line)({ on, reason }, app))),
      )
}
