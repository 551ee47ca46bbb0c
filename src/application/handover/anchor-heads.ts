import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Anchor, anchorStatement, isTrustedAnchor, newestStored } from '../../domain/handover/anchor.ts'
import { type Before, type ChainTools, GENESIS, verifyEntry } from '../../domain/handover/chain.ts'
import { type KnownKeys, type SignatureTools, signatureFindings } from '../../domain/handover/signature.ts'
import type { SnapshotFault } from '../../domain/handover/snapshot-fault.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { sealing } from '../../domain/ticket/events.ts'
import type { AppError } from '../errors.ts'
import type { AnchorStore } from '../ports/anchor-store.ts'
import type { Reaction, Schedule } from '../ports/job-queue.ts'
import type { ProjectHead, ProofRecords } from '../ports/proof-records.ts'
import type { Signer } from '../ports/signer.ts'
import type { SnapshotQueries } from '../ports/snapshot-queries.ts'
import type { TimestampAuthority } from '../ports/timestamp-authority.ts'
import { keysOnRecord } from './proof-on-record.ts'
import { MAX_TOLD } from './verification.ts'
import { BATCH } from './verify-chain.ts'

export type AnchorDeps = {
  readonly proofRecords: ProofRecords
  readonly anchorStore: AnchorStore
  readonly signer: Signer
  /** Null when no authority is configured. */
  readonly timestampAuthority: TimestampAuthority | null
  /** Hears that an anchor has no time stamp yet; the next hour asks for it again. */
  readonly onNoTimestamp: (reason: string) => void
  readonly snapshotQueries: SnapshotQueries
  readonly tools: ChainTools & SignatureTools
  /** Hears why a chain's end is not anchored; nothing is until that is mended. */
  readonly onRefused: (projectId: string, faults: ReadonlyArray<SnapshotFault>) => void
}

/** How long after the first anchor of all a chain without signatures may still be anchored: the first round, and what held it up. */
const FIRST_ROUND_MS = 86_400_000

export type AnchoredHeads = { readonly anchored: number; readonly refused: number }

/**
 * Writes the head of every chain that moved since its last anchor to anchor storage, once every entry since then was
 * verified: an anchor vouches for what whoever owns the database may have written. Harmless when repeated or run twice at once.
 */
export const anchorHeads = (deps: AnchorDeps): TE.TaskEither<AppError, AnchoredHeads> =>
  pipe(
    deps.proofRecords.headsToAnchor(),
    TE.flatMap((heads) =>
      heads.reduce<TE.TaskEither<AppError, AnchoredHeads>>(
        (before, { projectId }) =>
          pipe(
            before,
            TE.flatMap(({ anchored, refused }) =>
              pipe(
                anchorOne(deps, projectId),
                TE.map((isAnchored) =>
                  isAnchored ? { anchored: anchored + 1, refused } : { anchored, refused: refused + 1 },
                ),
              ),
            ),
          ),
        TE.right({ anchored: 0, refused: 0 }),
      ),
    ),
  )

/** Whether the chain's end could be anchored. Storage first: what the record knows of must be there. */
const anchorOne = (deps: AnchorDeps, projectId: string): TE.TaskEither<AppError, boolean> => {
  const { anchorStore, proofRecords, signer } = deps
  const { key } = signer.sign((at) => anchorStatement({ projectId, ...GENESIS }, at))
  return pipe(
    proofRecords.keepKeys([key]),
    TE.flatMap(() => verifiedSince(deps, projectId)),
    TE.flatMap(({ end, faults }) => {
      if (faults.length > 0) {
        deps.onRefused(projectId, faults)
        return TE.right(false)
      }
      const head: ProjectHead = { projectId, seq: end.seq, chainHash: end.chainHash }
      const { signature } = signer.sign((at) => anchorStatement(head, at))
      return pipe(
        anchorStore.keep({ ...head, signature }),
        TE.bindTo('anchor'),
        TE.bind('stamped', ({ anchor }) => stamp(deps, anchor)),
        TE.flatMap(({ anchor, stamped }) => proofRecords.keepAnchor(anchor, stamped)),
        TE.map(() => true),
      )
    }),
  )
}

type Since = { readonly end: Before; readonly faults: ReadonlyArray<SnapshotFault> }

/** The chain from its last anchor to its end: number, link, bytes, signature and key of each entry. */
const verifiedSince = (deps: AnchorDeps, projectId: string): TE.TaskEither<AppError, Since> =>
  pipe(
    keysOnRecord(deps, []),
    TE.flatMap((keys) => lastAnchor(deps, keys, projectId)),
    TE.bindTo('anchor'),
    TE.bind('unsignedUpTo', ({ anchor }) => (anchor === null ? unsignedInFirstRound(deps) : TE.right(0))),
    TE.flatMap(({ anchor, unsignedUpTo }) =>
      walk(deps, projectId, unsignedUpTo, {
        end: anchor === null ? GENESIS : { seq: anchor.seq, chainHash: anchor.chainHash, formatVersion: 0 },
        faults: [],
      }),
    ),
  )

