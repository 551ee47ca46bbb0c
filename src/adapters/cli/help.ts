/** The lines under a command's help that show it in use. */
export const examples = (...lines: ReadonlyArray<string>): string =>
  ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  $ ticketing ${line}`)].join('\n')
