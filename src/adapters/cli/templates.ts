import { readFile } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../../application/errors.ts'
import type { TemplatesView, TemplateView } from '../../application/notification/templates.ts'
import type { OwnTemplates } from '../../application/ports/template-store.ts'
import type { TemplateKind } from '../../domain/notification/template-kinds.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'
import { ticketNamed } from './ticket-named.ts'

type Speak = { readonly terminal: Terminal; readonly explain: Explain }
export type OneTemplate = { readonly project: string; readonly kind: TemplateKind }

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

/** Every template of a project in short. */
export const listTemplates =
  ({ terminal, explain }: Speak) =>
  async (project: string, { principal, templates }: Application): Promise<Exit> => {
    const found = await templates.read(principal, project)()
    if (E.isLeft(found)) return refuse(terminal, explain(found.left))
    for (const line of table(
      found.right.templates.map(({ kind, own, text }) => [kind, own ? 'own' : 'built in', firstLine(text)]),
    ))
      terminal.say(line)
    return EXIT.ok
  }

/** One template as it is written, and what it may name. */
export const showTemplate =
  ({ terminal, explain }: Speak) =>
  async ({ project, kind }: OneTemplate, { principal, templates }: Application): Promise<Exit> => {
    const found = await templates.read(principal, project)()
    if (E.isLeft(found)) return refuse(terminal, explain(found.left))
    for (const { text, variables } of found.right.templates.filter((one) => one.kind === kind)) {
      terminal.say(text)
      terminal.say('')
      terminal.say(`It may name: ${variables.join(', ')}`)
    }
    return EXIT.ok
  }

/** A file's text becomes the project's template of that kind; without a file it has the built-in one again. */
export const setTemplate =
  ({ terminal, explain }: Speak) =>
  async (
    { project, kind, file }: OneTemplate & { readonly file: string | null },
    { principal, templates }: Application,
  ): Promise<Exit> => {
    const text = file === null ? null : await readFile(file, 'utf8')
    const changed = await pipe(
      templates.read(principal, project),
      TE.flatMap((found) =>
        templates.change(principal, {
          projectId: project,
          version: found.version,
          texts: { ...ownIn(found, kind), ...(text === null ? {} : { [kind]: text }) },
        }),
      ),
    )()
    if (E.isLeft(changed)) return refuse(terminal, explain(changed.left))
    const isOwn = changed.right.templates.some((one) => one.kind === kind && one.own)
    terminal.say(`${project} says ${kind} ${isOwn ? 'in words of its own' : 'in the built-in words'} now.`)
    return EXIT.ok
  }

const ownIn = ({ templates }: TemplatesView, but: TemplateKind): OwnTemplates =>
  Object.fromEntries(
    templates.filter(({ kind, own }: TemplateView) => own && kind !== but).map(({ kind, text }) => [kind, text]),
  )

export type Shown = OneTemplate & { readonly file: string | null; readonly ticket: string | null }

/** A message as it would be sent; nothing is. */
export const previewTemplate =
  ({ terminal, explain }: Speak) =>
  async ({ project, kind, file, ticket }: Shown, application: Application): Promise<Exit> => {
    const text = file === null ? null : await readFile(file, 'utf8')
    const shown = await pipe(
      ticket === null ? TE.right<AppError, string | null>(null) : ticketNamed(application, ticket),
      TE.flatMap((ticketId) =>
        application.templates.preview(application.principal, { projectId: project, kind, text, ticketId }),
      ),
    )()
    if (E.isLeft(shown)) return refuse(terminal, explain(shown.left))
    terminal.say(shown.right.text)
    return EXIT.ok
  }
