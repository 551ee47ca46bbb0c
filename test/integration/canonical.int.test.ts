import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import type { Json } from '../../src/domain/shared/json.ts'

const textOf = (value: unknown): unknown => {
  const bytes = canonicalBytes(value as Json)
  return E.isRight(bytes) ? new TextDecoder().decode(bytes.right) : bytes.left
}

describe('canonical bytes', () => {
  it('follow the example of RFC 8785 section 3.2.3', () => {
    const value = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
        "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    )
    expect(textOf(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
  })

  it('do not depend on the order of keys, and sort them by UTF-16 unit', () => {
    expect(textOf({ b: 1, a: { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5 } })).toBe(
      '{"a":{"\\r":2,"1":4,"\u20ac":1,"\u{1f600}":5,"\ufb33":3},"b":1}',
    )
  })

  it('write nothing, a number and a text by themselves, too', () => {
    expect([null, -0, 'x', true].map(textOf)).toEqual(['null', '0', '"x"', 'true'])
  })

  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  const holes = [1]
  holes[2] = 2
  it.each([
    ['undefined', { a: undefined }, '$.a', 'undefined'],
    ['a date', { steps: [{ at: new Date(0) }] }, '$.steps[0].at', 'Date'],
    ['NaN', [Number.NaN], '$[0]', 'NaN'],
    ['infinity', Number.POSITIVE_INFINITY, '$', 'Infinity'],
    ['a lone surrogate', { a: '\ud800' }, '$.a', 'lone surrogate'],
    ['a lone surrogate in a key', { '\udc00': 1 }, '$', 'key with a lone surrogate'],
    ['a bigint', { a: 1n }, '$.a', 'bigint'],
    ['a function', { toJSON: () => 1 }, '$.toJSON', 'function'],
    ['a symbol', { a: Symbol('a') }, '$.a', 'symbol'],
    ['a symbol key', { [Symbol('a')]: 1 }, '$', 'symbol key'],
    ['a map', new Map(), '$', 'Map'],
    ['bytes', { a: new Uint8Array(1) }, '$.a', 'Uint8Array'],
    ['a boxed number', [Object(1)], '$[0]', 'Number'],
    ['an object of a class without a name', Object.create(Object.create(null)), '$', 'object'],
    ['an accessor', Object.defineProperty({}, 'a', { enumerable: true, get: () => 1 }), '$.a', 'accessor or hidden'],
    ['a hidden property', Object.defineProperty({}, 'a', { value: 1 }), '$.a', 'accessor or hidden'],
    ['an array with holes', holes, '$', 'array with holes or properties'],
    ['an array with properties', Object.assign([1], { extra: 1 }), '$', 'array with holes or properties'],
    ['a cycle', cyclic, expect.stringContaining('$.self.self'), 'nested deeper than 100'],
  ])('refuse %s, and say where it is', (_, value, path, found) => {
    expect(textOf(value)).toEqual({ type: 'NotPlainJson', path, found })
  })

  it('allow a depth of 100 and refuse 101', () => {
    const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)])
    expect(E.isRight(canonicalBytes(nested(100)))).toBe(true)
    expect(E.isLeft(canonicalBytes(nested(101)))).toBe(true)
  })

  it('read back as the same value, and the value read back gives the same bytes; anything else is refused, never thrown', () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (value) => {
        const text = textOf(value)
        reached.add(typeof text)
        return typeof text !== 'string' || textOf(JSON.parse(text)) === text
      }),
      { numRuns: 2000 },
    )
    expect([...reached].sort()).toEqual(['object', 'string'])
  })
})
