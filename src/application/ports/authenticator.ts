import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Unavailable } from '../errors.ts'
import type { Principal } from '../principal.ts'

/** What a request says about where it comes from. Header names are lower case. */
export type RequestFacts = {
  readonly method: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The peer's address as the socket knows it, never as a header claims it. */
  readonly remoteAddress: string | null
}

/** `NotAuthenticated`: nobody vouches for the caller. `RequestRefused`: the request may not be made at all, by anyone. */
export type AuthRefusal =
  | { readonly type: 'NotAuthenticated'; readonly why: string }
  | { readonly type: 'RequestRefused'; readonly why: string }

/** Who asks. The principal `system` is never given. */
export type Authenticator = (request: RequestFacts) => TaskEither<AuthRefusal | Unavailable, Principal>
