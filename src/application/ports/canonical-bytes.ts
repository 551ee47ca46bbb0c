import type { Either } from 'fp-ts/lib/Either.js'
import type { Json } from '../../domain/shared/json.ts'

/** `path` leads to the value (`$.steps[3].at`), `found` says what it is (`Date`). */
export type NotPlainJson = { readonly type: 'NotPlainJson'; readonly path: string; readonly found: string }

/** The one sequence of bytes (RFC 8785, UTF-8) that stands for a value, whatever the order of its keys. */
export type CanonicalBytes = (value: Json) => Either<NotPlainJson, Uint8Array>
