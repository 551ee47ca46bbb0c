import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { dayOfCell } from '../shared/calendar-text.ts'
import { parseDropNumber, parseOntSerial, saysDrop } from '../shared/drop.ts'
import type { Cell } from '../shared/sheet.ts'
import { cellText } from '../shared/sheet.ts'

/** What a value is by its looks alone, for sections without a header and columns that wander. */
export type Shape =
  | 'drop'
  | 'bare_drop'
  | 'broken_drop'
  | 'serial'
  | 'broken_serial'
  | 'olt'
  | 'rx'
  | 'date'
  | 'team'
  | 'number'
  | 'text'
  | 'empty'

const OLT = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+:\d+(?:-\d+){1,5}$/i
const TEAM = /^(?:team\s*)?[a-z]{3}\s?\d{1,3}$/i
const LEVEL = /^-\d{1,2}(?:[.,]\d+)?(?:\s*dBm?)?$/i
const BROKEN_DROP = /^(?:dr|drop)[\s.:#_-]*(?=\S*\d)\S+$/i
const BROKEN_SERIAL = /^(?=.*\d)(?=.*[a-z])[a-z0-9-]{8,16}$/i
/** The widest band an ONT's reading can lie in; lower numbers are no levels. */
const LOWEST_LEVEL = -60

/** Received power in dBm from a number or a text such as "-28,5 dBm". */
export const levelOf = (cell: Cell): number | null => {
  const text = cellText(cell)
    .replace(/\s*dBm?$/i, '')
    .replace(',', '.')
  const level = /^[-+]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(level) ? level : null
}

const shapeOfNumber = (value: number): Shape => {
  if (value < 0 && value >= LOWEST_LEVEL) return 'rx'
  if (O.isSome(dayOfCell(value))) return 'date'
  return E.isRight(parseDropNumber(value)) ? 'bare_drop' : 'number'
}

const shapeOfText = (text: string): Shape => {
  if (E.isRight(parseDropNumber(text))) return saysDrop(text) ? 'drop' : 'bare_drop'
  if (E.isRight(parseOntSerial(text))) return 'serial'
  if (OLT.test(text)) return 'olt'
  if (LEVEL.test(text)) return 'rx'
  if (TEAM.test(text)) return 'team'
  if (O.isSome(dayOfCell(text))) return 'date'
  if (BROKEN_DROP.test(text)) return 'broken_drop'
  return BROKEN_SERIAL.test(text) ? 'broken_serial' : 'text'
}

export const shapeOf = (cell: Cell | undefined): Shape => {
  if (cell === null || cell === undefined || cell === '') return 'empty'
  if (typeof cell === 'number') return shapeOfNumber(cell)
  if (typeof cell === 'object') return 'date'
  return typeof cell === 'string' ? shapeOfText(cell) : 'text'
}
