import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type AnchorFinding,
  type Anchors,
  anchorFindings,
  anchorStatement,
  entriesMissing,
  readAnchors,
  type StoredAnchor,
} from '../../domain/handover/anchor.ts'
import {
  type Before,
  type ChainFinding,
  type ChainHead,
  type ChainTools,
  FIRST_SIGNED_FORMAT,
  GENESIS,
  verifyEntry,
} from '../../domain/handover/chain.ts'
import { commitmentKey, commitmentsIn, type KeyedTools, openingsThatDiffer } from '../../domain/handover/personal.ts'
import {
  type KnownKeys,
  knownKeys,
  type SignatureFinding,
  type SignatureTools,
  type SigningKey,
  signatureFindings,
} from '../../domain/handover/signature.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import { reachOf, sightOf } from '../permissions.ts'
import type { AnchorStore } from '../ports/anchor-store.ts'
import type { ProofRecords } from '../ports/proof-records.ts'
import type { Signer } from '../ports/signer.ts'
import type { Opened, SnapshotOpenings } from '../ports/snapshot-openings.ts'
import type { ChainPart, PlacedSnapshot, SnapshotQueries, StoredSnapshot } from '../ports/snapshot-queries.ts'
import type { ReadTimestamp } from '../ports/timestamp-authority.ts'
import type { Principal } from '../principal.ts'

/** How many snapshots are held at once, and how many findings are told; more are only counted. */
export const BATCH = 500
export const MAX_TOLD = 1_000

export type SnapshotFault =
  | ChainFinding
  | SignatureFinding
  | AnchorFinding
  /** The ticket of a snapshot is gone or marked deleted. */
  | { readonly type: 'TicketMissing'; readonly seq: number; readonly ticketId: TicketId }
  /** A column beside the sealed content says something else than the content. */
  | { readonly type: 'ColumnDiffers'; readonly seq: number; readonly column: string }
  /** What can be read of a personal value is not what was sealed; `path` says which. */
  | { readonly type: 'OpeningDiffers'; readonly seq: number; readonly path: string }
  /** What is personal is gone though nobody erased it: its key is still there. */
  | { readonly type: 'OpeningMissing'; readonly seq: number }
  /** It was erased, and its text is there all the same. */
  | { readonly type: 'OpeningRemains'; readonly seq: number }
  /** Without a word of an erasure, the key by which it was sealed is gone. */
  | { readonly type: 'SubjectKeyMissing'; readonly seq: number }
  /** Key and openings are gone as after an erasure, and no erasure of its ticket is on record. */
  | { readonly type: 'ErasureUnrecorded'; readonly seq: number }
  /** The chain's head is not its last entry: entries are missing at the end, or were put there past the chain. */
  | { readonly type: 'HeadDiffers'; readonly head: ChainHead | null; readonly last: ChainHead }
  | BundleFault

/** What can be wrong with an exported bundle as a file. */
export type BundleFault =
  | { readonly type: 'LineUnreadable'; readonly line: number }
  /** The last line of a whole bundle is not there. */
  | { readonly type: 'BundleCutShort' }
  | { readonly type: 'CountDiffers'; readonly said: number; readonly found: number }

export type SnapshotFinding = {
  readonly project_id: string
  /** Null when it is the chain that is wrong, not one entry of it. */
  readonly seq: number | null
  readonly ticket_uid: string | null
  readonly what: SnapshotFault
}
/** How far one project's chain goes, and how far it is proved outside the database. */
export type ChainState = {
  readonly project_id: string
  readonly snapshots: number
  /** The newest anchored number; null when nothing is anchored. */
  readonly anchored_to: number | null
  readonly not_yet_anchored: number
}
export type Verification = {
  readonly snapshots: number
  readonly faults: number
  /** The first thousand. */
  readonly findings: ReadonlyArray<SnapshotFinding>
  /** Newer than the newest anchor. No fault: the next hour anchors them. */
  readonly not_yet_anchored: number
  /** Empty for one ticket. */
  readonly chains: ReadonlyArray<ChainState>
}

export type VerifyScope =
  | { readonly type: 'all' }
  | { readonly type: 'project'; readonly projectId: string }
  | { readonly type: 'ticket'; readonly ticketId: TicketId }
export type VerifyTools = ChainTools & SignatureTools & KeyedTools
export type VerifyDeps = {
  readonly snapshotQueries: SnapshotQueries
  readonly snapshotOpenings: SnapshotOpenings
  readonly tools: VerifyTools
  readonly proofRecords: ProofRecords
  readonly anchorStore: AnchorStore
  /** Its key lies outside the database, so it is what keys are trusted by when nobody names others. */
  readonly signer: Signer
  readonly readTimestamp: ReadTimestamp
}
export type VerifySnapshots = (input: {
  readonly principal: Principal
  readonly scope: VerifyScope
  /** Ids of keys to trust; left out, the signing key in use, or before there is one the oldest on record. */
  readonly trusted?: ReadonlyArray<string>
}) => TE.TaskEither<AppError, Verification>

