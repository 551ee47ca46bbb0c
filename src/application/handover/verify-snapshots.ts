import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type ChainFinding,
  type ChainHead,
  type ChainTools,
  GENESIS,
  verifyEntry,
} from '../../domain/handover/chain.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { reachOf, sightOf } from '../permissions.ts'
import type { ChainPart, SnapshotQueries, StoredSnapshot } from '../ports/snapshot-queries.ts'
import type { Principal } from '../principal.ts'

/** How many snapshots are held at once, and how many findings are told; more are only counted. */
export const BATCH = 500
export const MAX_TOLD = 1_000

export type SnapshotFault =
  | ChainFinding
  /** The ticket of a snapshot is gone or marked deleted. */
  | { readonly type: 'TicketMissing'; readonly seq: number; readonly ticketId: TicketId }
  /** A column beside the sealed content says something else than the content. */
  | { readonly type: 'ColumnDiffers'; readonly seq: number; readonly column: string }
  /** The chain's head is not its last entry: entries are missing at the end, or were put there past the chain. */
  | { readonly type: 'HeadDiffers'; readonly head: ChainHead | null; readonly last: ChainHead }

export type SnapshotFinding = {
  readonly project_id: string
  /** Null when it is the chain that is wrong, not one entry of it. */
  readonly seq: number | null
  readonly ticket_uid: string | null
  readonly what: SnapshotFault
}
export type Verification = {
  readonly snapshots: number
  readonly faults: number
  /** The first thousand. */
  readonly findings: ReadonlyArray<SnapshotFinding>
}

export type VerifyScope =
  | { readonly type: 'all' }
  | { readonly type: 'project'; readonly projectId: string }
  | { readonly type: 'ticket'; readonly ticketId: TicketId }
export type VerifyDeps = { readonly snapshotQueries: SnapshotQueries; readonly tools: ChainTools }
export type VerifySnapshots = (input: {
  readonly principal: Principal
  readonly scope: VerifyScope
}) => TE.TaskEither<AppError, Verification>

const NOTHING: Verification = { snapshots: 0, faults: 0, findings: [] }

/** Recomputes every hash and link from what is stored; a whole chain only for those who may see every ticket. */
export const verifySnapshots =
  (deps: VerifyDeps): VerifySnapshots =>
  ({ principal, scope }) => {
    const reach = reachOf(principal, 'verify_snapshots')
    if (reach === null || (reach !== 'any' && scope.type !== 'ticket'))
      return TE.left({ type: 'NotAllowed', action: 'verify_snapshots', role: principal.role })
    switch (scope.type) {
      case 'all':
        return pipe(
          deps.snapshotQueries.projects(),
          TE.flatMap((projects) =>
            projects.reduce<TE.TaskEither<AppError, Verification>>(
              (before, projectId) =>
                pipe(
                  before,
                  TE.flatMap((found) => verifyProject(deps, projectId, GENESIS, found)),
                ),
              TE.right(NOTHING),
            ),
          ),
        )
      case 'project':
        return verifyProject(deps, scope.projectId, GENESIS, NOTHING)
      case 'ticket':
        return pipe(
          deps.snapshotQueries.ofTicket({ sight: sightOf(principal), ticketId: scope.ticketId }),
          TE.flatMap((entries) =>
            entries === null
              ? TE.left<AppError, Verification>(notFound('Ticket', scope.ticketId))
              : TE.right(
                  entries.reduce(
                    (found, { entry, previous }) =>
                      withFaults(found, entry, faultsOf(deps.tools)(entry.projectId, previous, entry)),
                    NOTHING,
                  ),
                ),
          ),
        )
    }
  }

/** All that is wrong with one stored snapshot behind the entry before it; null is right before the first only. */
export const faultsOf =
  (tools: ChainTools) =>
  (projectId: string, previous: ChainHead | null, entry: StoredSnapshot): ReadonlyArray<SnapshotFault> => [
    ...verifyEntry(tools)(projectId, previous ?? GENESIS, entry),
    ...(entry.ticketUid === null ? [{ type: 'TicketMissing', seq: entry.seq, ticketId: entry.ticketId } as const] : []),
    ...columnsThatDiffer(tools, entry).map((column) => ({ type: 'ColumnDiffers', seq: entry.seq, column }) as const),
  ]

