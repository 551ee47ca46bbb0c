import canonicalize from 'canonicalize'
import * as E from 'fp-ts/lib/Either.js'
import type { CanonicalBytes, NotPlainJson } from '../../application/ports/canonical-bytes.ts'

/** Deeper values are cycles or attacks. */
const MAX_DEPTH = 100

const encoder = new TextEncoder()

/** RFC 8785. What the library would drop or turn into text (undefined, a Date, a boxed number) is refused first. */
export const canonicalBytes: CanonicalBytes = (value) => {
  const foreign = firstForeign(value, '$', 0)
  return foreign === null ? E.right(encoder.encode(canonicalize(value))) : E.left(foreign)
}

const firstForeign = (value: unknown, path: string, depth: number): NotPlainJson | null => {
  if (depth > MAX_DEPTH) return notPlain(path, `nested deeper than ${MAX_DEPTH}`)
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : notPlain(path, String(value))
  if (typeof value === 'string') return value.isWellFormed() ? null : notPlain(path, 'lone surrogate')
  if (typeof value !== 'object') return notPlain(path, typeof value)
  return Array.isArray(value) ? inArray(value, path, depth) : inObject(value, path, depth)
}

const inArray = (list: ReadonlyArray<unknown>, path: string, depth: number): NotPlainJson | null => {
  if (Reflect.ownKeys(list).length !== list.length + 1) return notPlain(path, 'array with holes or properties')
  for (const [i, item] of list.entries()) {
    const foreign = firstForeign(item, `${path}[${i}]`, depth + 1)
    if (foreign !== null) return foreign
  }
  return null
}

const inObject = (object: object, path: string, depth: number): NotPlainJson | null => {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) return notPlain(path, object.constructor?.name ?? 'object')
  for (const key of Reflect.ownKeys(object)) {
    const property = Object.getOwnPropertyDescriptor(object, key)
    if (typeof key === 'symbol') return notPlain(path, 'symbol key')
    if (!key.isWellFormed()) return notPlain(path, 'key with a lone surrogate')
    if (property?.enumerable !== true || !('value' in property)) return notPlain(`${path}.${key}`, 'accessor or hidden')
    const foreign = firstForeign(property.value, `${path}.${key}`, depth + 1)
    if (foreign !== null) return foreign
  }
  return null
}

const notPlain = (path: string, found: string): NotPlainJson => ({ type: 'NotPlainJson', path, found })
