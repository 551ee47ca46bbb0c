import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Cell, SheetRow } from '../../domain/shared/sheet.ts'

/** What a workbook may be; sizes in bytes, as really counted while unpacking, time in milliseconds. */
export type WorkbookLimits = {
  readonly packedBytes: number
  readonly unpackedBytes: number
  /** Unpacked size over packed size. */
  readonly ratio: number
  /** Non-empty rows of the sheet that is read, its first not counted. */
  readonly rows: number
  readonly columns: number
  readonly entries: number
  /** Heap of the parsing process, in MiB. */
  readonly memoryMiB: number
  readonly timeMs: number
}

export const DEFAULT_WORKBOOK_LIMITS: WorkbookLimits = {
  packedBytes: 50 * 1024 * 1024,
  unpackedBytes: 1024 * 1024 * 1024,
  ratio: 100,
  rows: 100_000,
  columns: 1_024,
  entries: 2_000,
  memoryMiB: 320,
  timeMs: 60_000,
}

/** `like`: the first sheet whose name contains the word, else the first sheet. `named`: that sheet or a refusal. Case and outer spaces do not count. */
export type SheetChoice =
  | { readonly type: 'like'; readonly word: string }
  | { readonly type: 'named'; readonly name: string }
  | { readonly type: 'first' }

export type ReadRequest = {
  readonly path: string
  readonly sheet: SheetChoice
  readonly limits: WorkbookLimits
  readonly signal: AbortSignal | null
}

export type WorkbookRefused =
  | { readonly type: 'NotAWorkbook'; readonly found: string }
  | { readonly type: 'EncryptedWorkbook' }
  | {
      readonly type: 'WorkbookTooLarge'
      readonly limit: 'packedBytes' | 'unpackedBytes' | 'ratio' | 'rows' | 'columns' | 'entries' | 'memoryMiB'
      readonly max: number
      readonly actual: number
    }
  | { readonly type: 'StrictOpenXml' }
  | { readonly type: 'CorruptWorkbook'; readonly reason: string }
  | { readonly type: 'SheetNotFound'; readonly wanted: string; readonly found: ReadonlyArray<string> }
  | { readonly type: 'ParseTimeout'; readonly timeMs: number }
  | { readonly type: 'ParseStopped' }

/** What was read: the sheet, all sheets of the workbook, and the number of non-empty rows. */
export type WorkbookRead = { readonly sheet: string; readonly sheets: ReadonlyArray<string>; readonly rows: number }

export type WorkbookReader = {
  /** Hands the non-empty rows of one sheet over in order, batch by batch; the next batch waits until `onRows` is done with this one. */
  readonly read: (
    request: ReadRequest,
    onRows: (rows: ReadonlyArray<SheetRow>) => void | Promise<void>,
  ) => TaskEither<WorkbookRefused, WorkbookRead>
}

export type WorkbookNotWritten = { readonly type: 'WorkbookNotWritten'; readonly reason: string }

export type WorkbookWriter = {
  /** Writes one sheet as xlsx, row by row; no text in it can be taken for a formula. Answers the number of rows. */
  readonly write: (
    sheet: string,
    rows: Iterable<ReadonlyArray<Cell>> | AsyncIterable<ReadonlyArray<Cell>>,
    to: NodeJS.WritableStream,
  ) => TaskEither<WorkbookNotWritten, number>
}
