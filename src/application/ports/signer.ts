import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Signature } from '../../domain/handover/chain.ts'
import type { SigningKey } from '../../domain/handover/signature.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { StorageUnavailable } from './evidence-store.ts'

/** A signature with the public key it verifies by. */
export type Signed = { readonly key: SigningKey; readonly signature: Signature }

/** The one private key in use. It never leaves the adapter. */
export type Signer = {
  /** Signs what is to be said at this moment. Local and fast, so it may happen inside a transaction; the first use may make the key. */
  readonly sign: (statement: (signedAt: Instant) => Uint8Array) => Signed
  /** Its public key; null while there is none. */
  readonly current: () => SigningKey | null
  /** A new key takes over once `introduce` has kept it; cut off before that, the same new key is introduced next time. */
  readonly rotate: <L>(
    introduce: (newer: SigningKey, older: SigningKey) => TaskEither<L, void>,
  ) => TaskEither<L | StorageUnavailable, SigningKey>
}
