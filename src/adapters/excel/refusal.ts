import type { WorkbookRefused } from '../../application/ports/workbook-reader.ts'

/** Carries a refusal out of nested streams; it never leaves this folder. */
const carried = new WeakMap<Error, WorkbookRefused>()

export const refusal = (refused: WorkbookRefused): Error => {
  const error = new Error(refused.type)
  carried.set(error, refused)
  return error
}

/** What a failure while reading means; anything unforeseen is a broken file, never a broken server. */
export const refusedBy = (cause: unknown): WorkbookRefused => {
  const known = cause instanceof Error ? carried.get(cause) : undefined
  return (
    known ?? { type: 'CorruptWorkbook', reason: (cause instanceof Error ? cause.message : String(cause)).slice(0, 200) }
  )
}
