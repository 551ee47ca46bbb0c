import type { SearchWords } from '../ports/ticket-queries.ts'

const PUNCTUATION = /[\s!-/:-@[-`{-~]+/
const SPELT_NUMBER = /\b(?:drop|dr)(?:\s*(?:no|nr|number))?[\s.:#_-]*(\d{4,8})\b|\bft[\s.:#_-]*(\d{4,9})\b/g
const MAX_WORDS = 12

/** Letters and digits between punctuation, as the search column of tickets holds them. */
export const wordsIn = (text: string): ReadonlyArray<string> =>
  text
    .toLowerCase()
    .split(PUNCTUATION)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))

/** What was typed, as beginnings of words: "DR 1729500", "drop 1729500" and 1729500 all find DR1729500, "law.p.a0" its poles. */
export const searchWords = (typed: string): SearchWords =>
  wordsIn(
    typed
      .toLowerCase()
      .replaceAll(SPELT_NUMBER, (_, dr: string | undefined, ft: string | undefined) =>
        dr === undefined ? `ft${ft}` : `dr${dr}`,
      ),
  )
    .slice(0, MAX_WORDS)
    .map((word) => (/^\d{4,9}$/.test(word) ? [word, `dr${word}`, `ft${word}`] : [word]))