export const NOTHING: Verification = { snapshots: 0, faults: 0, findings: [], not_yet_anchored: 0, chains: [] }

/** Recomputes every hash, link and signature from what is stored, and holds it against the anchors; a whole chain only for those who may see every ticket. */
export const verifySnapshots =
  (deps: VerifyDeps): VerifySnapshots =>
  ({ principal, scope, trusted = [] }) => {
    const reach = reachOf(principal, 'verify_snapshots')
    if (reach === null || (reach !== 'any' && scope.type !== 'ticket'))
      return TE.left({ type: 'NotAllowed', action: 'verify_snapshots', role: principal.role })
    switch (scope.type) {
      case 'all':
        return pipe(
          projectsWithProof(deps),
          TE.flatMap((projects) =>
            projects.reduce<TE.TaskEither<AppError, Verification>>(
              (before, projectId) =>
                pipe(
                  before,
                  TE.flatMap((found) => verifyProject(deps, trusted, projectId, found)),
                ),
              TE.right(NOTHING),
            ),
          ),
        )
      case 'project':
        return verifyProject(deps, trusted, scope.projectId, NOTHING)
      case 'ticket':
        return pipe(
          deps.snapshotQueries.ofTicket({ sight: sightOf(principal), ticketId: scope.ticketId }),
          TE.bindTo('entries'),
          TE.bind('opened', ({ entries }) => openedOf(deps, entries?.map(({ entry }) => entry) ?? [])),
          TE.bind('keys', () => keysOnRecord(deps, trusted)),
          TE.bind('limits', ({ entries, keys }) => unsignedLimits(deps, keys, entries ?? [])),
          TE.flatMap(({ entries, opened, keys, limits }) =>
            entries === null
              ? TE.left<AppError, Verification>(notFound('Ticket', scope.ticketId))
              : TE.right(
                  entries.reduce(
                    (found, { entry, previous, anchored }) =>
                      withFaults(
                        found,
                        entry,
                        faultsOf(
                          deps.tools,
                          keys,
                          opened,
                          limits.get(entry.projectId) ?? 0,
                        )(entry.projectId, previous, entry),
                        anchored,
                      ),
                    NOTHING,
                  ),
                ),
          ),
        )
    }
  }

/** Also a project that only its anchors still know of. */
const projectsWithProof = (deps: VerifyDeps): TE.TaskEither<AppError, ReadonlyArray<string>> =>
  pipe(
    TE.Do,
    TE.apS('chained', deps.snapshotQueries.projects()),
    TE.apSW('anchored', deps.anchorStore.projects()),
    TE.map(({ chained, anchored }) => [...new Set([...chained, ...anchored])]),
  )

/** The keys on record, read after the entries they are to verify, so that none is missing. */
export const keysOnRecord = (
  { proofRecords, signer, tools }: Pick<VerifyDeps, 'proofRecords' | 'signer'> & { readonly tools: SignatureTools },
  trusted: ReadonlyArray<string>,
): TE.TaskEither<AppError, KnownKeys> =>
  pipe(
    proofRecords.keys(),
    TE.map((keys) => {
      const own: SigningKey | undefined = signer.current() ?? keys[0]
      const roots = trusted.length > 0 || own === undefined ? trusted : [own.keyId]
      return knownKeys(tools)(keys, roots)
    }),
  )

/** All that is wrong with one stored snapshot behind the entry before it; null is right before the first only. */
export const faultsOf =
  (tools: VerifyTools, keys: KnownKeys, opened: ReadonlyMap<string, Opened>, unsignedUpTo: number) =>
  (projectId: string, previous: Before | null, entry: StoredSnapshot): ReadonlyArray<SnapshotFault> => [
    ...verifyEntry(tools)(projectId, previous ?? GENESIS, entry),
    ...signatureFindings(tools, keys, unsignedUpTo)(entry),
    ...(entry.ticketUid === null ? [{ type: 'TicketMissing', seq: entry.seq, ticketId: entry.ticketId } as const] : []),
    ...columnsThatDiffer(tools, entry).map((column) => ({ type: 'ColumnDiffers', seq: entry.seq, column }) as const),
    ...openingFindings(tools, entry, opened.get(entry.id) ?? NOTHING_OPENED),
  ]

/**
 * How far a project's chain may be unsigned. Whoever anchors also signs, so that ends with its first anchor; where it
 * has none, it may be what an earlier build sealed, unless another project's anchors show that the first round of
 * anchoring is over, in which every chain was anchored.
 */
