import { decideFate, type Fate, keyOf } from '../../domain/weekly-report/decide-fate.ts'
import type { ReportLine } from '../../domain/weekly-report/weekly-report.ts'
import type { Found, KeyedLine } from '../ports/report-store.ts'

/** A key is indexed: a description of a whole page is cut and told apart by its sum. */
const LONGEST_KEY = 400

const sumOf = (text: string): string => {
  let [high, low] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  return `${(high >>> 0).toString(16)}${(low >>> 0).toString(16)}`
}

const shortened = (key: string): string =>
  key.length <= LONGEST_KEY ? key : `${key.slice(0, LONGEST_KEY).toWellFormed()} ${key.length} ${sumOf(key)}`

/** What makes the line one item with others; null when nobody can act on it. */
export const importKeyOf = (projectId: string, line: ReportLine): string | null => {
  if (line.problems.some(({ blocks }) => blocks)) return null
  const key = keyOf(projectId, line)
  return key === null ? null : shortened(key)
}

/** What becomes of each line by what is known now: the same for preview and import. */
export const fatesOf = ({ context, byKey }: Found): ((keyed: KeyedLine) => Fate) => {
  const sow = context.facts.platforms.sow.connected
  const known = new Set(context.facts.rows.flatMap(({ platform, dr }) => (platform === 'sow' ? [dr] : [])))
  return ({ line, importKey, first }) => {
    const earlier = importKey === null ? undefined : byKey.get(importKey)
    return decideFate(
      line,
      {
        firstRowInFile: first?.row ?? null,
        openTicketByKey: earlier?.open ?? null,
        lastTicketByKey: earlier?.last ?? null,
        drKnown: line.dr !== null && known.has(line.dr),
        sowConnected: sow,
      },
      context.settings.noteRules,
    )
  }
}
