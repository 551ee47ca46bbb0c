import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { dayOfCell, dayOfExcelSerial } from '../../../src/domain/shared/calendar-text.ts'
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

const value = (result: E.Either<unknown, string>): string | null => (E.isRight(result) ? result.right : null)
const day = (cell: Cell): string | null => O.toNullable(dayOfCell(cell))

describe('a drop number', () => {
  it.each<Cell>([
    'DR1729500',
    'DR 1729500',
    'dr1729500',
    'drop 1729500',
    'Drop DR1729500',
    ' DR\n1729500 ',
    'DR-1729500',
    'Drop No. 1729500',
    '1729500',
    1729500,
  ])('%j is the drop DR1729500', (cell) => expect(value(parseDropNumber(cell))).toBe('DR1729500'))

  it('has six to eight digits', () => {
    expect(value(parseDropNumber('DR12345'))).toBeNull()
    expect(value(parseDropNumber('DR470123'))).toBe('DR470123')
    expect(value(parseDropNumber('DR12345678'))).toBe('DR12345678')
    expect(value(parseDropNumber('DR123456789'))).toBeNull()
  })

  it.each<Cell>([
    'DRTEST001',
    'ADR1729500',
    'DR1729500 / DR1729501',
    '',
    null,
    true,
    -1729500,
    1729500.5,
    { wallClock: '2025-11-14T00:00:00' },
  ])('%j is no drop', (cell) => expect(E.isLeft(parseDropNumber(cell))).toBe(true))
})

describe('pole, PON and zone', () => {
  it('a pole loses its spaces and gains its capitals', () =>
    expect(value(parsePole(' law.p. a002'))).toBe('LAW.P.A002'))
  it.each<Cell>([7, '7', '007', 'PON 7', 'pon_no: 7', '7.0'])('%j is PON 7', (cell) =>
    expect(value(parsePon(cell))).toBe('7'),
  )
  it('a PON code stays a code, in capitals', () => expect(value(parsePon('c8p15'))).toBe('C8P15'))
  it('zone "Zone 04" is 4', () => expect(value(parseZone('Zone 04'))).toBe('4'))
  it.each<Cell>([null, '', -3, 1.5, 'north'])('%j is neither PON nor zone', (cell) =>
    expect([value(parsePon(cell)), value(parseZone(cell))]).toEqual([null, null]),
  )
})

describe('an ONT serial', () => {
  it.each(['ALCLB465A671', 'alclb465a671', ' HWTC12345678', 'ZTEG0A1B2C3D', 'DSANFFFFFFFF', 'ALHN00000000'])(
    '%s is one',
    (text) => expect(value(parseOntSerial(text))).toBe(text.trim().toUpperCase()),
  )
  it.each<Cell>([
    'ALCB465A671',
    'ACLB465A671',
    'ALCLN465A671',
    '11504715',
    11504715,
    4897119170702,
    '1TCN-AA01',
    '',
    'ALCLB465A6711',
  ])('%j is none', (cell) => expect(E.isLeft(parseOntSerial(cell))).toBe(true))

  it('is all that is kept of a scanned barcode', () => {
    const login = '(23S)admin(20S)3FE47468(U)user(P)s3cret'
    expect(serialFromBarcode(`(S)ALCLB46BE62E${login}`)).toEqual(E.right('ALCLB46BE62E'))
    expect(serialFromBarcode(`${login}(s)alclb46be62e`)).toEqual(E.right('ALCLB46BE62E'))
    expect(serialFromBarcode('ALCLB46BE62E')).toEqual(E.right('ALCLB46BE62E'))
    expect(serialFromBarcode('(P)ALCLB46BE62E')).toEqual(
      E.left({ type: 'NotNormalised', field: 'ont_barcode', value: '' }),
    )
    expect(JSON.stringify(serialFromBarcode(`(S)ALCLB46B${login}`))).not.toMatch(/admin|s3cret|ALCL/)
  })
})