const unsignedUpTo = (
  { anchorStore }: Pick<VerifyDeps, 'anchorStore'>,
  projectId: string,
  { oldest }: Pick<Anchors, 'oldest'>,
): TE.TaskEither<AppError, number> =>
  oldest > 0
    ? TE.right(oldest)
    : pipe(
        anchorStore.projects(),
        TE.map((projects) => (projects.some((other) => other !== projectId) ? 0 : Number.POSITIVE_INFINITY)),
      )

/** {@link unsignedUpTo} of each project that some of these entries are unsigned in; anchors are read for no other. */
export const unsignedLimits = (
  deps: Pick<VerifyDeps, 'anchorStore' | 'tools'>,
  keys: KnownKeys,
  entries: ReadonlyArray<PlacedSnapshot>,
): TE.TaskEither<AppError, ReadonlyMap<string, number>> => {
  const projects = new Set(entries.flatMap(({ entry }) => (entry.signature === null ? [entry.projectId] : [])))
  return [...projects].reduce<TE.TaskEither<AppError, ReadonlyMap<string, number>>>(
    (before, projectId) =>
      pipe(
        before,
        TE.bindTo('limits'),
        TE.bindW('stored', () => deps.anchorStore.of(projectId)),
        TE.bind('limit', ({ stored }) =>
          unsignedUpTo(deps, projectId, readAnchors(deps.tools, keys)(projectId, stored)),
        ),
        TE.map(({ limits, limit }) => new Map([...limits, [projectId, limit]])),
      ),
    TE.right(new Map()),
  )
}

/** What opens their commitments, read after the snapshots: who erases meanwhile takes key and openings at once. */
export const openedOf = (
  { snapshotOpenings }: Pick<VerifyDeps, 'snapshotOpenings'>,
  entries: ReadonlyArray<StoredSnapshot>,
): TE.TaskEither<AppError, ReadonlyMap<string, Opened>> => snapshotOpenings.of(entries.map(({ id }) => id))

const NOTHING_OPENED: Opened = { openings: null, key: null, erasureRecorded: false }

/** Whether what is personal can be read exactly as it was sealed, or was erased altogether. */
const openingFindings = (
  tools: KeyedTools,
  { id, seq, jsonCopy }: StoredSnapshot,
  { openings, key, erasureRecorded }: Opened,
): ReadonlyArray<SnapshotFault> => {
  const commitments = commitmentsIn(jsonCopy)
  const isDestroyed = key?.state === 'destroyed'
  if (commitments === null || isDestroyed)
    return [
      ...(openings === null ? [] : [{ type: 'OpeningRemains', seq } as const]),
      ...(isDestroyed && !erasureRecorded ? [{ type: 'ErasureUnrecorded', seq } as const] : []),
    ]
  if (key === null) return [{ type: 'SubjectKeyMissing', seq }]
  if (openings === null) return [{ type: 'OpeningMissing', seq }]
  return openingsThatDiffer(tools, commitmentKey(tools, key.key, id), commitments, openings).map(
    (path) => ({ type: 'OpeningDiffers', seq, path }) as const,
  )
}

type Walk = {
  readonly deps: VerifyDeps
  readonly trusted: ReadonlyArray<string>
  readonly projectId: string
  readonly anchors: Anchors
  readonly unsignedUpTo: number
  /** Anchored numbers that were met. */
  readonly met: Set<number>
  readonly before: Verification
}

/** Anchors are read first: a handover meanwhile may have a newer one, which is then no entry missing. */
const verifyProject = (
  deps: VerifyDeps,
  trusted: ReadonlyArray<string>,
  projectId: string,
  before: Verification,
): TE.TaskEither<AppError, Verification> =>
  pipe(
    TE.Do,
    TE.bind('known', () => deps.proofRecords.anchorsOf(projectId)),
    TE.bindW('stored', () => deps.anchorStore.of(projectId)),
    TE.bindW('keys', () => keysOnRecord(deps, trusted)),
    TE.let('anchors', ({ known, stored, keys }) => judgeAnchors(deps, keys)(projectId, stored, known)),
    TE.bindW('limit', ({ anchors }) => unsignedUpTo(deps, projectId, anchors)),
    TE.flatMap(({ anchors, limit }) => {
      const found = told(before, inProject(projectId, anchors.findings))
      return walk({ deps, trusted, projectId, anchors, unsignedUpTo: limit, met: new Set(), before }, GENESIS, found)
    }),
  )

