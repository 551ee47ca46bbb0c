import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { createTicket, type NewTicket } from '../../domain/ticket/create-ticket.ts'
import type { TicketId, TicketType } from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import { allowed } from '../allowed.ts'
import { settle } from '../change.ts'
import { knowsProject, UNASSIGNED_PROJECT } from '../directory/knows-project.ts'
import type { AppError } from '../errors.ts'
import type { Client, Creation, ProjectContext } from '../ports/ticket-store.ts'
import type { RemoteTicket } from '../ports/ticket-system.ts'
import { filledFromSow } from '../ticket/create-ticket.ts'
import { qcontactService, type SyncDeps, type SyncSetup } from './setup.ts'

const TITLE_LENGTH = 255

/** A case that is finished when it is first seen is history and becomes no ticket. */
export const isImportable = ({ values }: RemoteTicket): boolean => values.status !== 'Solved'

/** `Connectivity::ONTMove` and `General|Maintenance` say it with their last word. */
const typeOf = ({ types }: SyncSetup, { category }: RemoteTicket): TicketType =>
  types[category?.split(/::|\|/).at(-1)?.trim() ?? ''] ?? 'maintenance'

/** The one project whose design has the drop; else the tenant's own; else none. */
const projectOf = (deps: SyncDeps, dr: string | null | undefined): TE.TaskEither<AppError, string> => {
  const configured = pipe(
    knowsProject(deps.directory, deps.setup.project),
    TE.map((known) => (known ? deps.setup.project : UNASSIGNED_PROJECT)),
  )
  return dr == null
    ? configured
    : pipe(
        deps.sow.rowsOf(dr, null),
        TE.flatMap(({ rows }) => {
          const [first, ...others] = new Set(rows.map(({ projectId }) => projectId))
          return first === undefined || others.length > 0 ? configured : TE.right(first)
        }),
      )
}

const clientOf = ({ values }: RemoteTicket): Client | null => {
  const { client_name: name = null, client_phone: phone = null, client_email: email = null } = values
  return name === null && phone === null && email === null ? null : { name, phone, email }
}

const begin = (
  deps: SyncDeps,
  remote: RemoteTicket,
  projectId: string,
  context: ProjectContext,
  said: { readonly id: TicketId; readonly uid: string | null; readonly followUpOf: TicketId | null },
): E.Either<AppError, Creation> => {
  const at = deps.now()
  const { values } = remote
  const ticket: NewTicket = {
    ...said,
    projectId,
    type: typeOf(deps.setup, remote),
    source: 'qcontact',
    externalId: remote.id,
    importKey: null,
    priority: 'normal',
    title: (remote.title ?? remote.reference ?? `QContact case ${remote.id}`).slice(0, TITLE_LENGTH),
    description: values.description ?? null,
    address: values.address ?? null,
    gps: null,
    place: filledFromSow({ dr: values.dr_number ?? null, pole: null, pon: null, zone: null }, context),
    equipment: { ontSerial: values.ont_serial ?? null, ontRx: null, ontModel: null, upsSerial: null },
    cause: null,
    component: null,
    causeDetails: null,
    paperwork: false,
    weeklyNote: null,
    assignment: null,
    stepOverrides: context.settings.stepOverrides,
    sourceCreatedAt: remote.createdAt !== null && remote.createdAt <= at ? remote.createdAt : null,
    stepIds: STEP_KEYS.map(() => deps.newId()),
  }
  return pipe(
    createTicket({ id: ticket.id, at, by: qcontactService.userId, byAPerson: false, ticket }),
    E.map(([begun, events]) => ({
      ticket: settle(deps, context, begun, at),
      events: events.map((event) => ({ ...event, id: deps.newId() })),
      client: clientOf(remote),
      factsVersion: context.facts.version,
    })),
  )
}

/** What a report may call it. */
const numbersOf = ({ id, reference }: RemoteTicket): ReadonlyArray<string> =>
  reference === null ? [id] : [reference, id]

const ATTEMPTS = 8

/**
 * A case becomes a ticket, open, by the rules of every ticket; without a known drop it is one, too, and not ready until
 * that is resolved. A ticket that was reported by the number of the case is the one. Told again it is the same ticket;
 * one that was deleted since stays deleted (null).
 */
export const ticketFromCase =
  (deps: SyncDeps) =>
  (
    remote: RemoteTicket,
    { id, followUpOf }: { readonly id: TicketId; readonly followUpOf: TicketId | null },
  ): TE.TaskEither<AppError, TicketId | null> => {
    const attempt = (uid: string | null, left: number): TE.TaskEither<AppError, TicketId | null> =>
      pipe(
        TE.fromEither<AppError, null>(allowed(qcontactService, 'create_ticket')),
        TE.flatMap(() => projectOf(deps, remote.values.dr_number)),
        TE.bindTo('projectId'),
        TE.bindW('context', ({ projectId }) => deps.tickets.context(projectId, remote.values.dr_number ?? null)),
        TE.bindW('creation', ({ projectId, context }) =>
          TE.fromEither(begin(deps, remote, projectId, context, { id, uid, followUpOf })),
        ),
        TE.flatMap(({ creation }) => deps.tickets.commitCase(creation, numbersOf(remote))),
        TE.map((made): TicketId | null => made),
        TE.orElse((error) => {
          if (error.type === 'Stale' && left > 1) return attempt(uid, left - 1)
          return error.type === 'AlreadyExists' ? madeBefore(uid, left, error) : TE.left(error)
        }),
      )
    const madeBefore = (uid: string | null, left: number, error: AppError): TE.TaskEither<AppError, TicketId | null> =>
      pipe(
        deps.tickets.load([id], { deleted: true }),
        TE.flatMap(([found]) => {
          if (found !== undefined) return TE.right(found.ticket.deletedAt === null ? id : null)
          // Another ticket has this number already: this one gets a number of ours.
          return uid !== null && left > 1 ? attempt(null, left - 1) : TE.left(error)
        }),
      )
    return attempt(followUpOf === null ? remote.reference : null, ATTEMPTS)
  }
