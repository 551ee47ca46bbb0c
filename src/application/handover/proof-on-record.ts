import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Anchors, readAnchors } from '../../domain/handover/anchor.ts'
import type { Opened } from '../../domain/handover/openings.ts'
import { type KnownKeys, knownKeys, type SignatureTools, type SigningKey } from '../../domain/handover/signature.ts'
import { faultsOf, type SnapshotFault, type VerifyTools } from '../../domain/handover/snapshot-fault.ts'
import type { StoredSnapshot } from '../../domain/handover/stored-snapshot.ts'
import type { AppError } from '../errors.ts'
import type { AnchorStore } from '../ports/anchor-store.ts'
import type { ProofRecords } from '../ports/proof-records.ts'
import type { Signer } from '../ports/signer.ts'
import type { SnapshotOpenings } from '../ports/snapshot-openings.ts'
import type { PlacedSnapshot, SnapshotQueries } from '../ports/snapshot-queries.ts'
import type { ReadTimestamp } from '../ports/timestamp-authority.ts'

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

/** What opens their commitments, read after the snapshots: who erases meanwhile takes key and openings at once. */
export const openedOf = (
  { snapshotOpenings }: Pick<VerifyDeps, 'snapshotOpenings'>,
  entries: ReadonlyArray<StoredSnapshot>,
): TE.TaskEither<AppError, ReadonlyMap<string, Opened>> => snapshotOpenings.of(entries.map(({ id }) => id))

/**
 * How far a project's chain may be unsigned. Whoever anchors also signs, so that ends with its first anchor; where it
 * has none, it may be what an earlier build sealed, unless another project's anchors show that the first round of
 * anchoring is over, in which every chain was anchored.
 */
export const unsignedUpTo = (
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
const unsignedLimits = (
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

/** What is wrong with each of these snapshots, of whatever projects, by all that is on record of them. */
export const judgeOf = (
  deps: VerifyDeps,
  trusted: ReadonlyArray<string>,
  entries: ReadonlyArray<PlacedSnapshot>,
): TE.TaskEither<AppError, (placed: PlacedSnapshot) => ReadonlyArray<SnapshotFault>> =>
  pipe(
    openedOf(
      deps,
      entries.map(({ entry }) => entry),
    ),
    TE.bindTo('opened'),
    TE.bindW('keys', () => keysOnRecord(deps, trusted)),
    TE.bindW('limits', ({ keys }) => unsignedLimits(deps, keys, entries)),
    TE.map(
      ({ opened, keys, limits }) =>
        ({ entry, previous }) =>
          faultsOf(deps.tools, keys, opened, limits.get(entry.projectId) ?? 0)(entry.projectId, previous, entry),
    ),
  )
