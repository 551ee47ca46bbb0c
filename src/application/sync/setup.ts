import type { FieldRule } from '../../domain/sync/fields.ts'
import type { StatusMaps } from '../../domain/sync/status-map.ts'
import type { Assignment, Ticket, TicketType } from '../../domain/ticket/ticket.ts'
import type { ChangeDeps } from '../change.ts'
import type { SowSource } from '../ports/sow-source.ts'
import type { SyncFeed, SyncNotes, SyncStore } from '../ports/sync-store.ts'
import type { TicketSystem } from '../ports/ticket-system.ts'
import type { Principal } from '../principal.ts'
import type { AssigneeDeps } from '../ticket/check-assignees.ts'
import type { LifecycleDeps } from '../ticket/lifecycle.ts'

/** Someone in QContact and who that is here: one of technician, contractor and team. */
export type KnownAssignee = { readonly remote: string } & (
  | { readonly technician: string }
  | { readonly contractor: string }
  | { readonly team: string }
)

/** How one tenant of QContact is kept in step with. */
export type SyncSetup = {
  readonly tenant: string
  readonly rules: ReadonlyArray<FieldRule>
  readonly maps: StatusMaps
  readonly assignees: ReadonlyArray<KnownAssignee>
  /** Where a case belongs whose drop no design knows. */
  readonly project: string
  /** The last word of a category and the type of ticket it stands for. */
  readonly types: Readonly<Record<string, TicketType>>
  readonly pollSeconds: number
}

export type SyncDeps = ChangeDeps &
  AssigneeDeps &
  LifecycleDeps & {
    readonly setup: SyncSetup
    readonly system: TicketSystem
    readonly syncStore: SyncStore
    readonly syncNotes: SyncNotes
    readonly syncFeed: SyncFeed
    readonly sow: SowSource
    /** The id of the ticket a case becomes, always the same, so that it becomes one only once. */
    readonly ticketIdOf: (caseId: string) => string
    /** From 0 to 1. */
    readonly jitter: () => number
    /** Waits so long, or until it is told to stop. */
    readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  }

/** Tickets made from cases, and what is corrected in them from over there, come from this service. */
export const qcontactService: Principal = { userId: 'qcontact', role: 'service', contractorId: null, teams: [] }

/** A service reads only what it made: a ticket that was here before its case is corrected as far as the office may. */
export const correcting = ({ createdBy }: Pick<Ticket, 'createdBy'>): Principal =>
  createdBy === qcontactService.userId ? qcontactService : { ...qcontactService, role: 'manager' }

/** Who that is, as an assignment names them; null for somebody unknown. */
export const assigneeFrom = (
  { assignees }: Pick<SyncSetup, 'assignees'>,
  remote: string | null | undefined,
): Partial<Assignment> | null => {
  const known = assignees.find((one) => one.remote === remote)
  if (known === undefined) return null
  const { remote: _, ...assignment } = known
  return assignment
}

/** Whom QContact knows of an assignment, the nearest to the work first; undefined when it knows none of them. */
export const assigneeTo = (
  { assignees }: Pick<SyncSetup, 'assignees'>,
  assignment: Assignment | null,
): string | null | undefined => {
  if (assignment === null) return null
  for (const kind of ['technician', 'team', 'contractor'] as const) {
    const named = assignment[kind]
    const known = assignees.find((one) => named !== null && kind in one && one[kind as never] === named)
    if (known !== undefined) return known.remote
  }
  return undefined
}
