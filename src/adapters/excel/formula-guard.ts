import type { Cell } from '../../domain/shared/sheet.ts'

/** What a spreadsheet program may take for the start of a formula, full-width forms included. */
const FORMULA_START = /^(?:\s*[=+\-@＝＋－＠]|[\t\r])/

/** Text that could run as a formula, here or after a detour through CSV, gets a leading apostrophe; the reader takes it off again. */
export const guarded = (text: string): string => (FORMULA_START.test(text) ? `'${text}` : text)

export const guardedCell = (cell: Cell): Cell => (typeof cell === 'string' ? guarded(cell) : cell)
