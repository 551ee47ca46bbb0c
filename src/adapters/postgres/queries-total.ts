import { EXACT_TO, type PageOf } from '../../application/ports/pages.ts'
import type { Queryable } from '../contract/pool.ts'

/** How many rows `from …` has, as far as they are counted exactly, as a column. */
export const countedTo = (from: string): string =>
  `(select count(*)::int from (select ${from} limit ${EXACT_TO + 1}) n)`

/** A page of a list; a total beyond what is counted costs one more statement that reads no table. */
export const pageOf = async <Row>(
  rows: ReadonlyArray<Row>,
  total: number,
  estimate: () => Promise<number>,
): Promise<PageOf<Row>> => {
  const totalIsEstimate = total > EXACT_TO
  return { rows, total: totalIsEstimate ? await estimate() : total, totalIsEstimate }
}

/** How many the planner thinks the statement gives, from the statistics it keeps. */
export const estimateOf = async (pool: Queryable, text: string, values: unknown[]): Promise<number> => {
  const { rows } = await pool.query<{
    readonly 'QUERY PLAN': ReadonlyArray<{ readonly Plan: { 'Plan Rows': number } }>
  }>(`explain (format json) ${text}`, values)
  return Math.max(rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0, EXACT_TO + 1)
}
