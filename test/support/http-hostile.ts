/** A JSON schema as the OpenAPI document holds it, as far as requests are derived from it. */
export type Schema = {
  readonly $ref?: string
  readonly type?: string | ReadonlyArray<string>
  readonly enum?: ReadonlyArray<unknown>
  readonly const?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly maxLength?: number
  readonly minLength?: number
  readonly maximum?: number
  readonly minimum?: number
  readonly items?: Schema
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: boolean | Schema
  readonly oneOf?: ReadonlyArray<Schema>
  readonly anyOf?: ReadonlyArray<Schema>
  readonly allOf?: ReadonlyArray<Schema>
}
export type Parameter = {
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  readonly required?: boolean
  readonly schema: Schema
}
export type Operation = {
  readonly method: string
  readonly path: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly json: Schema | null
  readonly form: Schema | null
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>
export type OpenApi = {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly parameters?: ReadonlyArray<Parameter>; readonly requestBody?: { readonly content: Content } }
        >
      >
    >
  >
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

/** Every operation of the document, its references resolved. */
export const operationsOf = (document: OpenApi): ReadonlyArray<Operation> =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const content = requestBody?.content
      const json = content?.['application/json']?.schema
      const form = content?.['multipart/form-data']?.schema
      return {
        method,
        path,
        parameters: parameters.map((one) => ({ ...one, schema: resolved(document, one.schema) })),
        json: json === undefined ? null : resolved(document, json),
        form: form === undefined ? null : resolved(document, form),
      }
    }),
  )

const resolved = (document: OpenApi, schema: Schema): Schema => {
  const named = schema.$ref?.split('/').at(-1)
  if (named !== undefined) {
    const found = document.components?.schemas?.[named]
    if (found === undefined) throw new Error(`the document has no schema ${named}`)
    return resolved(document, found)
  }
  const each = (list: ReadonlyArray<Schema> | undefined) => list?.map((one) => resolved(document, one))
  const { oneOf, anyOf, allOf, items, properties } = schema
  return {
    ...schema,
    ...(oneOf === undefined ? {} : { oneOf: each(oneOf) ?? [] }),
    ...(anyOf === undefined ? {} : { anyOf: each(anyOf) ?? [] }),
    ...(allOf === undefined ? {} : { allOf: each(allOf) ?? [] }),
    ...(items === undefined ? {} : { items: resolved(document, items) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, one]) => [name, resolved(document, one)]),
          ),
        }),
  }
}

/** Each shape a value may have, null left out. */
const shapes = (schema: Schema): ReadonlyArray<Schema> => {
  const many = schema.oneOf ?? schema.anyOf
  if (many !== undefined) return many.flatMap(shapes)
  return schema.type === 'null' ? [] : [schema]
}
const typesOf = (schema: Schema): ReadonlyArray<string> =>
  shapes(schema).flatMap(({ type, enum: values, const: only }) =>
    type === undefined
      ? (values ?? (only === undefined ? [] : [only])).map((value) => typeof value)
      : typeof type === 'string'
        ? [type]
        : type,
  )
const takesNull = (schema: Schema): boolean =>
  schema.type === 'null' ||
  (Array.isArray(schema.type) && schema.type.includes('null')) ||
  (schema.oneOf ?? schema.anyOf ?? []).some(takesNull)

export const SOME_ID = '0b9d3f4e-5a57-4c5f-9d3b-0e8f1a2b3c4d'

/** A value the schema takes, as far as the schema says. */
export const sampleOf = (schema: Schema): unknown => {
  const [shape] = shapes(schema)
  if (shape === undefined) return null
  if (shape.const !== undefined) return shape.const
  if (shape.enum !== undefined) return shape.enum[0]
  switch (typesOf(shape)[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(shape.properties ?? {})
          .filter(([name]) => shape.required?.includes(name) === true)
          .map(([name, inner]) => [name, sampleOf(inner)]),
      )
    case 'array':
      return shape.items === undefined ? [] : [sampleOf(shape.items)]
    case 'integer':
    case 'number':
      return Math.max(shape.minimum ?? 1, -1_000)
    case 'boolean':
      return true
    default:
      return sampleText(shape)
  }
}

const sampleText = ({ format, pattern }: Schema): string => {
  if (format === 'uuid') return SOME_ID
  if (format === 'date') return '2026-04-01'
  if (format === 'date-time') return '2026-03-03T07:00:00Z'
  return pattern?.includes('\\d') === true ? '1' : 'x'
}

/** A wrong value in place of one field; `field` is what the answer must name. */
export type Bad = { readonly what: string; readonly field: string; readonly body: unknown }

const OF_ANOTHER_TYPE: Readonly<Record<string, unknown>> = {
  string: 'text',
  integer: 7,
  number: 7,
  boolean: true,
  array: [],
  object: { a: 1 },
}
/** In no text whatever. */
const NEVER = { 'a NUL': 'a\u0000b', 'half a surrogate pair': 'a\ud800b', 'what was no UTF-8': 'a\ufffdb' }
/** In no field that has a format or a list of words. */
const HOSTILE = {
  SQL: "'; drop table tickets; --",
  HTML: '<script>alert(1)</script>',
  'a line break': 'a\r\nSet-Cookie: a=b',
  'a path': '../../../etc/passwd',
  'a formula': '=cmd()',
  nothing: '',
}

