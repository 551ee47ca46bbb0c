import { z } from 'zod'

/** Ids outgrow 32 bits and come as numbers or texts. */
const id = z
  .union([z.string().min(1).max(100), z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)])
  .transform(String)

const row = z.looseObject({ id })

export const listPage = z.object({
  results: z.array(row),
  pagination: z.object({ count: z.number().int().nonnegative(), pages: z.number().int().nonnegative() }),
})
export type ListPage = z.output<typeof listPage>

const related = z.union([z.looseObject({ id: id.nullish(), label: z.string().nullish() }), z.null()])

export const detail = z.object({
  id,
  label: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  fields: z.record(z.string(), z.unknown()),
  relationships: z.record(z.string(), related).default({}),
})
export type Detail = z.output<typeof detail>

const said = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((value) => (value === null ? null : String(value)))

export const events = z.object({
  results: z.array(
    z.looseObject({
      id,
      formatted_changes: z
        .array(z.looseObject({ field: z.string(), new_value: said.optional() }))
        .nullish()
        .catch(null),
      user: z.unknown(),
      raised_at: z.string().nullish().catch(null),
    }),
  ),
})
export type Events = z.output<typeof events>

export const made = z.looseObject({ id: id.nullish() })
export const anything = z.unknown()
