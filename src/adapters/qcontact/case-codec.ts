import * as E from 'fp-ts/lib/Either.js'
import type { RemoteChange, RemoteTicket } from '../../application/ports/ticket-system.ts'
import { parseDropNumber, serialFromBarcode, withoutDeviceLogin } from '../../domain/shared/drop.ts'
import type { SyncField, Value, Values } from '../../domain/sync/fields.ts'
import { inRemoteAlphabet, type StatusMaps } from '../../domain/sync/status-map.ts'
import type { QContactConfiguration } from './configuration.ts'
import type { Detail, Events } from './wire.ts'

export const statusMapsOf = ({ statusOut, statusAlias }: QContactConfiguration): StatusMaps => ({
  out: statusOut,
  alias: statusAlias,
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]/g

const text = (max: number) => (said: string) => {
  const kept = withoutDeviceLogin(said.toWellFormed().replaceAll(CONTROL, ' ')).trim().slice(0, max).trim()
  return kept === '' ? null : kept
}

/** Each field as the two sides compare it; what cannot be read as one is none. */
const CODECS: { readonly [F in SyncField]: (said: string, maps: StatusMaps) => Value } = {
  status: (said, maps) => inRemoteAlphabet(maps, said),
  assignee: (said) => said,
  client_name: text(255),
  client_phone: text(50),
  client_email: text(255),
  address: text(2_000),
  description: text(10_000),
  dr_number: (said) => {
    const found = E.getOrElse((): string => '')(parseDropNumber(said))
    // A label may hold more than the number: "DR1733214 - LAW.P.A002".
    return found || (/\bDR\s?(\d{6,8})\b/i.exec(said)?.[1]?.replace(/^/, 'DR') ?? null)
  },
  ont_serial: (said) => {
    const found = serialFromBarcode(said)
    return E.isRight(found) ? found.right : null
  },
}

/** A value by its path; what is neither text nor number is none. */
const at = (detail: Detail, path: string): string | null => {
  let here: unknown = detail
  for (const step of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return null
    here = (here as Readonly<Record<string, unknown>>)[step]
  }
  return typeof here === 'string' || typeof here === 'number' ? String(here).trim() || null : null
}

const REFERENCE = /\bFT(\d{6})(?!\d)/

const instantOf = (said: string | null | undefined): string | null => {
  const ms = Date.parse(said ?? '')
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}

/** A case in our words. */
export const remoteTicketOf = (configuration: QContactConfiguration, detail: Detail): RemoteTicket => {
  const maps = statusMapsOf(configuration)
  const values: Values = Object.fromEntries(
    configuration.fields.map(({ local, read }) => {
      const said = at(detail, read)
      return [local, said === null ? null : CODECS[local](said, maps)]
    }),
  )
  const label = text(255)(detail.label ?? '')
  const reference = REFERENCE.exec(label ?? '') ?? REFERENCE.exec(at(detail, configuration.reference) ?? '')
  return {
    id: detail.id,
    reference: reference === null ? null : `FT${reference[1]}`,
    version: detail.updated_at ?? '',
    createdAt: instantOf(detail.created_at),
    category: at(detail, configuration.category),
    title: label,
    values,
  }
}

/** Its change log names a field by the name it is written under, or by the last one of where it is read. */
const fieldNamed = ({ fields }: QContactConfiguration, said: string): SyncField | undefined =>
  fields.find(({ write, read }) => write === said || read.split('.').includes(said))?.local

export const changesOf = (
  configuration: QContactConfiguration,
  ourNames: ReadonlySet<string>,
  { results }: Events,
): ReadonlyArray<RemoteChange> =>
  results.map(({ id, user, formatted_changes: changes }) => ({
    id,
    byUs: namesOf(user).some((one) => ourNames.has(one)),
    changes: (changes ?? []).flatMap(({ field: said, new_value: value }) => {
      const field = fieldNamed(configuration, said)
      return field === undefined
        ? []
        : [{ field, to: value == null || value === '' ? null : CODECS[field](value, statusMapsOf(configuration)) }]
    }),
  }))

const namesOf = (user: unknown): ReadonlyArray<string> => {
  if (typeof user === 'string' || typeof user === 'number') return [String(user)]
  if (typeof user !== 'object' || user === null) return []
  const { id, uid, email } = user as Readonly<Record<string, unknown>>
  return [id, uid, email].flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []))
}
