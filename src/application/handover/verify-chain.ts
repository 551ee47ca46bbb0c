import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Anchors, anchorFindings, entriesMissing } from '../../domain/handover/anchor.ts'
import { type Before, type ChainHead, GENESIS } from '../../domain/handover/chain.ts'
import { judgeAnchors } from '../../domain/handover/judge-anchors.ts'
import { faultsOf } from '../../domain/handover/snapshot-fault.ts'
import type { AppError } from '../errors.ts'
import type { ChainPart } from '../ports/snapshot-queries.ts'
import { keysOnRecord, openedOf, unsignedUpTo, type VerifyDeps } from './proof-on-record.ts'
import { inProject, told, type Verification, withFaults } from './verification.ts'

/** How many snapshots are held at once. */
export const BATCH = 500

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

/** One chain from its first entry to its end. Anchors are read first: a handover meanwhile may have a newer one, which is then no entry missing. */
export const verifyChain = (
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

const withHead = (found: Verification, projectId: string, head: ChainHead | null, end: ChainHead): Verification => {
  const last = { seq: end.seq, chainHash: end.chainHash }
  const stands = head === null ? last.seq === 0 : head.seq === last.seq && head.chainHash === last.chainHash
  return stands ? found : told(found, inProject(projectId, [{ type: 'HeadDiffers', head, last }]))
}
