import type { PlatformRecord } from '../../domain/platform-records/read-platform-rows.ts'
import type { ImportSummary } from '../ports/platform-store.ts'

const PROBLEMS_KEPT = 100
const LONGEST_NAME = 255

type About = Pick<
  ImportSummary,
  'id' | 'projectId' | 'platform' | 'filename' | 'sha256' | 'carries' | 'importedBy' | 'importedAt'
>

/** The figures of one workbook; of its problems the first hundred are kept beside their number. */
export const summaryOf = (records: ReadonlyArray<PlatformRecord>, about: About): ImportSummary => {
  const timesNamed = new Map<string, number>()
  for (const { dr } of records) if (dr !== null) timesNamed.set(dr, (timesNamed.get(dr) ?? 0) + 1)
  const problems = records.flatMap(({ row, problems: found }) => found.map((problem) => ({ row, ...problem })))
  return {
    ...about,
    filename: about.filename.slice(0, LONGEST_NAME),
    rowsRead: records.length,
    rowsKept: records.filter(({ dr }) => dr !== null).length,
    drops: timesNamed.size,
    repeatedDrops: [...timesNamed.values()].filter((times) => times > 1).length,
    spares: records.filter(({ dr, spare }) => dr !== null && spare).length,
    problemCount: problems.length,
    problems: problems.slice(0, PROBLEMS_KEPT),
  }
}
