import { Argument, type Command } from 'commander'
import { TEMPLATE_KINDS, type TemplateKind } from '../../domain/notification/template-kinds.ts'
import type { Application } from './application.ts'
import type { CommandLine } from './command-line.ts'
import type { Exit } from './exit.ts'
import { withFile } from './file.ts'
import { examples } from './help.ts'
import { listTemplates, previewTemplate, setTemplate, showTemplate } from './templates.ts'

const kind = (): Argument => new Argument('<kind>', 'what it is about').choices(TEMPLATE_KINDS)

/** `templates list | show | set | reset | preview`. */
export const templateCommands = (program: Command, line: CommandLine, done: (exit: Exit) => void): void => {
  const templates = program
    .command('templates')
    .description('What the WhatsApp messages of a project say.')
    .addHelpText('after', examples('templates list --project lawley', 'templates preview assignment --project lawley'))
  const command = (named: string, description: string, ...lines: ReadonlyArray<string>): Command =>
    templates
      .command(named)
      .description(description)
      .allowExcessArguments(false)
      .requiredOption('--project <id>', 'the project')
      .addHelpText('after', examples(...lines))
  const open = async (file: string | null, work: (application: Application) => Promise<Exit>): Promise<void> =>
    done(
      await (file === null
        ? line.withApplication({ background: false }, work)
        : withFile(line, { file, background: false }, work)),
    )

  command('list', 'Show every template in short.', 'templates list --project lawley').action(
    ({ project }: { readonly project: string }) =>
      open(null, (application) => listTemplates(line)(project, application)),
  )
  command('show', 'Show one template and what it may name.', 'templates show qa_rejection --project lawley')
    .addArgument(kind())
    .action((of: TemplateKind, { project }: { readonly project: string }) =>
      open(null, (application) => showTemplate(line)({ project, kind: of }, application)),
    )
  command('set', 'Let the text of a file be the template.', 'templates set qa_rejection words.txt --project lawley')
    .addArgument(kind())
    .argument('<file>', 'a text file; variables as in {{ticket_uid}}')
    .action((of: TemplateKind, file: string, { project }: { readonly project: string }) =>
      open(file, (application) => setTemplate(line)({ project, kind: of, file }, application)),
    )
  command('reset', 'Go back to the built-in template.', 'templates reset qa_rejection --project lawley')
    .addArgument(kind())
    .action((of: TemplateKind, { project }: { readonly project: string }) =>
      open(null, (application) => setTemplate(line)({ project, kind: of, file: null }, application)),
    )
  command(
    'preview',
    'Show a message as it would be sent; sends nothing.',
    'templates preview qa_rejection --project lawley',
    'templates preview qa_rejection --project lawley --ticket FT1000042 --file words.txt',
  )
    .addArgument(kind())
    .option('--file <file>', 'a template being written, instead of the one in use')
    .option('--ticket <number>', 'a ticket of the project, instead of an invented one')
    .action((of: TemplateKind, { project, file = null, ticket = null }) =>
      open(file, (application) => previewTemplate(line)({ project, kind: of, file, ticket }, application)),
    )
}
