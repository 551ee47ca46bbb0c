import { existsSync, readFileSync } from 'node:fs'
import type { Recorded } from '../../src/adapters/waha/stand-in/server.ts'

type Schema = {
  readonly $ref?: string
  readonly type?: string | ReadonlyArray<string>
  readonly required?: ReadonlyArray<string>
  readonly properties?: Readonly<Record<string, Schema>>
  readonly nullable?: boolean
}
type Parameter = { readonly in: string; readonly name: string; readonly required?: boolean; readonly schema?: Schema }
type Operation = {
  readonly parameters?: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
}
export type WahaDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const FILE = new URL('../../../shared/reference/waha/openapi.json', import.meta.url)

/** WAHA's own OpenAPI document, where it lies beside the checkout; null elsewhere. */
export const wahaDocument = (): WahaDocument | null =>
  existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as WahaDocument) : null

/** What of a request the document does not allow; nothing it does not name, nothing it asks for left out. */
export const problemsOf = (document: WahaDocument, { method, path, query, body }: Recorded): ReadonlyArray<string> => {
  const [template, operations] =
    Object.entries(document.paths)
      .toSorted(([a], [b]) => a.split('{').length - b.split('{').length)
      .find(([name, all]) => fits(name, path) && method.toLowerCase() in all) ?? []
  const operation = operations?.[method.toLowerCase()]
  if (operation === undefined) return [`${method} ${path} is not in the document`]
  const parameters = (operation.parameters ?? []).filter((one) => one.in === 'query')
  const schema = operation.requestBody?.content?.['application/json']?.schema
  return [
    ...parameters
      .filter(({ name, required }) => required === true && !(name in query))
      .map(({ name }) => `${template} lacks ${name}`),
    ...Object.keys(query)
      .filter((name) => !parameters.some((one) => one.name === name))
      .map((name) => `${template} has no ${name}`),
    ...(schema === undefined
      ? body === null
        ? []
        : [`${template} takes no body`]
      : bodyProblems(resolved(document, schema), body)),
  ]
}

const fits = (template: string, path: string): boolean =>
  new RegExp(`^${template.replaceAll(/[.+]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)

const resolved = (document: WahaDocument, schema: Schema): Schema => {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : (document.components.schemas[name] ?? schema)
}

const bodyProblems = ({ properties = {}, required = [] }: Schema, body: unknown): ReadonlyArray<string> => {
  const given = (body ?? {}) as Readonly<Record<string, unknown>>
  return [
    ...(Array.isArray(required) ? required : [])
      .filter((name) => !(name in given))
      .map((name) => `the body lacks ${name}`),
    ...Object.entries(given).flatMap(([name, value]) => {
      const asked = properties[name]
      if (asked === undefined) return [`the body has no ${name}`]
      return asked.type === undefined || [asked.type].flat().includes(typeof value)
        ? []
        : [`${name} is no ${[asked.type].flat().join(' or ')}`]
    }),
  ]
}
