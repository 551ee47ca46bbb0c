import type * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { FaultCause, FaultComponent } from '../../domain/fault/fault.ts'
import { createTicket as decide, type NewTicket, saidByAPerson } from '../../domain/ticket/create-ticket.ts'
import type {
  Assignment,
  Common,
  Equipment,
  Place,
  Priority,
  Source,
  Ticket,
  TicketId,
  TicketType,
} from '../../domain/ticket/ticket.ts'
import { STEP_KEYS } from '../../domain/verification/steps.ts'
import { allowed } from '../allowed.ts'
import { type ChangeDeps, settle } from '../change.ts'
import { UNASSIGNED_PROJECT } from '../directory/knows-project.ts'
import type { AppError } from '../errors.ts'
import type { Directory } from '../ports/directory.ts'
import type { Client, ProjectContext, Recorded, Stored } from '../ports/ticket-store.ts'
import { isAPerson, type Principal } from '../principal.ts'
import { assigneesAsked, assigneesKnown } from './check-assignees.ts'

/** What someone says when logging a ticket. What the SOW knows of the drop is filled in where nothing is said. */
export type CreateTicket = {
  /** Made by the client, so that the same request sent twice is one ticket; null to have one made. */
  readonly id: TicketId | null
  readonly projectId: string
  readonly type: TicketType
  readonly source: Source
  readonly externalId: string | null
  readonly priority: Priority
  readonly title: string
  readonly description: string | null
  readonly address: string | null
  readonly gps: Common['gps']
  readonly place: Place
  readonly equipment: Omit<Equipment, 'ontSerialAt'>
  readonly cause: FaultCause | null
  readonly component: FaultComponent | null
  readonly causeDetails: string | null
  readonly assignment: Assignment | null
  readonly followUpOf: TicketId | null
  readonly client: Client | null
}

export type CreateDeps = ChangeDeps & { readonly directory: Directory }

const ATTEMPTS = 8

/**
 * A person or a service logs a ticket; answers it as stored. When the project's facts moved meanwhile, it is filled in
 * anew; the same id sent again by the same caller answers the ticket it made.
 */
export const createTicket = (deps: CreateDeps) => {
  const projects: KnownProjects = new Set([UNASSIGNED_PROJECT])
  return (principal: Principal, said: CreateTicket): TE.TaskEither<AppError, Stored> => {
    const attempt = (left: number): TE.TaskEither<AppError, Stored> =>
      pipe(
        once(deps, projects, principal, said),
        TE.orElse((error) => {
          if (error.type === 'Stale' && left > 1) return attempt(left - 1)
          return error.type === 'AlreadyExists' && said.id !== null
            ? madeBefore(deps, principal, said, said.id, error)
            : TE.left(error)
        }),
      )
    return attempt(ATTEMPTS)
  }
}

/** A directory adds and corrects, it never takes away: a project seen there once is not asked for again. */
type KnownProjects = Set<string>

const madeBefore = (
  deps: CreateDeps,
  { userId }: Principal,
  { projectId, title }: CreateTicket,
  id: TicketId,
  error: AppError,
): TE.TaskEither<AppError, Stored> =>
  pipe(
    deps.tickets.load([id]),
    TE.flatMap(([found]) =>
      found?.ticket.createdBy === userId && found.ticket.projectId === projectId && found.ticket.title === title.trim()
        ? TE.right(found)
        : TE.left(error),
    ),
  )

const once = (
  deps: CreateDeps,
  projects: KnownProjects,
  principal: Principal,
  said: CreateTicket,
): TE.TaskEither<AppError, Stored> =>
  pipe(
    TE.fromEither<AppError, null>(allowed(principal, 'create_ticket')),
    TE.flatMap(() =>
      pipe(
        TE.Do,
        TE.apSW('context', deps.tickets.context(said.projectId, said.place.dr)),
        TE.apSW('named', namesAreKnown(deps, projects, said)),
      ),
    ),
    TE.tap(() => (said.followUpOf === null ? TE.right(null) : mustExist(deps, said.followUpOf, said.projectId))),
    TE.bindW('ticket', ({ context }) => TE.fromEither(newTicket(deps, said, context))),
    TE.flatMap(({ context, ticket }) => store(deps, principal, said.client, context, ticket)),
  )

