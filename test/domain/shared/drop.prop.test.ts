import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { expect, it } from 'vitest'
import { dayOfCell } from '../../../src/domain/shared/calendar-text.ts'
import {
  parseDropNumber,
  parseOntSerial,
  parsePole,
  parsePon,
  parseUpsSerial,
  parseZone,
  serialFromBarcode,
  withoutDeviceLogin,
} from '../../../src/domain/shared/drop.ts'
import type { Cell } from '../../../src/domain/shared/sheet.ts'

const digits = (least: number, most: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: least, maxLength: most }).map((chars) => chars.join(''))
const hex8 = fc
  .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 8, maxLength: 8 })
  .map((chars) => chars.join(''))

const cellArb: fc.Arbitrary<Cell> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }).map((at) => ({ wallClock: at.toISOString().slice(0, 19) })),
  fc.tuple(fc.constantFrom('', 'DR', 'dr ', 'Drop ', 'x'), digits(4, 10)).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('ALCL', 'zteg', '(S)hwtc', 'ALC', 'GU18W12V'), fc.oneof(hex8, digits(7, 11)))
    .map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('Zone 0', 'PON ', 'C8P', ''), fc.nat(300)).map((parts) => parts.join('')),
)

const normalisers = {
  parseDropNumber,
  parsePole,
  parsePon,
  parseZone,
  parseOntSerial,
  parseUpsSerial,
  serialFromBarcode: (cell: Cell) => serialFromBarcode(String(cell)),
}

it.each(Object.entries(normalisers))('%s answers everything, and its answer is its own normal form', (_, normalise) => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(cellArb, (cell) => {
      const once: E.Either<unknown, string> = normalise(cell)
      reached.add(once._tag)
      return (
        E.isLeft(once) ||
        E.getOrElse(() => 'refused')(normalise(once.right) as E.Either<unknown, string>) === once.right
      )
    }),
    { numRuns: 3000 },
  )
  expect([...reached].sort()).toEqual(['Left', 'Right'])
})

it('a normalised drop always has the one form the host knows', () => {
  fc.assert(
    fc.property(cellArb, (cell) =>
      E.match(
        () => true,
        (dr: string) => /^DR\d{6,8}$/.test(dr),
      )(parseDropNumber(cell)),
    ),
  )
})

it('nothing but a serial ever survives a scanned barcode', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(fc.string(), fc.oneof(hex8, digits(6, 9)), fc.string(), (before, tail, after) => {
      const kept = serialFromBarcode(`${before}(S)ALCL${tail}(P)${after}`)
      reached.add(kept._tag)
      return E.isRight(kept) ? /^[A-Z]{4}[0-9A-F]{8}$/.test(kept.right) : kept.left.value === ''
    }),
  )
  expect([...reached].sort()).toEqual(['Left', 'Right'])
})

it('a day read from a cell exists in the calendar', () => {
  const reached = new Set<string>()
  const dateish = fc.tuple(fc.nat(40), fc.nat(14), fc.integer({ min: 1990, max: 2060 })).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(fc.oneof(cellArb, dateish, fc.double({ min: 29_000, max: 61_000, noNaN: true })), (cell) => {
      const day = dayOfCell(cell)
      reached.add(day._tag)
      return O.isNone(day) || new Date(`${day.value}T00:00:00.000Z`).toISOString().startsWith(day.value)
    }),
    { numRuns: 2000 },
  )
  expect([...reached].sort()).toEqual(['None', 'Some'])
})

it('no text around a scanned label lets its login through, and a text without brackets stays as it is', () => {
  const words = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[()]/g, ''))
  fc.assert(
    fc.property(words, words, hex8, (before, after, hex) => {
      const kept = withoutDeviceLogin(`${before} (S)ALCL${hex}(23S)XX(U)admin(P)s3cret ${after}`)
      expect(kept).toBe(`${before} ALCL${hex.toUpperCase()} ${after}`)
      expect(withoutDeviceLogin(before)).toBe(before)
    }),
  )
})
