import * as E from 'fp-ts/lib/Either.js'
import type { Instant } from '../shared/time.ts'
import { type AnchorFinding, type Anchors, anchorStatement, readAnchors, type StoredAnchor } from './anchor.ts'
import type { ChainHead } from './chain.ts'
import type { KnownKeys, SignatureTools } from './signature.ts'

/** When a time stamp says that a statement existed, or a word for why it is not one of that statement. */
type ReadTimestamp = (token: Uint8Array, statement: Uint8Array) => E.Either<{ readonly reason: string }, Instant>

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
