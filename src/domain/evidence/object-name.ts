import * as E from 'fp-ts/lib/Either.js'
import { COPY_SIZES } from './evidence.ts'

/** Where a file belongs. `stepKey` is the step's key, or a fixed word such as `document` for a file of no step. */
export type EvidencePlace = { readonly ticketId: string; readonly stepKey: string; readonly extension: string }

export type UnsafeName = { readonly type: 'UnsafeName'; readonly part: 'ticketId' | 'stepKey' | 'extension' | 'sha256' }

const PARTS = {
  ticketId: '[A-Za-z0-9][A-Za-z0-9_-]{0,63}',
  stepKey: '[a-z][a-z0-9_]{0,63}',
  sha256: '[0-9a-f]{64}',
  extension: '[a-z0-9]{1,5}',
} as const

const OBJECT_NAME = new RegExp(`^evidence/${PARTS.ticketId}/${PARTS.stepKey}/${PARTS.sha256}\\.${PARTS.extension}$`)

/** True for names this application makes; nothing else is ever looked up in storage. */
export const isObjectName = (name: string): boolean => OBJECT_NAME.test(name)

/** True where viewing copies lie: they are made again from their original, and erased with it. */
export const isCopyStep = (stepKey: string): boolean => (COPY_SIZES as ReadonlyArray<string>).includes(stepKey)

/** The place that a name was made for; null for any name this application does not make. */
export const placeOf = (name: string): EvidencePlace | null => {
  const [, ticketId = '', stepKey = '', file = ''] = isObjectName(name) ? name.split('/') : []
  return file === '' ? null : { ticketId, stepKey, extension: file.slice(file.indexOf('.') + 1) }
}

/** The content-addressed name of a file: nothing in it comes from the uploader. */
export const objectName = (place: EvidencePlace, sha256: string): E.Either<UnsafeName, string> => {
  const parts = { ...place, sha256 }
  const unsafe = (['ticketId', 'stepKey', 'sha256', 'extension'] as const).find(
    (part) => !new RegExp(`^${PARTS[part]}$`).test(parts[part]),
  )
  return unsafe === undefined
    ? E.right(`evidence/${place.ticketId}/${place.stepKey}/${sha256}.${place.extension}`)
    : E.left({ type: 'UnsafeName', part: unsafe })
}