const badValues = (schema: Schema): ReadonlyArray<readonly [string, unknown]> => {
  const types = typesOf(schema)
  const isText = types.includes('string')
  const closed = shapes(schema).every(({ enum: values, const: only, format }) =>
    [values, only, format].some((said) => said !== undefined),
  )
  const wrong = Object.entries(OF_ANOTHER_TYPE)
    .filter(([type]) => !types.includes(type) && !(type === 'integer' && types.includes('number')))
    .filter(([type]) => !(type === 'number' && types.includes('integer')))
    .map(([type, value]) => [`a ${type}`, value] as const)
  const longest = Math.max(...shapes(schema).map(({ maxLength }) => maxLength ?? 0))
  const highest = shapes(schema).find(({ maximum }) => maximum !== undefined)?.maximum
  const lowest = shapes(schema).find(({ minimum }) => minimum !== undefined)?.minimum
  const most = shapes(schema).find(({ maxItems }) => maxItems !== undefined)?.maxItems
  const item = shapes(schema).find(({ items }) => items !== undefined)?.items
  return [
    ...wrong,
    ...(takesNull(schema) ? [] : [['null', null] as const]),
    ...(isText ? Object.entries(NEVER) : []),
    ...(isText && closed ? Object.entries(HOSTILE) : []),
    ...(isText && longest > 0 ? [['too long a text', 'x'.repeat(longest + 1)] as const] : []),
    ...(highest === undefined ? [] : [['too much', highest + 1] as const]),
    ...(lowest === undefined ? [] : [['too little', lowest - 1] as const]),
    ...(most === undefined || item === undefined
      ? []
      : [['too many', Array.from({ length: most + 1 }, () => sampleOf(item))] as const]),
  ]
}

/** Bodies that differ from a good one in one place. */
export const badBodies = (schema: Schema): ReadonlyArray<Bad> =>
  shapes(schema).flatMap((shape) => badObjects(shape, '', (value) => value, sampleOf(shape) as object))

const badObjects = (
  shape: Schema,
  prefix: string,
  within: (value: unknown) => unknown,
  good: object,
): ReadonlyArray<Bad> => {
  const named = (name: string) => (prefix === '' ? name : `${prefix}.${name}`)
  const unknown = ['surprise', '__proto__', 'constructor'].map((name) => ({
    what: `an unknown field ${name}`,
    field: named(name),
    body: within(Object.fromEntries([...Object.entries(good), [name, { a: 1 }]])),
  }))
  const fields = Object.entries(shape.properties ?? {}).flatMap(([name, inner]): ReadonlyArray<Bad> => {
    const put = (value: unknown) => within({ ...good, [name]: value })
    const missing =
      shape.required?.includes(name) === true
        ? [{ what: 'nothing', field: named(name), body: within(without(good, name)) }]
        : []
    const bad = badValues(inner).map(([what, value]) => ({ what, field: named(name), body: put(value) }))
    const nested = shapes(inner).flatMap((one): ReadonlyArray<Bad> => {
      if (one.properties !== undefined) {
        const inside = badObjects(one, named(name), put, sampleOf(one) as object)
        // of shapes that nothing tells apart, the answer may explain another one than was meant
        return areAlike(inner) ? inside.map((bad) => ({ ...bad, field: named(name) })) : inside
      }
      const [item] = one.items === undefined ? [] : shapes(one.items)
      return item?.properties === undefined
        ? []
        : badObjects(item, `${named(name)}.0`, (value) => put([value]), sampleOf(item) as object)
    })
    return [...missing, ...bad, ...nested]
  })
  return [...unknown, ...fields]
}

const areAlike = (schema: Schema): boolean => {
  const objects = shapes(schema).filter(({ properties }) => properties !== undefined)
  return (
    objects.length > 1 &&
    !objects.every(({ properties }) => Object.values(properties ?? {}).some((one) => one.const !== undefined))
  )
}

const without = (object: object, name: string): object =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))

/** Query strings that differ from none in one parameter. */
export const badQueries = (
  parameters: ReadonlyArray<Parameter>,
): ReadonlyArray<{ readonly field: string | null; readonly query: string }> => [
  { field: 'surprise', query: 'surprise=1' },
  { field: '__proto__', query: '__proto__=1' },
  { field: null, query: 'q=%ff' },
  { field: null, query: `q=${'x'.repeat(9_000)}` },
  ...parameters
    .filter((one) => one.in === 'query')
    .flatMap(({ name, schema }) => {
      const value = encodeURIComponent(String(sampleOf(schema)))
      const closed = shapes(schema).every(({ enum: values, format }) => values !== undefined || format !== undefined)
      return [
        { field: name, query: `${name}=${value}&${name}=${value}` },
        { field: name, query: `${name}[a]=1` },
        ...Object.values(NEVER)
          .filter((text) => text.isWellFormed())
          .map((text) => ({ field: name, query: `${name}=${encodeURIComponent(text)}` })),
        ...(closed
          ? Object.values(HOSTILE).map((text) => ({ field: name, query: `${name}=${encodeURIComponent(text)}` }))
          : []),
      ].map((one) => (one.query.includes('[a]') ? { ...one, field: `${name}[a]` } : one))
    }),
]

/** What no id and no word of a path can be. */
export const BAD_SEGMENTS = [
  "'%20or%201=1--",
  '%00',
  '..%2f..%2fetc%2fpasswd',
  '%3Cscript%3E',
  '%ff',
  'x'.repeat(2_000),
  '%F0%9F%92%A9',
]
