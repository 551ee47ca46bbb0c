import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import {
  parseDropNumber,
  parsePole,
  parsePon,
  parseUpsSerial,
  parseZone,
  serialFromBarcode,
  withoutDeviceLogin,
} from '../../domain/shared/drop.ts'

// PostgreSQL's text holds no NUL and no half of a surrogate pair; other control characters are somebody's trick, and
// U+FFFD is what bytes that were no UTF-8 became.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROL_OR_BREAK = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/

const checked = (control: RegExp, rule: string, max: number, kept: (said: string) => string) =>
  z
    .string()
    .max(max)
    .refine((value) => value.isWellFormed() && !control.test(value), rule)
    .overwrite(kept)
    .trim()
    .min(1)

const oneLine = (max: number, kept: (said: string) => string) =>
  checked(CONTROL_OR_BREAK, 'must be one line of text without control characters', max, kept)

/** One line of text, trimmed, not empty; of a scanned label in it only the serial is kept. */
export const line = (max: number) => oneLine(max, withoutDeviceLogin)
/** Text of several lines, trimmed, not empty; of a scanned label in it only the serial is kept. */
export const text = (max: number) =>
  checked(CONTROL, 'must be text without control characters', max, withoutDeviceLogin)
/** One line as it was scanned or typed; what takes it reduces it by its own rule, so that a label that is none is said to be so. */
export const scanned = (max: number) => oneLine(max, (said) => said)

/** An id this application or a client made. */
export const id = z.uuid().transform((value) => value.toLowerCase())
/** An id of the host's: projects, contractors, teams, people. */
export const hostId = line(255)
export const instant = z.iso
  .datetime({ offset: true })
  .refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time that exists')
  .transform((value) => new Date(value).toISOString())
export const day = z.iso.date()
export const version = z.int().min(1).max(2_147_483_647)

/** Query texts arrive as texts; this one is a whole number. */
export const count = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
/** Several values of one filter: `status=open,assigned`. */
export const several = <T extends string>(values: readonly [T, ...T[]]) =>
  z
    .string()
    .max(1_000)
    .transform((value) => value.split(',').map((one) => one.trim()))
    .pipe(z.array(z.enum(values)).min(1).max(50))
/** Several ids or words of one filter, none of a fixed list. */
export const severalLines = (max: number) =>
  z
    .string()
    .max(50 * (max + 1))
    .transform((value) => value.split(',').map((one) => one.trim()))
    .pipe(z.array(line(max)).min(1).max(50))

const normalised = (parse: (said: string) => E.Either<unknown, string>, rule: string) =>
  scanned(200).transform((said, context) => {
    const parsed = parse(said)
    if (E.isRight(parsed)) return parsed.right
    // a scanned label may hold a device's login, so it is not said back
    context.addIssue({ code: 'custom', message: rule, params: { silent: true } })
    return z.NEVER
  })

/** Names of the network in any of their spellings, and serials as scanned: of a barcode only the serial is kept. */
export const drop = normalised(parseDropNumber, 'must be a drop number such as DR1729500')
export const pole = normalised(parsePole, 'must be a pole such as LAW.P.A002')
export const pon = normalised(parsePon, 'must be a PON such as 7')
export const zone = normalised(parseZone, 'must be a zone such as 7')
export const ontSerial = normalised(serialFromBarcode, 'must be an ONT serial such as ALCLB465A671')
export const upsSerial = normalised(parseUpsSerial, 'must be a UPS serial such as GU18W12V25176431')
/** Received power in dBm, at most three decimals. */
export const dbm = z
  .number()
  .min(-99.999)
  .max(99.999)
  .refine((value) => Number(value.toFixed(3)) === value, 'must have at most three decimals')

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** The fields that were given; one left out is not there at all. */
export const given = <T extends object>(fields: T): Partial<Present<T>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Present<T>>
