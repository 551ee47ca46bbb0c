import * as E from 'fp-ts/lib/Either.js'
import type { AppError } from './errors.ts'

type Position = { readonly key: string; readonly id: string }

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const MAX_LENGTH = 400

/** Tells lists apart, so that a cursor goes on in its own; no secret and no proof. */
const fingerprint = (list: unknown): string => {
  let hash = 0x811c9dc5
  for (const char of JSON.stringify(list)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash.toString(36)
}

/** The most rows of a list that are given at once. */
export const MAX_PAGE_SIZE = 100

export const pageSizeAllowed = (size: number): E.Either<AppError, null> =>
  size < 1 || size > MAX_PAGE_SIZE
    ? E.left({ type: 'TooMany', field: 'pageSize', max: MAX_PAGE_SIZE, actual: size })
    : E.right(null)

/** An instant as a sort has it, to the microsecond where the database keeps them. */
export const isMoment = (key: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/.test(key) && !Number.isNaN(Date.parse(key))

/** A position in one list as text for a URL. `list` is all that decides which rows are in it and in what order. */
export const cursorOf = (list: unknown, { key, id }: Position): string =>
  btoa(encodeURIComponent(JSON.stringify([fingerprint(list), key, id])))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** The position a cursor stands for, null for the beginning; refused when it is none of ours, or another list's, or its key cannot be one of this sort. */
export const positionOf = (
  list: unknown,
  cursor: string | null,
  isKey: (key: string) => boolean,
): E.Either<AppError, Position | null> => {
  if (cursor === null) return E.right(null)
  const refuse = (rule: string) => E.left({ type: 'FieldInvalid', field: 'cursor', rule, value: null } as const)
  const parts = decoded(cursor)
  if (parts === null) return refuse('a cursor that this API gave')
  const [print, key, id] = parts
  if (print !== fingerprint(list)) return refuse('the cursor of a list with the same filters and sort')
  return isKey(key) && UUID.test(id) ? E.right({ key, id }) : refuse('a cursor that this API gave')
}

const decoded = (cursor: string): readonly [string, string, string] | null => {
  if (cursor.length > MAX_LENGTH || !/^[\w-]+$/.test(cursor)) return null
  try {
    const parts: unknown = JSON.parse(decodeURIComponent(atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))))
    return Array.isArray(parts) && parts.length === 3 && parts.every((part) => typeof part === 'string')
      ? (parts as unknown as readonly [string, string, string])
      : null
  } catch {
    return null
  }
}
