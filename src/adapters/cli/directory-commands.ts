import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/lib/Either.js'
import { parsePhone } from '../../application/directory/phone.ts'
import type { Known } from '../../application/ports/directory.ts'
import { ROLES } from '../../application/principal.ts'
import { withoutDeviceLogin } from '../../domain/shared/drop.ts'
import type { CommandLine } from './command-line.ts'
import { changeDirectory, importDirectoryWorkbook, KINDS, type Kind, listDirectory } from './directory.ts'
import type { Exit } from './exit.ts'
import { withFile } from './file.ts'
import { examples } from './help.ts'

const phone = (text: string): string => {
  const parsed = parsePhone(text)
  if (E.isLeft(parsed)) throw new InvalidArgumentError('It must be a telephone number, such as 082 555 0123.')
  return parsed.right
}

const id = (text: string): string => {
  if (!/^[\w.:@-]{1,255}$/.test(text)) throw new InvalidArgumentError('It must be letters, digits and . : @ _ - only.')
  return text
}

const ids = (text: string): ReadonlyArray<string> => text.split(',').map((one) => id(one.trim()))

const name = (text: string): string => {
  const trimmed = withoutDeviceLogin(text).trim()
  if (trimmed === '' || trimmed.length > 255 || /\p{Cc}/u.test(trimmed))
    throw new InvalidArgumentError('It must be a name of at most 255 characters.')
  return trimmed
}

/** `directory list | import | add-…`. */
export const directoryCommands = (program: Command, line: CommandLine, done: (exit: Exit) => void): void => {
  const directory = program
    .command('directory')
    .description('Who people, contractors, teams and projects are.')
    .addHelpText('after', examples('directory list people', 'directory import staff.xlsx'))
  const command = (named: string, description: string, ...lines: ReadonlyArray<string>): Command =>
    directory
      .command(named)
      .description(description)
      .allowExcessArguments(false)
      .addHelpText('after', examples(...lines))
  const change = async (incoming: Partial<Known>): Promise<void> =>
    done(
      await line.withApplication({ background: false }, (application) => changeDirectory(line)(incoming, application)),
    )

  command('list', 'Show what the directory knows.', 'directory list', 'directory list projects')
    .addArgument(new Argument('[kind]', 'what to show; default: everything').choices(KINDS))
    .action(async (kind: Kind | undefined) =>
      done(
        await line.withApplication({ background: false }, (application) =>
          listDirectory(line)(kind === undefined ? KINDS : [kind], application),
        ),
      ),
    )
  command(
    'import',
    'Take the sheets People, Contractors, Teams and Projects of a workbook.',
    'directory import staff.xlsx',
  )
    .argument('<workbook>', 'an xlsx file; a row replaces the entry of its id')
    .action(async (file: string) =>
      done(
        await withFile(line, { file, background: false }, (application) =>
          importDirectoryWorkbook(line)(file, application),
        ),
      ),
    )
  command(
    'add-person',
    'Add a person, or replace the one of this id.',
    'directory add-person thandi "Thandi Zulu" --role technician --contractor ubuntu-fibre --phone "082 555 0123"',
  )
    .argument('<id>', 'how the person signs in', id)
    .argument('<name>', 'first and last name', name)
    .addOption(new Option('--role <role>', 'what the person may do').choices(ROLES).makeOptionMandatory())
    .option('--contractor <id>', 'whom the person works for', id)
    .option('--phone <number>', 'where messages go', phone)
    .option('--email <address>', 'for the record', name)
    .action((personId: string, called: string, { role, contractor = null, phone: number = null, email = null }) =>
      change({ people: [{ id: personId, name: called, role, contractorId: contractor, phone: number, email }] }),
    )
  command(
    'add-contractor',
    'Add a contractor, or replace the one of this id.',
    'directory add-contractor ubuntu-fibre "Ubuntu Fibre"',
  )
    .argument('<id>', 'its id', id)
    .argument('<name>', 'its name', name)
    .option('--own', 'the company itself, not a contractor of it', false)
    .option('--phone <number>', 'where messages go', phone)
    .option('--group <id>', 'WhatsApp group', id)
    .action((contractorId: string, called: string, { own, phone: number = null, group = null }) =>
      change({ contractors: [{ id: contractorId, name: called, phone: number, groupId: group, isOwn: own }] }),
    )
  command(
    'add-team',
    'Add a team, or replace the one of this id.',
    'directory add-team law1 "Lawley 1" --contractor ubuntu-fibre --members thabo,thandi',
  )
    .argument('<id>', 'its id', id)
    .argument('<name>', 'its name', name)
    .option('--contractor <id>', 'whose team it is', id)
    .option('--members <ids>', 'people, with commas between', ids)
    .option('--phone <number>', 'where messages go', phone)
    .option('--group <id>', 'WhatsApp group', id)
    .action((teamId: string, called: string, { contractor = null, members = [], phone: number = null, group = null }) =>
      change({
        teams: [
          { id: teamId, name: called, contractorId: contractor, memberIds: members, phone: number, groupId: group },
        ],
      }),
    )
  command(
    'add-project',
    'Add a project, or replace the one of this id.',
    'directory add-project lawley LAW "Lawley" --manager naledi',
  )
    .argument('<id>', 'its id', id)
    .argument('<code>', 'short name used in report numbers', (text: string) => id(text).toUpperCase())
    .argument('<name>', 'its name', name)
    .option('--manager <id>', 'who is told', id)
    .option('--group <id>', 'WhatsApp group', id)
    .action((projectId: string, code: string, called: string, { manager = null, group = null }) =>
      change({ projects: [{ id: projectId, code, name: called, managerId: manager, groupId: group }] }),
    )
}
