import * as E from 'fp-ts/lib/Either.js'
import { type TemplateKind, VARIABLES, type VariableName, type VariableRule, variablesOf } from './template-kinds.ts'
import { plainValue } from './template-value.ts'

/** A message before its values are put in, line by line. */
export type Template = ReadonlyArray<ReadonlyArray<Part>>
type Part = { readonly text: string } | { readonly variable: VariableName }

/** What a message is filled with: one text, several for a list, or null (or nothing at all) where there is none. */
export type TemplateValues = { readonly [V in VariableName]?: string | ReadonlyArray<string> | null }

/** Why a text cannot be a template; `value` is the part of it that is wrong. */
export type TemplateRefusal = { readonly type: 'TemplateRefused'; readonly rule: string; readonly value: string }

export const MOST_TEMPLATE = 1_000
/** What one WhatsApp message holds. A template that could grow beyond is refused, so that no message is ever cut. */
export const MOST_MESSAGE = 4_096

/** How a value that is not there is written, in a line that also says something else. */
const MISSING = '-'

const PART = /\{\{\s*([^{}]*?)\s*\}\}|\{\s*([^{}]*?)\s*\}/g
const BRACE = /[^{}]{0,20}[{}][^{}]{0,20}/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufffd]|(?![\u200d])\p{Cf}/u

const refused = (rule: string, value: string): E.Either<TemplateRefusal, never> =>
  E.left({ type: 'TemplateRefused', rule, value })

/** Reads a template; a variable is written `{{ticket_uid}}` or, as the host has it, `{ticket_uid}`. */
export const parseTemplate = (kind: TemplateKind, said: string): E.Either<TemplateRefusal, Template> => {
  const text = said.replaceAll('\r\n', '\n').trim()
  if (text.length > MOST_TEMPLATE) return refused(`at most ${MOST_TEMPLATE} characters`, `${text.length} characters`)
  const unseen = UNSEEN.exec(text)
  if (unseen !== null || !text.isWellFormed())
    return refused('text without invisible characters', `U+${(unseen?.[0] ?? '').codePointAt(0)?.toString(16) ?? ''}`)
  const names = [...text.matchAll(PART)].map((found) => found[1] ?? found[2] ?? '')
  const allowed = variablesOf(kind)
  const unknown = names.find((name) => !isOneOf(allowed, name))
  if (unknown !== undefined)
    return refused(`text that names only these variables: ${allowed.join(', ')}`, `{{${unknown}}}`)
  const brace = BRACE.exec(text.replace(PART, ' '))
  if (brace !== null) return refused('text with braces only around a variable, as in {{ticket_uid}}', brace[0])
  if (!names.includes('ticket_uid')) return refused('text that names {{ticket_uid}}, so that its ticket is found', text)
  const template = text.split('\n').map(partsOf)
  const longest = longestOf(template)
  return longest > MOST_MESSAGE
    ? refused(`short enough: filled with the longest values it may have ${MOST_MESSAGE} characters`, `${longest}`)
    : E.right(template)
}

const isOneOf = (allowed: ReadonlyArray<VariableName>, name: string): name is VariableName =>
  allowed.some((one) => one === name)

const partsOf = (line: string): ReadonlyArray<Part> => {
  const found = [...line.matchAll(PART)]
  const ends = found.map((one) => one.index + one[0].length)
  return [
    ...found.flatMap(
      (one, n): ReadonlyArray<Part> => [
        { text: line.slice(ends[n - 1] ?? 0, one.index) },
        { variable: (one[1] ?? one[2]) as VariableName },
      ],
    ),
    { text: line.slice(ends.at(-1) ?? 0) },
  ].filter((part) => !('text' in part) || part.text !== '')
}

const ENTRY = '• '

const longestOf = (template: Template): number =>
  template.flat().reduce((sum, part) => sum + ('text' in part ? part.text.length : longestValue(part.variable)), 0) +
  template.length -
  1

const longestValue = (name: VariableName): number => {
  const { most, entries }: VariableRule = VARIABLES[name]
  return entries === undefined ? most : entries * (most + ENTRY.length + 1)
}

/**
 * The message. A line that names variables of which none has a value is left out; in any other line a missing value is
 * written as a dash. Values are made plain, see {@link plainValue}; what the template itself says stands as it is.
 */
export const renderTemplate = (template: Template, values: TemplateValues): string =>
  template
    .flatMap((parts) => {
      const named = parts.flatMap((part) => ('variable' in part ? [written(part.variable, values)] : []))
      if (named.length > 0 && named.every((value) => value === null)) return []
      return [parts.map((part) => ('text' in part ? part.text : (written(part.variable, values) ?? MISSING))).join('')]
    })
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

const written = (name: VariableName, values: TemplateValues): string | null => {
  const { most, entries }: VariableRule = VARIABLES[name]
  const value = values[name] ?? []
  const all = typeof value === 'string' ? [value] : value
  if (entries === undefined) return plainValue(all.join(', '), most) || null
  const lines = all.slice(0, entries).map((one) => plainValue(one, most))
  return (
    lines
      .filter((one) => one !== '')
      .map((one) => `${ENTRY}${one}`)
      .join('\n') || null
  )
}
