const LINK_DOT = /(?<=[\p{L}\p{N}-])\.(?=\p{L}{2}|xn--)/gu
const E_MAIL = /[^\s@<>()[\],;:"]+@[^\s@<>()[\],;:"]+\.[^\s@<>()[\],;:"]+/gu
/** A telephone number as people write them: local, with 27, or international; not the digits of a serial or a day. */
const NUMBER =
  /(?<![\p{L}\p{N}+])(?:(?:\+|00)[1-9](?:[\s().-]*\d){7,14}|27(?:[\s().-]*\d){9}|\(?0(?:[\s().-]*\d){9})(?!\p{N})/gu
const MARKUP: Readonly<Record<string, string>> = { '*': '·', _: '-', '~': '-', '`': "'" }

/**
 * A value as it may stand in a message: one line, nothing invisible, no more characters than `most`. It cannot make
 * anything bold, struck or quoted, start a list, or be tapped as a link; telephone numbers and e-mail addresses that
 * someone typed into it stay behind.
 */
export const plainValue = (value: string, most: number): string => {
  const line = value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cf}\p{Co}]/gu, '')
    .replace(E_MAIL, '[e-mail]')
    .replace(NUMBER, '[number]')
    .replaceAll('://', '[:]//')
    .replace(LINK_DOT, '[.]')
    .replace(/[*_~`]/g, (mark) => MARKUP[mark] ?? '')
    .replace(/\s+/g, ' ')
    .replace(/^(?:[\s>#•·]|-(?!\d))+/u, '')
    .replace(/^(\d+)\.\s/, '$1) ')
    .trim()
  return line.length <= most
    ? line
    : `${line
        .slice(0, most - 1)
        .replace(/[\uD800-\uDBFF]$/, '')
        .trimEnd()}…`
}
