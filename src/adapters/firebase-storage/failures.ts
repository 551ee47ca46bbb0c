import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { StorageUnavailable } from '../../application/ports/evidence-store.ts'

type Failure = {
  readonly code?: unknown
  readonly status?: unknown
  readonly name?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

const HTTP = /^[1-5]\d\d$/
/** `ECONNREFUSED`, `FILE_NO_UPLOAD`; Node's own `ERR_…` name a mistake of ours, but for these. */
const CODE = /^(?!ERR_)[A-Z][A-Z0-9_]+$|^ERR_(STREAM_PREMATURE_CLOSE|SOCKET_.*|NETWORK|SSL_.*|TLS_.*)$/
/** What the client throws without any code. */
const NAMES = ['FetchError', 'GaxiosError', 'ApiError', 'RequestError', 'SigningError', 'AbortError']

/** The HTTP status that the storage refused with, or null. */
export const statusOf = (cause: unknown): number | null => {
  const { code, status } = (cause ?? {}) as Failure
  const found = [code, status].find((one) => HTTP.test(String(one)))
  return found === undefined ? null : Number(found)
}

/** A short code for the log: of the network, of HTTP, or of what is missing; null for a mistake in the program. */
export const reasonOf = (cause: unknown): string | null => {
  const status = statusOf(cause)
  if (status !== null) return `HTTP_${status}`
  const failure = (cause ?? {}) as Failure
  if (typeof failure.code === 'string' && CODE.test(failure.code)) return failure.code
  if (/default credentials|Unable to detect a Project Id|invalid_grant/i.test(String(failure.message)))
    return 'NO_CREDENTIALS'
  if (failure.cause !== undefined && failure.cause !== cause) return reasonOf(failure.cause)
  return NAMES.includes(String(failure.name)) || /socket|timed? ?out/i.test(String(failure.message))
    ? 'UNREACHABLE'
    : null
}

/** Failures of storage and network are answers; anything else is a bug and stays thrown. */
export const asking =
  <L, A>(run: () => Promise<E.Either<L, A>>): TaskEither<L | StorageUnavailable, A> =>
  () =>
    run().catch((cause: unknown) => {
      const reason = reasonOf(cause)
      if (reason === null) throw cause
      return E.left({ type: 'StorageUnavailable', reason })
    })
