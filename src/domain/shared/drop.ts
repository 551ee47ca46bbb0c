import * as E from 'fp-ts/lib/Either.js'
import type { Cell } from './sheet.ts'
import { cellText } from './sheet.ts'

export type DropNumber = string
export type OntSerial = string

export type NotNormalised<Field extends string> = {
  readonly type: 'NotNormalised'
  readonly field: Field
  readonly value: string
}

const refuse = <F extends string>(field: F, value: string): E.Either<NotNormalised<F>, never> =>
  E.left({ type: 'NotNormalised', field, value })

const inOneSpace = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

const DROP = /^(?:DROP(?:\s*(?:NO|NR|NUMBER))?[\s.:#_-]*)?(?:DR(?:\s*(?:NO|NR|NUMBER))?[\s.:#_-]*)?(\d{6,8})$/i
const PREFIXED_DROP = /^DR/i

/** "DR 1729500", "drop 1729500", "dr1729500" and the bare number 1729500 are all the drop `DR1729500`. */
export const parseDropNumber = (cell: Cell): E.Either<NotNormalised<'dr'>, DropNumber> => {
  const text = inOneSpace(cellText(cell))
  const digits = typeof cell === 'string' || typeof cell === 'number' ? DROP.exec(text)?.[1] : undefined
  return digits === undefined ? refuse('dr', text) : E.right(`DR${digits}`)
}

/** Whether a cell calls itself a drop, so that no bare number is taken for one. */
export const saysDrop = (cell: Cell): boolean => typeof cell === 'string' && PREFIXED_DROP.test(cell.trim())

/** Poles are named without spaces and in capitals: ` law.p.a002 ` is `LAW.P.A002`. */
export const parsePole = (cell: Cell): E.Either<NotNormalised<'pole'>, string> => {
  const text = cellText(cell).replaceAll(/\s+/g, '').toUpperCase()
  return /^[A-Z0-9][A-Z0-9._/-]{0,49}$/.test(text) ? E.right(text) : refuse('pole', text)
}

const networkNumber =
  <F extends 'pon' | 'zone'>(field: F, word: RegExp) =>
  (cell: Cell): E.Either<NotNormalised<F>, string> => {
    const text = cellText(cell).replaceAll(/\s+/g, '').toUpperCase()
    const bare = text.replace(word, '')
    if (/^\d{1,9}(\.0+)?$/.test(bare)) return E.right(String(Number.parseInt(bare, 10)))
    return /^(?=.*\d)[A-Z0-9._/-]{1,50}$/.test(text) && typeof cell === 'string' ? E.right(text) : refuse(field, text)
  }

/** PON 7, "07" and "PON 7" are all `7`; a code such as C8P15 stays a code. */
export const parsePon = networkNumber('pon', /^PON(?:[._-]?NO)?[.:#_-]*/)

/** Zone 7, "07" and "Zone 7" are all `7`. */
export const parseZone = networkNumber('zone', /^ZONE(?:[._-]?NO)?[.:#_-]*/)

const SERIAL = /^[A-Z]{4}[0-9A-F]{8}$/

/** A GPON serial: four letters for the vendor (ALCL, ALHN, HWTC, ZTEG, DSAN, …) and eight hexadecimal digits. */
export const parseOntSerial = (cell: Cell): E.Either<NotNormalised<'ont_serial'>, OntSerial> => {
  const text = cellText(cell).replaceAll(/\s+/g, '').toUpperCase()
  return SERIAL.test(text) ? E.right(text) : refuse('ont_serial', text)
}

const SERIAL_GROUP = /\(S\)\s*([A-Z]{4}[0-9A-F]{8})(?=\s*(?:\(|$))/i

/** Of a scanned ONT barcode only the `(S)` group is kept: the rest holds a device login, so a refusal repeats none of it. */
export const serialFromBarcode = (scanned: string): E.Either<NotNormalised<'ont_barcode'>, OntSerial> => {
  const bare = scanned.replaceAll(/\s+/g, '').toUpperCase()
  const serial = SERIAL.test(bare) ? bare : SERIAL_GROUP.exec(scanned)?.[1]?.toUpperCase()
  return serial === undefined ? refuse('ont_barcode', '') : E.right(serial)
}

const CHAIN = /\((?:S|\d{1,2}S|P|U)\)\s*\S*(?:\s+\((?:S|\d{1,2}S|P|U)\)\s*\S*)*/gi
const CERTAIN = /\(S\)\s*[A-Z]{4}[0-9A-F]{4}|\(\d{1,2}S\)\S|\(U\)\S{1,64}?\(P\)\S/i
const GROUP = /\((?:\d{1,2}S|P|U)\)\S/i
const LONE_LOGIN = /^\([PU]\)\S/
const SERIAL_WITHIN = /\(S\)\s*([A-Z]{4}[0-9A-F]{8})(?![A-Z0-9])/i

/**
 * Free text with of each scanned label in it only the serial of the `(S)` group: its other groups hold a device login,
 * which is kept nowhere. Brackets that are no label's, as in "cable(s)" or "pole (P) 12", stay as they are.
 */
export const withoutDeviceLogin = (text: string): string => {
  const labelled = CERTAIN.test(text)
  return text.replaceAll(CHAIN, (chain: string, at: number) => {
    const afterWord = /\w/.test(text.charAt(at - 1))
    const isLabel = CERTAIN.test(chain) || (labelled && GROUP.test(chain)) || (LONE_LOGIN.test(chain) && !afterWord)
    if (!isLabel) return chain
    const serial = SERIAL_WITHIN.exec(chain)?.[1]?.toUpperCase() ?? ''
    return afterWord && serial !== '' ? ` ${serial}` : serial
  })
}

const GIZZU = /^GU18W12V\d{8,10}$/

/** The serial of a Gizzu mini-UPS: GU18W12V and eight to ten digits. */
export const parseUpsSerial = (cell: Cell): E.Either<NotNormalised<'ups_serial'>, string> => {
  const text = cellText(cell).replaceAll(/\s+/g, '').toUpperCase()
  return GIZZU.test(text) ? E.right(text) : refuse('ups_serial', text)
}
