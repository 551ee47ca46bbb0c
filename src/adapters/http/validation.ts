import * as E from 'fp-ts/lib/Either.js'
import type { z } from 'zod'
import { withoutDeviceLogin } from '../../domain/shared/drop.ts'
import type { FieldMessages } from './codes.ts'

type Issue = z.core.$ZodIssue

const SHOWN = 80
const MOST_MESSAGES = 50

/** The value parsed, or one message per field that names the rule and the value; `whole` names the value itself. */
export const validate = <S extends z.ZodType>(
  schema: S,
  value: unknown,
  whole: string,
): E.Either<FieldMessages, z.output<S>> => {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return E.right(parsed.data)
  const messages = parsed.error.issues.flatMap((issue) => said(issue, value, whole)).slice(0, MOST_MESSAGES)
  return E.left(Object.fromEntries(messages.reverse())) // the first message of a field wins
}

const said = (issue: Issue, value: unknown, whole: string): ReadonlyArray<readonly [string, string]> => {
  const at = issue.path.map(String)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => [shortened([...at, key].join('.')), 'is not a known field'])
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined)
    return [
      [[...at, issue.discriminator].filter((name, n, all) => n === 0 || name !== all[n - 1]).join('.'), oneOf(issue)],
    ]
  const inner = issue.code === 'invalid_union' ? closest(issue.errors) : []
  if (inner.some((one) => one.path.length > 0))
    return inner.flatMap((one) => said({ ...one, path: [...issue.path, ...one.path] } as Issue, value, whole))
  const sent = issue.path.reduce<unknown>(
    (from, key) =>
      from !== null && typeof from === 'object' ? (from as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )
  const found = sent ?? issue.input // one of several values in a text, `open,foo`, has no place of its own in what was sent
  const rule = ruleOf(issue)
  return [
    [
      at.length === 0 ? whole : shortened(at.join('.')),
      found === undefined ? missing(rule) : isSilent(issue) ? rule : `${rule}; it is ${shown(found)}`,
    ],
  ]
}

const isSilent = (issue: Issue): boolean => issue.code === 'custom' && issue.params?.silent === true

const missing = (rule: string): string => `is required and ${rule}`

const closest = (errors: ReadonlyArray<ReadonlyArray<Issue>>): ReadonlyArray<Issue> =>
  [...errors].sort((one, other) => one.length - other.length)[0] ?? []

const oneOf = (issue: Extract<Issue, { code: 'invalid_union' }>): string => {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
  const input = issue.input as Record<string, unknown> | undefined
  const found = issue.discriminator === undefined ? undefined : input?.[issue.discriminator]
  const rule = `must be one of ${options.join(', ')}`
  return found === undefined ? missing(rule) : `${rule}; it is ${shown(found)}`
}

const UNITS: Readonly<Record<string, string>> = {
  string: 'characters',
  array: 'entries',
  set: 'entries',
  file: 'bytes',
}
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}
const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  datetime: 'a time such as 2026-01-31T08:00:00Z',
  date: 'a day such as 2026-01-31',
}

/** What the schema asks, in words. */
const ruleOf = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === Number.POSITIVE_INFINITY || issue.input === Number.NEGATIVE_INFINITY
        ? 'must be a finite number'
        : `must be ${KINDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.join(', ')}`
    case 'too_big':
    case 'too_small': {
      const limit = issue.code === 'too_big' ? issue.maximum : issue.minimum
      const unit = UNITS[issue.origin]
      const word = issue.code === 'too_big' ? 'at most' : 'at least'
      const than = issue.code === 'too_big' ? 'less than' : 'more than'
      return unit === undefined
        ? `must be ${issue.inclusive ? word : than} ${limit}`
        : issue.code === 'too_small' && limit === 1 && issue.origin === 'string'
          ? 'must not be empty'
          : `must have ${word} ${limit} ${unit}`
    }
    case 'invalid_format':
      return FORMATS[issue.format] === undefined ? plain(issue.message) : `must be ${FORMATS[issue.format]}`
    default:
      return plain(issue.message)
  }
}

const plain = (message: string): string =>
  message.startsWith('must ') ? message : `is not valid (${message.slice(0, 1).toLowerCase()}${message.slice(1)})`

const shortened = (name: string): string => (name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name).toWellFormed()

/** A value as JSON, cut short; of a list or an object only its size. */
const shown = (given: unknown): string => {
  const value = typeof given === 'string' ? withoutDeviceLogin(given) : given
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value !== null && typeof value === 'object') return 'an object'
  return typeof value === 'string'
    ? `${JSON.stringify(shortened(value))}${value.length > SHOWN ? ` (${value.length} characters)` : ''}`
    : String(value)
}
