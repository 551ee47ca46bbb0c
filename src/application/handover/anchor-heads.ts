import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Anchor, anchorStatement } from '../../domain/handover/anchor.ts'
import { sealing } from '../../domain/ticket/events.ts'
import type { AppError } from '../errors.ts'
import type { AnchorStore } from '../ports/anchor-store.ts'
import type { Reaction, Schedule } from '../ports/job-queue.ts'
import type { ProjectHead, ProofRecords } from '../ports/proof-records.ts'
import type { Signer } from '../ports/signer.ts'
import type { TimestampAuthority } from '../ports/timestamp-authority.ts'

export type AnchorDeps = {
  readonly proofRecords: ProofRecords
  readonly anchorStore: AnchorStore
  readonly signer: Signer
  /** Null when no authority is configured. */
  readonly timestampAuthority: TimestampAuthority | null
  /** Hears that an anchor has no time stamp yet; the next hour asks for it again. */
  readonly onNoTimestamp: (reason: string) => void
}

/** Writes the head of every chain that moved since its last anchor to anchor storage. Harmless when repeated or run twice at once. */
export const anchorHeads = (deps: AnchorDeps): TE.TaskEither<AppError, { readonly anchored: number }> =>
  pipe(
    deps.proofRecords.headsToAnchor(),
    TE.flatMap((heads) =>
      pipe(
        heads.reduce<TE.TaskEither<AppError, unknown>>(
          (before, head) =>
            pipe(
              before,
              TE.flatMap(() => anchorOne(deps, head)),
            ),
          TE.right(null),
        ),
        TE.map(() => ({ anchored: heads.length })),
      ),
    ),
  )

/** Storage first: what the record knows of must be there. */
const anchorOne = (deps: AnchorDeps, head: ProjectHead): TE.TaskEither<AppError, void> => {
  const { anchorStore, proofRecords, signer } = deps
  const { key, signature } = signer.sign((at) => anchorStatement(head, at))
  return pipe(
    proofRecords.keepKeys([key]),
    TE.flatMap((): TE.TaskEither<AppError, Anchor> => anchorStore.keep({ ...head, signature })),
    TE.bindTo('anchor'),
    TE.bind('stamped', ({ anchor }) => stamp(deps, anchor)),
    TE.flatMap(({ anchor, stamped }) => proofRecords.keepAnchor(anchor, stamped)),
  )
}

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
