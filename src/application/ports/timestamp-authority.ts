import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'

/** `reason` is a short word of ours (`timeout`, `http_500`, `wrong_imprint`), never the other side's text. */
export type TimestampRefused = { readonly type: 'TimestampRefused'; readonly reason: string }

/** An RFC 3161 authority: a token says that the statement existed by then. */
export type TimestampAuthority = {
  /** The token (DER), seen to be one of this very statement. */
  readonly stamp: (statement: Uint8Array) => TaskEither<TimestampRefused, Uint8Array>
}

/** What a token says of a statement, with its signature checked. */
export type ReadTimestamp = (token: Uint8Array, statement: Uint8Array) => Either<TimestampRefused, Instant>
