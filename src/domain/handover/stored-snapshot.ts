import * as E from 'fp-ts/lib/Either.js'
import type { Json } from '../shared/json.ts'
import type { Instant } from '../shared/time.ts'
import type { HandoverType } from '../ticket/events.ts'
import type { Owner, TicketId } from '../ticket/ticket.ts'
import { type ChainEntry, type ChainTools, FIRST_SIGNED_FORMAT } from './chain.ts'

/** A sealed handover as stored. */
export type StoredSnapshot = ChainEntry & {
  readonly id: string
  readonly ticketId: TicketId
  /** Null when its ticket is gone or deleted, which no command of ours can do. */
  readonly ticketUid: string | null
  readonly handoverType: HandoverType
  readonly fromOwner: Owner | null
  readonly fromOwnerId: string | null
  readonly toOwner: Owner | null
  readonly toOwnerId: string | null
  readonly handoverAt: Instant
  readonly handoverBy: string
  readonly guaranteeStatus: string | null
  /** As sealed when nobody touched them: a path that leads to the photo itself is left out. */
  readonly evidenceLinks: Json
  readonly decisions: Json
}

export type StoredFinding =
  /** The ticket of a snapshot is gone or marked deleted. */
  | { readonly type: 'TicketMissing'; readonly seq: number; readonly ticketId: TicketId }
  /** A column beside the sealed content says something else than the content. */
  | { readonly type: 'ColumnDiffers'; readonly seq: number; readonly column: string }

/** Whether its ticket is still there, and every column says what the sealed content says. */
export const storedFindings = (
  tools: Pick<ChainTools, 'canonicalBytes'>,
  entry: StoredSnapshot,
): ReadonlyArray<StoredFinding> => [
  ...(entry.ticketUid === null ? [{ type: 'TicketMissing', seq: entry.seq, ticketId: entry.ticketId } as const] : []),
  ...columnsThatDiffer(tools, entry).map((column) => ({ type: 'ColumnDiffers', seq: entry.seq, column }) as const),
]

const partOf = (content: Json | undefined, key: string): Json | undefined =>
  typeof content === 'object' && content !== null && !Array.isArray(content)
    ? (content as Readonly<Record<string, Json>>)[key]
    : undefined

/** The columns kept for queries, each against its place in the sealed content. */
const columnsThatDiffer = (
  { canonicalBytes }: Pick<ChainTools, 'canonicalBytes'>,
  entry: StoredSnapshot,
): ReadonlyArray<string> => {
  const text = (value: Json | undefined): string => {
    const bytes = canonicalBytes(value ?? null)
    return E.isRight(bytes) ? new TextDecoder().decode(bytes.right) : 'no JSON'
  }
  const change = partOf(entry.jsonCopy, 'ownership_change')
  const ticket = partOf(entry.jsonCopy, 'ticket')
  const columns: ReadonlyArray<readonly [string, unknown, Json | undefined]> = [
    // format 1 did not seal its own id
    ['id', entry.formatVersion < FIRST_SIGNED_FORMAT ? null : entry.id, partOf(entry.jsonCopy, 'id')],
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