/** From one position of a chain to its end, some hundred entries at a time. */
const verifyProject = (
  deps: VerifyDeps,
  projectId: string,
  last: ChainHead,
  found: Verification,
): TE.TaskEither<AppError, Verification> =>
  pipe(
    deps.snapshotQueries.part(projectId, last.seq, BATCH),
    TE.flatMap((part) => {
      const next = verifyPart(deps.tools, projectId, last, part, found)
      const end: ChainHead = part.entries.at(-1) ?? last
      return part.entries.length < BATCH
        ? TE.right(withHead(next, projectId, part.head, end))
        : verifyProject(deps, projectId, { seq: end.seq, chainHash: end.chainHash }, next)
    }),
  )

const verifyPart = (
  tools: ChainTools,
  projectId: string,
  last: ChainHead,
  { entries }: ChainPart,
  found: Verification,
): Verification =>
  entries.reduce(
    (sum, entry, i) => withFaults(sum, entry, faultsOf(tools)(projectId, entries[i - 1] ?? last, entry)),
    found,
  )

const withFaults = (found: Verification, entry: StoredSnapshot, faults: ReadonlyArray<SnapshotFault>): Verification =>
  told(
    { ...found, snapshots: found.snapshots + 1 },
    faults.map((what) => ({ project_id: entry.projectId, seq: entry.seq, ticket_uid: entry.ticketUid, what })),
  )

const withHead = (found: Verification, projectId: string, head: ChainHead | null, end: ChainHead): Verification => {
  const last = { seq: end.seq, chainHash: end.chainHash }
  const stands = head === null ? last.seq === 0 : head.seq === last.seq && head.chainHash === last.chainHash
  return stands
    ? found
    : told(found, [{ project_id: projectId, seq: null, ticket_uid: null, what: { type: 'HeadDiffers', head, last } }])
}

const told = (found: Verification, findings: ReadonlyArray<SnapshotFinding>): Verification =>
  findings.length === 0
    ? found
    : {
        ...found,
        faults: found.faults + findings.length,
        findings: [...found.findings, ...findings].slice(0, MAX_TOLD),
      }

const partOf = (content: Json | undefined, key: string): Json | undefined =>
  typeof content === 'object' && content !== null && !Array.isArray(content)
    ? (content as Readonly<Record<string, Json>>)[key]
    : undefined

/** The columns kept for queries, each against its place in the sealed content. */
const columnsThatDiffer = ({ canonicalBytes }: ChainTools, entry: StoredSnapshot): ReadonlyArray<string> => {
  const text = (value: Json | undefined): string => {
    const bytes = canonicalBytes(value ?? null)
    return E.isRight(bytes) ? new TextDecoder().decode(bytes.right) : 'no JSON'
  }
  const change = partOf(entry.jsonCopy, 'ownership_change')
  const ticket = partOf(entry.jsonCopy, 'ticket')
  const columns: ReadonlyArray<readonly [string, unknown, Json | undefined]> = [
    ['ticket_id', entry.ticketId, partOf(ticket, 'id')],
    ['handover_type', entry.handoverType, partOf(change, 'handover_type')],
    ['from_owner_type', entry.fromOwner, partOf(change, 'from_owner_type')],
    ['from_owner_id', entry.fromOwnerId, partOf(change, 'from_owner_id')],
    ['to_owner_type', entry.toOwner, partOf(change, 'to_owner_type')],
    ['to_owner_id', entry.toOwnerId, partOf(change, 'to_owner_id')],
    ['handover_at', entry.handoverAt, partOf(change, 'at')],
    ['handover_by', entry.handoverBy, partOf(change, 'by')],
    ['guarantee_status', entry.guaranteeStatus, partOf(partOf(entry.jsonCopy, 'guarantee'), 'status')],
    ['evidence_links', text(entry.evidenceLinks), text(partOf(entry.jsonCopy, 'evidence'))],
    ['decisions', text(entry.decisions), text(partOf(entry.jsonCopy, 'decisions'))],
  ]
  return columns.filter(([, column, sealed]) => column !== (sealed ?? null)).map(([name]) => name)
}
