import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  parseTemplate,
  renderTemplate,
  type Template,
  type TemplateRefusal,
  type TemplateValues,
} from '../../domain/notification/template.ts'
import { builtIn, DEFAULT_TEMPLATES } from '../../domain/notification/template-defaults.ts'
import { exampleValues } from '../../domain/notification/template-example.ts'
import {
  TEMPLATE_KINDS,
  type TemplateKind,
  type VariableName,
  variablesOf,
} from '../../domain/notification/template-kinds.ts'
import { decisionValues, riskValues, ticketValues } from '../../domain/notification/template-values.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { QaDecision, Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import { loadOne, notFound, permit } from '../change.ts'
import { knowsProject } from '../directory/knows-project.ts'
import type { AppError, ApplicationRefusal } from '../errors.ts'
import type { OwnTemplates, StoredTemplates } from '../ports/template-store.ts'
import type { Principal } from '../principal.ts'
import { partiesKnown, type TellingDeps, ticketTold } from './notify-ticket.ts'

export type TemplateView = {
  readonly kind: TemplateKind
  readonly text: string
  /** Whether the project wrote it; else it is the built-in one. */
  readonly own: boolean
  readonly variables: ReadonlyArray<VariableName>
}
export type TemplatesView = {
  readonly projectId: string
  readonly version: number
  readonly changedBy: string | null
  readonly changedAt: Instant | null
  readonly templates: ReadonlyArray<TemplateView>
}
export type ChangeTemplates = {
  readonly projectId: string
  /** The version they were read with; 0 for a project that has none of its own. */
  readonly version: number
  /** What is left out has the built-in text from now on. */
  readonly texts: OwnTemplates
}
export type PreviewTemplate = {
  readonly projectId: string
  readonly kind: TemplateKind
  /** As it is being written; null shows the one in use. */
  readonly text: string | null
  /** Null shows an invented ticket. */
  readonly ticketId: TicketId | null
}
export type TemplatePreview = { readonly kind: TemplateKind; readonly text: string; readonly example: boolean }

/**
 * What is sent for a kind in this project. A text is judged when it is written; one that an earlier version took and this
 * one would refuse gives way to the built-in one, so that its message is never lost.
 */
export const templateIn = ({ own }: StoredTemplates, kind: TemplateKind): Template =>
  pipe(
    parseTemplate(kind, own[kind] ?? DEFAULT_TEMPLATES[kind]),
    E.getOrElse(() => builtIn[kind]),
  )

/** A template as it is named beside what was sent by it. */
export const nameOfTemplate = ({ own, version }: StoredTemplates, kind: TemplateKind): string =>
  own[kind] === undefined ? kind : `${kind} v${version}`

/** Every template of a project, its own and built-in ones, with the version to change them by. */
export const readTemplates =
  (deps: TellingDeps) =>
  (principal: Principal, projectId: string): TE.TaskEither<AppError, TemplatesView> =>
    pipe(
      mayChange(deps, principal, projectId),
      TE.flatMap(() => deps.templates.read(projectId)),
      TE.map(viewOf),
    )

/** Replaces the templates of a project; each is judged now, so that none is refused when something is to be sent. */
export const changeTemplates =
  (deps: TellingDeps) =>
  (principal: Principal, { projectId, version, texts }: ChangeTemplates): TE.TaskEither<AppError, TemplatesView> =>
    pipe(
      mayChange(deps, principal, projectId),
      TE.flatMap(() => TE.fromEither<AppError, OwnTemplates>(ownOf(texts))),
      TE.flatMap((own) => deps.templates.save({ projectId, version, own, by: principal.userId, at: deps.now() })),
      TE.map(viewOf),
    )