/** The anchors that count, and what is wrong with the others: in themselves, by their time stamps, or no longer there. */
export const judgeAnchors =
  (
    { tools, readTimestamp }: { readonly tools: SignatureTools; readonly readTimestamp: ReadTimestamp },
    keys: KnownKeys,
  ) =>
  (projectId: string, stored: ReadonlyArray<StoredAnchor>, known: ReadonlyArray<ChainHead>): Anchors => {
    const read = readAnchors(tools, keys)(projectId, stored)
    const there = new Set(
      stored.flatMap(({ anchor }) => (anchor === null ? [] : [`${anchor.seq} ${anchor.chainHash}`])),
    )
    const gone = known.filter(({ seq, chainHash }) => !there.has(`${seq} ${chainHash}`))
    return {
      ...read,
      findings: [
        ...read.findings,
        ...stored.flatMap((one) => timestampFindings(readTimestamp, one)),
        ...gone.map(({ seq, chainHash }) => ({ type: 'AnchorGone', seq, chainHash }) as const),
      ],
    }
  }

const timestampFindings = (
  readTimestamp: ReadTimestamp,
  { name, anchor, token }: StoredAnchor,
): ReadonlyArray<AnchorFinding> => {
  if (anchor === null || token === null) return []
  const read = readTimestamp(token, anchorStatement(anchor, anchor.signature.signedAt))
  return E.isRight(read) ? [] : [{ type: 'TimestampWrong', name, because: read.left.reason }]
}

/** From one position of a chain to its end, some hundred entries at a time. */
const walk = (way: Walk, last: Before, found: Verification): TE.TaskEither<AppError, Verification> => {
  const { deps, trusted, projectId } = way
  return pipe(
    deps.snapshotQueries.part(projectId, last.seq, BATCH),
    TE.bindTo('part'),
    TE.bind('opened', ({ part }) => openedOf(deps, part.entries)),
    TE.bind('keys', () => keysOnRecord(deps, trusted)),
    TE.flatMap(({ part, opened, keys }) => {
      const next = verifyPart(way, faultsOf(deps.tools, keys, opened, way.unsignedUpTo), last, part, found)
      const end: Before = part.entries.at(-1) ?? last
      return part.entries.length < BATCH
        ? TE.right(ended(way, withHead(next, projectId, part.head, end)))
        : walk(way, { seq: end.seq, chainHash: end.chainHash, formatVersion: end.formatVersion }, next)
    }),
  )
}

const verifyPart = (
  { projectId, anchors, met }: Walk,
  faults: ReturnType<typeof faultsOf>,
  last: Before,
  { entries }: ChainPart,
  found: Verification,
): Verification => {
  return entries.reduce((sum, entry, i) => {
    if (anchors.bySeq.has(entry.seq)) met.add(entry.seq)
    const all = [...faults(projectId, entries[i - 1] ?? last, entry), ...anchorFindings(anchors, entry)]
    return withFaults(sum, entry, all, entry.seq <= anchors.newest)
  }, found)
}

/** Once the whole chain was met: what it should have had, and how far it is anchored. */
const ended = ({ projectId, anchors, met, before }: Walk, found: Verification): Verification => {
  const all = told(
    found,
    inProject(
      projectId,
      entriesMissing(anchors, (seq) => met.has(seq)),
    ),
  )
  return {
    ...all,
    chains: [
      ...all.chains,
      {
        project_id: projectId,
        snapshots: all.snapshots - before.snapshots,
        anchored_to: anchors.newest === 0 ? null : anchors.newest,
        not_yet_anchored: all.not_yet_anchored - before.not_yet_anchored,
      },
    ],
  }
}

const withFaults = (
  found: Verification,
  entry: StoredSnapshot,
  faults: ReadonlyArray<SnapshotFault>,
  anchored: boolean,
): Verification =>
  told(
    {
      ...found,
      snapshots: found.snapshots + 1,
      not_yet_anchored: found.not_yet_anchored + (anchored ? 0 : 1),
    },
    faults.map((what) => ({ project_id: entry.projectId, seq: entry.seq, ticket_uid: entry.ticketUid, what })),
  )

/** Findings that are of the chain or its anchors, not of a snapshot that is there. */
export const inProject = (projectId: string, faults: ReadonlyArray<SnapshotFault>): ReadonlyArray<SnapshotFinding> =>
  faults.map((what) => ({
    project_id: projectId,
    seq: what.type === 'SeqGap' ? what.found : 'seq' in what ? what.seq : null,
    ticket_uid: null,
    what,
  }))

const withHead = (found: Verification, projectId: string, head: ChainHead | null, end: ChainHead): Verification => {
  const last = { seq: end.seq, chainHash: end.chainHash }
  const stands = head === null ? last.seq === 0 : head.seq === last.seq && head.chainHash === last.chainHash
  return stands ? found : told(found, inProject(projectId, [{ type: 'HeadDiffers', head, last }]))
}

/** With these findings more: told up to a thousand, then only counted. */
export const told = (found: Verification, findings: ReadonlyArray<SnapshotFinding>): Verification =>
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