const walk = (
  deps: AnchorDeps,
  projectId: string,
  unsignedUpTo: number,
  { end, faults }: Since,
): TE.TaskEither<AppError, Since> =>
  pipe(
    deps.snapshotQueries.part(projectId, end.seq, BATCH),
    TE.bindTo('part'),
    TE.bind('keys', () => keysOnRecord(deps, [])),
    TE.flatMap(({ part: { entries, head }, keys }) => {
      const signed = signatureFindings(deps.tools, keys, unsignedUpTo)
      const found = entries.flatMap(
        (entry, i): ReadonlyArray<SnapshotFault> => [
          ...verifyEntry(deps.tools)(projectId, entries[i - 1] ?? end, { ...entry, jsonCopy: null }),
          ...signed(entry),
        ],
      )
      const { seq, chainHash, formatVersion } = entries.at(-1) ?? end
      const next: Since = { end: { seq, chainHash, formatVersion }, faults: [...faults, ...found].slice(0, MAX_TOLD) }
      if (entries.length === BATCH) return walk(deps, projectId, unsignedUpTo, next)
      return head !== null && head.seq === seq && head.chainHash === chainHash
        ? TE.right(next)
        : TE.right({ ...next, faults: [...next.faults, { type: 'HeadDiffers', head, last: { seq, chainHash } }] })
    }),
  )

/** What the database knows of counts if a trusted key signed it; otherwise all that lies in storage is read. */
const lastAnchor = (deps: AnchorDeps, keys: KnownKeys, projectId: string): TE.TaskEither<AppError, Anchor | null> =>
  pipe(
    deps.proofRecords.newestAnchor(projectId),
    TE.flatMap(
      (known): TE.TaskEither<AppError, Anchor | null> =>
        known !== null && isTrustedAnchor(deps.tools, keys, known)
          ? TE.right(known)
          : pipe(
              deps.anchorStore.of(projectId),
              TE.map((stored) => newestStored(deps.tools, keys, projectId, stored)),
            ),
    ),
  )

/** How far a chain that was never anchored may be unsigned: anywhere within a day of the first anchor of all, then nowhere. */
const unsignedInFirstRound = (deps: AnchorDeps): TE.TaskEither<AppError, number> =>
  pipe(
    deps.anchorStore.projects(),
    TE.flatMap((projects) =>
      projects.reduce<TE.TaskEither<AppError, ReadonlyArray<Instant>>>(
        (before, projectId) =>
          pipe(
            before,
            TE.bindTo('times'),
            TE.bindW('stored', () => deps.anchorStore.of(projectId)),
            TE.map(({ times, stored }) => [
              ...times,
              ...stored.flatMap(({ anchor }) => (anchor === null ? [] : [anchor.signature.signedAt])),
            ]),
          ),
        TE.right([]),
      ),
    ),
    TE.map((times) => {
      const { signature } = deps.signer.sign((at) => anchorStatement({ projectId: '', ...GENESIS }, at))
      const over = times.some((at) => Date.parse(signature.signedAt) - Date.parse(at) > FIRST_ROUND_MS)
      return over ? 0 : Number.POSITIVE_INFINITY
    }),
  )

/** Whether the anchor now bears a time stamp; an authority that is away holds up no anchor. */
const stamp = (
  { timestampAuthority, anchorStore, onNoTimestamp }: AnchorDeps,
  anchor: Anchor,
): TE.TaskEither<AppError, boolean> =>
  timestampAuthority === null
    ? TE.right(false)
    : async () => {
        const token = await timestampAuthority.stamp(anchorStatement(anchor, anchor.signature.signedAt))()
        if (E.isLeft(token)) {
          onNoTimestamp(token.left.reason)
          return E.right(false)
        }
        return pipe(
          anchorStore.keepToken(anchor, token.right),
          TE.map(() => true),
        )()
      }

/** Asks again for the time stamps that the newest anchors still lack. */
const stampNewest = (deps: AnchorDeps): TE.TaskEither<AppError, void> =>
  deps.timestampAuthority === null
    ? TE.right(undefined)
    : pipe(
        deps.proofRecords.anchorsToStamp(),
        TE.flatMap((anchors) =>
          anchors.reduce<TE.TaskEither<AppError, void>>(
            (before, anchor) =>
              pipe(
                before,
                TE.flatMap(() => stamp(deps, anchor)),
                TE.flatMap((stamped) => (stamped ? deps.proofRecords.keepAnchor(anchor, true) : TE.right(undefined))),
              ),
            TE.right(undefined),
          ),
        ),
      )

const HOUR_S = 3_600

/** Every handover's head is anchored soon after it, outside the request. */
export const anchorAfterHandover = (deps: AnchorDeps): Reaction => ({
  name: 'anchor_after_handover',
  eventTypes: sealing,
  queue: 'reactions',
  key: ({ body }) => String(body.projectId),
  handle: async () => {
    await done(anchorHeads(deps))
  },
})

/** Whatever the reactions left: heads without an anchor, anchors without a time stamp. */
export const anchorHourly = (deps: AnchorDeps): Schedule => ({
  name: 'anchor_hourly',
  everySeconds: HOUR_S,
  run: async () => {
    await done(anchorHeads(deps))
    await done(stampNewest(deps))
  },
})

const done = async <A>(work: TE.TaskEither<AppError, A>): Promise<A> => {
  const answer = await work()
  if (E.isLeft(answer)) throw new Error(answer.left.type)
  return answer.right
}
