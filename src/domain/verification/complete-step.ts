import * as E from 'fp-ts/lib/Either.js'
import type { Photo } from '../evidence/photo.ts'
import { PLAUSIBLE_RX } from '../readiness/readiness.ts'
import { parseOntSerial, parseUpsSerial, serialFromBarcode, withoutDeviceLogin } from '../shared/drop.ts'
import type { Common } from '../ticket/ticket.ts'
import { type StepKey, type StepValueKind, stepList } from './steps.ts'

/** The photo that stands for a step now. */
export const currentPhoto = (ticket: Pick<Common, 'photos'>, key: StepKey): Photo | undefined =>
  ticket.photos.find((photo) => photo.step === key && photo.current)

/** What a step recorded: its scanned serial, the client's name, or the dBm reading as text. */
export const valueOfStep = (ticket: Pick<Common, 'steps' | 'equipment'>, key: StepKey): string | null =>
  stepList[key].value === 'dbm'
    ? (ticket.equipment.ontRx?.toString() ?? null)
    : (ticket.steps.find((step) => step.key === key)?.value ?? null)

const problems: { readonly [K in StepValueKind]: (value: string | null) => string | null } = {
  none: () => null,
  name: (value) => (value === null || value.trim() === '' ? 'no name' : null),
  ont_serial: (value) =>
    value === null ? 'no scanned ONT serial' : E.isLeft(parseOntSerial(value)) ? 'not a valid ONT serial' : null,
  ups_serial: (value) =>
    value === null ? 'no scanned UPS serial' : E.isLeft(parseUpsSerial(value)) ? 'not a valid UPS serial' : null,
  dbm: (value) =>
    value === null
      ? 'no dBm reading'
      : Number(value) >= PLAUSIBLE_RX.min && Number(value) <= PLAUSIBLE_RX.max
        ? null
        : 'not a plausible dBm reading',
}

/** What is wrong with the value a step needs, or null when it needs none or has a good one. */
export const valueProblem = (key: StepKey, value: string | null): string | null => problems[stepList[key].value](value)

const READING = /^-?\d{1,3}(?:\.\d{1,3})?$/

const kept: { readonly [K in StepValueKind]: (said: string) => E.Either<string, string> } = {
  none: () => E.left('takes no value'),
  name: (said) => {
    const name = withoutDeviceLogin(said).trim()
    return name === '' ? E.left('no name') : E.right(name)
  },
  ont_serial: (said) => E.mapLeft(() => 'not a valid ONT serial')(serialFromBarcode(said)),
  ups_serial: (said) => E.mapLeft(() => 'not a valid UPS serial')(parseUpsSerial(said)),
  dbm: (said) =>
    READING.test(said.trim()) ? E.right(String(Number(said))) : E.left('not a dBm reading with at most three decimals'),
}

/** What is kept of a scan, a reading or a name, or what is wrong with it; of a barcode only the serial, never the login beside it. */
export const keptValue = (key: StepKey, said: string): E.Either<string, string> => kept[stepList[key].value](said)
