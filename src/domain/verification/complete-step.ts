import * as E from 'fp-ts/lib/Either.js'
import type { Photo } from '../evidence/photo.ts'
import { PLAUSIBLE_RX } from '../readiness/readiness.ts'
import { parseOntSerial, parseUpsSerial } from '../shared/drop.ts'
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
  name: (value) => (value === null ? 'no name' : null),
  ont_serial: (value) =>
    value === null ? 'no scanned ONT serial' : E.isLeft(parseOntSerial(value)) ? 'not a valid ONT serial' : null,
  ups_serial: (value) =>
    value === null ? 'no scanned UPS serial' : E.isLeft(parseUpsSerial(value)) ? 'not a valid UPS serial' : null,
  dbm: (value) =>
    value === null
      ? 'no dBm reading'
      : Number(value) < PLAUSIBLE_RX.min || Number(value) > PLAUSIBLE_RX.max
        ? 'not a plausible dBm reading'
        : null,
}

/** What is wrong with the value a step needs, or null when it needs none or has a good one. */
export const valueProblem = (key: StepKey, value: string | null): string | null => problems[stepList[key].value](value)
