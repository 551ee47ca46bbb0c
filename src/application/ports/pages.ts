/** Lists are counted exactly so far; the length of a longer one is an estimate. */
export const EXACT_TO = 10_000

/** `page` counts from 1. */
export type PageWindow = { readonly page: number; readonly pageSize: number }

/** A page as the host numbers them. */
export type PageOf<Row> = {
  readonly rows: ReadonlyArray<Row>
  /** Exact to {@link EXACT_TO}. */
  readonly total: number
  readonly totalIsEstimate: boolean
}