describe('a text with a scanned label in it', () => {
  const LABEL = '(S)ALCLB46BE62E(23S)XX(20S)YY(U)admin(P)s3cret'
  it.each([
    [LABEL, 'ALCLB46BE62E'],
    [`New ONT ${LABEL} fitted (in the hall)`, 'New ONT ALCLB46BE62E fitted (in the hall)'],
    [`ONT${LABEL}\ncustomer(s) happy`, 'ONT ALCLB46BE62E\ncustomer(s) happy'],
    [`Old ${LABEL} new (s)alhnf1234567(u)admin(p)0ther`, 'Old ALCLB46BE62E new ALHNF1234567'],
    ['(23S)XX(20S)YY(U)admin(P)s3cret(S)ALCLB46BE62E', 'ALCLB46BE62E'],
    ['(S) ALCLB46BE62E (23S) XX (U) admin (P) s3cret is in', 'ALCLB46BE62E is in'],
    ['(U) admin (P) s3cret (S)ALCLB46BE62E', 'ALCLB46BE62E'],
    ['(S)ALCLB46BE62E(U)ad min(P)s3(cr)et', 'ALCLB46BE62E min'],
    ['(S)ALCLB46B(U)admin(P)s3cret', ''],
    ['Log in with (U)admin(P)s3cret please', 'Log in with  please'],
    ['label(u)admin(p)s3cret', 'label'],
    ['The rest was (P)s3cret', 'The rest was '],
    ['(S)ALCLB46BE62E', 'ALCLB46BE62E'],
  ])('%j keeps only the serial of it: %j', (said, kept) => expect(withoutDeviceLogin(said)).toBe(kept))

  it.each([
    'cable(s) cut at pole (P) 12',
    'Client(s) of unit (U) 3 (second floor)',
    'side (S) of the road (s)',
    'customer(s) 12345678 called',
    '(a) red light (b) no dial tone (12) (2s)',
    'splitter(p)1, (please) ring twice',
    'ONT ALCLB46BE62E is dead (see photo)',
    '  spaces   and\n\nlines stay  ',
    '',
  ])('%j has none and stays as it is', (said) => expect(withoutDeviceLogin(said)).toBe(said))
})

describe('a Gizzu serial', () => {
  it.each(['GU18W12V25176431', 'gu18w12v2517643100'])('%s is one', (text) =>
    expect(value(parseUpsSerial(text))).toBe(text.toUpperCase()),
  )
  it.each(['GU18W12V2517643', 'GU18W12V25176431001', 'GU18W'])('%s is none', (text) =>
    expect(E.isLeft(parseUpsSerial(text))).toBe(true),
  )
})

describe('a date in a cell', () => {
  it('45969 is 8 November 2025, with or without a time of day', () => {
    expect(day(45969)).toBe('2025-11-08')
    expect(day(45969.75)).toBe('2025-11-08')
    expect(day('45969')).toBe('2025-11-08')
  })
  it('numbers outside 1982 to 2064 are no dates', () => {
    expect(O.isSome(dayOfExcelSerial(30_000))).toBe(true)
    expect(O.isNone(dayOfExcelSerial(29_999.9))).toBe(true)
    expect(O.isSome(dayOfExcelSerial(60_000.9))).toBe(true)
    expect(O.isNone(dayOfExcelSerial(60_001))).toBe(true)
  })
  it.each<Cell>([
    { wallClock: '2025-11-14T23:30:00' },
    '2025-11-14',
    '2025/11/14',
    '14/11/2025',
    '14-11-25',
    '14 Nov 2025',
    '14-Nov-25',
    '14 November 2025',
    '2025-11-14T08:00:00',
    '14/11/2025 08:00',
  ])('%j is 14 November 2025', (cell) => expect(day(cell)).toBe('2025-11-14'))
  it.each<Cell>(['31/11/2025', '2025-13-01', 'soon', '', null, true, '14 Xyz 2025', 7])('%j is no date', (cell) =>
    expect(day(cell)).toBeNull(),
  )
})
