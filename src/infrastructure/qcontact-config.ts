import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import type { Credentials } from '../adapters/qcontact/client.ts'
import { type QContactConfiguration, qcontactConfiguration } from '../adapters/qcontact/configuration.ts'

/** The tenant of QContact to keep in step with. Holds secrets: never log it. */
export type QContactConfig = {
  readonly configuration: QContactConfiguration
  readonly credentials: Credentials
  /** Several while one takes over from another; none: nobody may send hints. */
  readonly webhookSecrets: ReadonlyArray<string>
}

export const qcontactEnvironment = {
  QCONTACT_CONFIG: z.string().nullable().default(null),
  QCONTACT_EMAIL: z.string().max(255).nullable().default(null),
  QCONTACT_PASSWORD: z.string().max(1_000).nullable().default(null),
  QCONTACT_WEBHOOK_SECRETS: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine(
      (all) => all.length <= 5 && all.every((one) => one.length >= 16),
      'one to five secrets of at least 16 characters, with commas between',
    )
    .nullable()
    .default(null),
}

/** Of these the values are never shown. */
export const QCONTACT_SECRETS: ReadonlyArray<string> = [
  'QCONTACT_EMAIL',
  'QCONTACT_PASSWORD',
  'QCONTACT_WEBHOOK_SECRETS',
]

/** As the whole configuration names what it cannot use. */
type Problem = { readonly variable: string; readonly rule: string; readonly value: string }

type Read = z.infer<z.ZodObject<typeof qcontactEnvironment>>

const problem = (variable: string, rule: string, value: string): Problem => ({ variable, rule, value })

/** Reads the tenant's file at start, so that a word QContact would not understand is named before anything is sent. */
export const qcontactOf = (data: Read): E.Either<ReadonlyArray<Problem>, QContactConfig | null> => {
  const { QCONTACT_CONFIG: file, QCONTACT_EMAIL: email, QCONTACT_PASSWORD: password } = data
  if (file === null) return E.right(null)
  if (email === null || password === null)
    return E.left([
      problem(email === null ? 'QCONTACT_EMAIL' : 'QCONTACT_PASSWORD', 'set where QCONTACT_CONFIG is', '""'),
    ])
  const said = E.tryCatch(
    (): unknown => JSON.parse(readFileSync(file, 'utf8')),
    () => [problem('QCONTACT_CONFIG', 'a JSON file that can be read', JSON.stringify(file.slice(0, 80)))],
  )
  if (E.isLeft(said)) return said
  const parsed = qcontactConfiguration.safeParse(said.right)
  return parsed.success
    ? E.right({
        configuration: parsed.data,
        credentials: { email, password },
        webhookSecrets: data.QCONTACT_WEBHOOK_SECRETS ?? [],
      })
    : E.left(
        parsed.error.issues
          .slice(0, 10)
          .map(({ path, message }) =>
            problem(
              'QCONTACT_CONFIG',
              `a file that describes a tenant, with ${path.join('.') || 'nothing else in it'}: ${message}`,
              'otherwise',
            ),
          ),
      )
}