/** The project and whoever is named with it are in the directory; both are asked in one look. */
const namesAreKnown = (
  { directory }: CreateDeps,
  projects: KnownProjects,
  { projectId, assignment }: CreateTicket,
): TE.TaskEither<AppError, null> =>
  assignment === null && projects.has(projectId)
    ? TE.right(null)
    : pipe(
        directory.find({ ...assigneesAsked(assignment ?? {}), projects: [projectId] }),
        TE.flatMap((known) => {
          for (const project of known.projects) projects.add(project.id)
          return projects.has(projectId)
            ? TE.fromEither(assigneesKnown(known, assignment ?? {}))
            : TE.left<AppError>({ type: 'ProjectUnknown', projectId })
        }),
      )

const newTicket = (deps: CreateDeps, said: CreateTicket, context: ProjectContext): E.Either<AppError, NewTicket> => {
  const { id, client: _, place, ...rest } = said
  return saidByAPerson({
    ...rest,
    id: id ?? deps.newId(),
    uid: null,
    importKey: null,
    place: filledFromSow(place, context),
    paperwork: false,
    weeklyNote: null,
    stepOverrides: context.settings.stepOverrides,
    sourceCreatedAt: null,
    stepIds: STEP_KEYS.map(() => deps.newId()),
  })
}

/** Pole, PON and zone from the SOW, where it has exactly one row for the drop and nobody said otherwise. */
export const filledFromSow = (place: Place, { facts }: Pick<ProjectContext, 'facts'>): Place => {
  const rows = facts.rows.filter((row) => row.platform === 'sow' && row.dr === place.dr)
  const [row] = rows
  return row === undefined || rows.length > 1
    ? place
    : { dr: place.dr, pole: place.pole ?? row.pole, pon: place.pon ?? row.pon, zone: place.zone ?? row.zone }
}

const mustExist = (deps: CreateDeps, id: TicketId, projectId: string): TE.TaskEither<AppError, null> =>
  pipe(
    deps.tickets.load([id]),
    TE.flatMap(([found]) =>
      found !== undefined && found.ticket.projectId === projectId
        ? TE.right(null)
        : TE.left<AppError>({
            type: 'FieldInvalid',
            field: 'follow_up_of',
            rule: 'a ticket of the same project',
            value: id,
          }),
    ),
  )

const store = (
  deps: CreateDeps,
  principal: Principal,
  client: Client | null,
  context: ProjectContext,
  ticket: NewTicket,
): TE.TaskEither<AppError, Stored> => {
  const stamp = { id: ticket.id, at: deps.now(), by: principal.userId }
  return pipe(
    TE.fromEither(decide({ ...stamp, byAPerson: isAPerson(principal), ticket })),
    TE.flatMap(([begun, events]) => {
      const settled: Ticket = settle(deps, context, begun, stamp.at)
      const recorded: ReadonlyArray<Recorded> = events.map((event) => ({ ...event, id: deps.newId() }))
      return pipe(
        deps.tickets.commit([{ ticket: settled, events: recorded, client, factsVersion: context.facts.version }], []),
        TE.map(({ created }) => asStored(settled, client, context, created[0])),
      )
    }),
  )
}

const asStored = (
  ticket: Ticket,
  client: Client | null,
  context: ProjectContext,
  created: { readonly uid: string; readonly version: number } | undefined,
): Stored => ({
  ...context,
  ticket: { ...ticket, uid: created?.uid ?? null },
  version: created?.version ?? 1,
  client,
  duplicates: [],
  snapshots: 0,
  usedBytes: 0,
  assignedEver:
    'assignment' in ticket && ticket.assignment !== null
      ? Object.values(ticket.assignment).filter((who): who is string => who !== null)
      : [],
})
