import type { Either } from 'fp-ts/lib/Either.js'
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

/** Whether a request may be made at all; asked before anything is answered, whoever asks and whatever for. */
export type Admission = (request: RequestFacts) => Either<AuthRefusal, null>

/** Who asks. The principal `system` is never given. */
export type Authenticator = (request: RequestFacts) => TaskEither<AuthRefusal | Unavailable, Principal>

/** One way of signing in: what it admits, and whom it then takes the caller for. */
export type SignIn = { readonly admit: Admission; readonly authenticate: Authenticator }