/** A template as it would be sent, filled with a ticket of the project or an invented one. */
export const previewTemplate =
  (deps: TellingDeps) =>
  (
    principal: Principal,
    { projectId, kind, text, ticketId }: PreviewTemplate,
  ): TE.TaskEither<AppError, TemplatePreview> =>
    pipe(
      mayChange(deps, principal, projectId),
      TE.flatMap(() =>
        text === null
          ? pipe(
              deps.templates.read(projectId),
              TE.map((stored) => templateIn(stored, kind)),
            )
          : TE.fromEither<AppError, Template>(
              pipe(
                parseTemplate(kind, text),
                E.mapLeft((refusal) => invalid('text', refusal)),
              ),
            ),
      ),
      TE.bindTo('template'),
      TE.bindW('values', () =>
        ticketId === null ? TE.right(exampleValues) : valuesOfTicket(deps, principal, projectId, kind, ticketId),
      ),
      TE.map(({ template, values }) => ({
        kind,
        text: renderTemplate(template, values),
        example: ticketId === null,
      })),
    )

const mayChange = (
  { directory }: TellingDeps,
  principal: Principal,
  projectId: string,
): TE.TaskEither<AppError, boolean> =>
  pipe(
    TE.fromEither<AppError, null>(allowed(principal, 'change_templates')),
    TE.flatMap(() => knowsProject(directory, projectId)),
    TE.filterOrElse(
      (isKnown) => isKnown,
      (): AppError => notFound('Project', projectId),
    ),
  )

const viewOf = ({ own, ...stored }: StoredTemplates): TemplatesView => ({
  ...stored,
  templates: TEMPLATE_KINDS.map((kind) => ({
    kind,
    text: own[kind] ?? DEFAULT_TEMPLATES[kind],
    own: own[kind] !== undefined,
    variables: variablesOf(kind),
  })),
})

const invalid = (field: string, { rule, value }: TemplateRefusal): ApplicationRefusal => ({
  type: 'FieldInvalid',
  field,
  rule,
  value: value.slice(0, 80).toWellFormed(),
})

/** Those that say something else than the built-in ones, or the first that cannot be sent. */
const ownOf = (texts: OwnTemplates): E.Either<ApplicationRefusal, OwnTemplates> => {
  const said = TEMPLATE_KINDS.flatMap((kind) => {
    const text = texts[kind]?.replaceAll('\r\n', '\n').trim()
    return text === undefined || text === DEFAULT_TEMPLATES[kind] ? [] : [[kind, text] as const]
  })
  const refusal = said.flatMap(([kind, text]) => {
    const template = parseTemplate(kind, text)
    return E.isLeft(template) ? [invalid(`templates.${kind}`, template.left)] : []
  })[0]
  return refusal === undefined ? E.right(Object.fromEntries(said)) : E.left(refusal)
}

/** The ticket's own; what it has not met yet, such as a rejection, is shown as invented. */
const valuesOfTicket = (
  deps: TellingDeps,
  principal: Principal,
  projectId: string,
  kind: TemplateKind,
  ticketId: TicketId,
): TE.TaskEither<AppError, TemplateValues> =>
  pipe(
    loadOne(deps, ticketId),
    TE.tap(({ ticket }) => TE.fromEither(permit(principal, 'read_ticket', ticket))),
    TE.filterOrElse(
      ({ ticket }) => ticket.projectId === projectId,
      (): AppError => notFound('Ticket', ticketId),
    ),
    TE.bindTo('stored'),
    TE.bindW('known', ({ stored }) => partiesKnown(deps, stored, null)),
    TE.map(({ stored, known }) => {
      const told = ticketTold(deps, stored, known)
      const client = kind === 'client_update' ? (stored.client?.name ?? null) : null
      return {
        ...exampleValues,
        ...ticketValues({ ...told, names: { ...told.names, client } }),
        ...lately(kind, stored.ticket),
      }
    }),
  )

/** What last happened to the ticket of what this kind tells. */
const lately = (kind: TemplateKind, { decisions, risks }: Ticket): TemplateValues => {
  const last = (wanted: QaDecision['kind']): TemplateValues => {
    const decision = decisions.findLast((one) => one.kind === wanted)
    return decision === undefined ? {} : decisionValues(decision)
  }
  const risk = risks.at(-1)
  if (kind === 'qa_rejection') return last('rejected')
  if (kind === 'gate_return') return last('returned_from_gate')
  return risk === undefined ? {} : riskValues(risk)
}
