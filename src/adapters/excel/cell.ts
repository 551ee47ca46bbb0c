import type { Cell } from '../../domain/shared/sheet.ts'
import { guarded } from './formula-guard.ts'
import { refusal } from './refusal.ts'

/** Excel itself allows no more in one cell. */
const LONGEST_TEXT = 32_767
const EPOCH_1900 = 25_569
const EPOCH_1904 = 24_107
const LAST_EXCEL_DAY = 2_958_466
const DAY_S = 86_400

const escapes = /_x([0-9A-Fa-f]{4})_/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\ufeff\ufffe\uffff]/g

/** A cell's text as a person reads it: one line, single spaces, no unprintable characters, without our own guard against formulas. */
export const plainText = (raw: string): string | null => {
  if (raw.length > LONGEST_TEXT)
    throw refusal({ type: 'CorruptWorkbook', reason: `a cell holds more than ${LONGEST_TEXT} characters` })
  const text = raw
    .replaceAll(escapes, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(unprintable, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toWellFormed()
  const bare = text.startsWith("'") && guarded(text.slice(1)) === text ? text.slice(1) : text
  return bare === '' ? null : bare
}

/** The clock on the wall for an Excel day number; a number no calendar has stays a number. */
const wallClock = (serial: number, date1904: boolean): Cell => {
  if (serial < 0 || serial >= LAST_EXCEL_DAY) return serial
  const seconds = Math.round((serial - (date1904 ? EPOCH_1904 : EPOCH_1900)) * DAY_S)
  return { wallClock: new Date(seconds * 1000).toISOString().slice(0, 19) }
}

export type CellSource = {
  /** The `t` attribute: s, inlineStr, str, b, e, d, n or none. */
  readonly kind: string
  readonly text: string
  readonly isDate: boolean
}

export type Workbook = { readonly sharedStrings: ReadonlyArray<string | null>; readonly date1904: boolean }

/** A cell's meaning; of a formula its last result counts, never the formula. `fault` is an Excel error such as #REF!. */
export const cellOf = (
  source: CellSource,
  workbook: Workbook,
): { readonly cell: Cell; readonly fault: string | null } => {
  const { kind, text } = source
  const found = (cell: Cell) => ({ cell, fault: null })
  if (kind === 's') {
    const shared = workbook.sharedStrings[/^\s*\d+\s*$/.test(text) ? Number(text) : -1]
    if (shared === undefined)
      throw refusal({ type: 'CorruptWorkbook', reason: `a cell points at the missing text ${text.slice(0, 20)}` })
    return found(shared)
  }
  if (kind === 'inlineStr' || kind === 'str') return found(plainText(text))
  if (text.trim() === '') return found(null)
  if (kind === 'e') return { cell: null, fault: text.trim().slice(0, 20) }
  if (kind === 'b') return found(text.trim() === '1' || text.trim() === 'true')
  if (kind === 'd') return found({ wallClock: text.trim().slice(0, 19) })
  const number = Number(text)
  if (!Number.isFinite(number)) return { cell: null, fault: text.trim().slice(0, 20) }
  // Excel shows 15 digits; -28.801000000000002 is only how it is stored.
  const shown = Number(number.toPrecision(15))
  return found(source.isDate ? wallClock(shown, workbook.date1904) : shown)
}
