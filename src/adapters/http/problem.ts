import { inSnakeCase } from '../contract/snake-case.ts'
import { type Code, type FieldMessages, STATUS_OF } from './codes.ts'
import { type Failure, refusals, type Sentence } from './refusals.ts'

/** Why a request is not answered as asked, ready to be sent in the host's shape. */
export type Problem = {
  readonly code: Code
  readonly message: string
  readonly details: Readonly<Record<string, unknown>> | null
  readonly headers: Readonly<Record<string, string>>
  /** For the log only, when the fault is ours. */
  readonly cause: unknown
}

export const problem = (
  code: Code,
  message: string,
  { details = null, headers = {}, cause = null }: Partial<Pick<Problem, 'details' | 'headers' | 'cause'>> = {},
): Problem => ({ code, message, details, headers, cause })

export const invalid = (details: FieldMessages): Problem =>
  problem('VALIDATION_ERROR', 'The request is not valid', { details })

const RETRY_AFTER_SECONDS = 5

export const unavailable = (message: string, cause: unknown = null): Problem =>
  problem('SERVICE_UNAVAILABLE', message, { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, cause })

/** A refusal or failure of the core as the host's error: the sentence from the table, the data as details. */
export const problemOf = (failure: Failure): Problem => {
  const { code, message, details } = (refusals[failure.type] as (failure: Failure) => Sentence)(failure)
  if (code === 'SERVICE_UNAVAILABLE') return unavailable(message, failure)
  if (code === 'VALIDATION_ERROR') return invalid((details ?? {}) as FieldMessages)
  if (STATUS_OF[code] >= 500) return problem(code, message, { cause: failure })
  return problem(code, message, { details: details === undefined ? explained(failure) : details })
}

const explained = ({ type, ...facts }: Failure): Readonly<Record<string, unknown>> => ({
  rule: type,
  ...(inSnakeCase(facts) as Record<string, unknown>),
})
