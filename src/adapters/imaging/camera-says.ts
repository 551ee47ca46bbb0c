import exifr from 'exifr'
import type { Coordinates } from '../../domain/evidence/evidence.ts'
import type { Instant } from '../../domain/shared/time.ts'

/** What a camera wrote into a picture. Anyone can write there: a signal, never proof. */
export type CameraSays = { readonly capturedAt: Instant | null; readonly takenAt: Coordinates | null }

/** South Africa keeps no summer time, and most cameras write no zone (reference: 0 of 251 did). */
const JOHANNESBURG = '+02:00'

const SILENT: CameraSays = { capturedAt: null, takenAt: null }

const ASKED = {
  ifd0: { pick: [] },
  exif: { pick: ['DateTimeOriginal', 'OffsetTimeOriginal'] },
  gps: { pick: ['GPSLatitudeRef', 'GPSLatitude', 'GPSLongitudeRef', 'GPSLongitude'] },
  ifd1: false,
  interop: false,
  makerNote: false,
  userComment: false,
  xmp: false,
  icc: false,
  iptc: false,
  jfif: false,
  ihdr: false,
  reviveValues: false,
  translateValues: false,
} as unknown as Parameters<typeof exifr.parse>[1]

/** Capture time and place from a raw EXIF block; what is not said plainly is null. Never fails on hostile bytes. */
export const cameraSays = async (exif: Uint8Array): Promise<CameraSays> => {
  const said: Readonly<Record<string, unknown>> | null = await exifr.parse(withoutMarker(exif), ASKED).catch(() => null)
  return typeof said !== 'object' || said === null
    ? SILENT
    : {
        capturedAt: instantOf(said.DateTimeOriginal, said.OffsetTimeOriginal),
        takenAt: placeOf(said.latitude, said.longitude),
      }
}

const withoutMarker = (exif: Uint8Array): Uint8Array =>
  [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, i) => exif[i] === byte) ? exif.subarray(6) : exif

const instantOf = (local: unknown, offset: unknown): Instant | null => {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(plain(local))
  if (parts === null) return null
  const wall = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}.000`
  const asUtc = Date.parse(`${wall}Z`)
  // The 31st of February would roll over into March.
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString() !== `${wall}Z`) return null
  const zone = plain(offset)
  const at = Date.parse(`${wall}${/^[+-]\d\d:\d\d$/.test(zone) ? zone : JOHANNESBURG}`)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

const plain = (said: unknown): string => (typeof said === 'string' ? said.replace(/\0.*/s, '').trim() : '')

/** A camera without a fix writes 0, 0: a point in the Atlantic. */
const placeOf = (lat: unknown, lon: unknown): Coordinates | null =>
  isWithin(lat, 90) && isWithin(lon, 180) && !(lat === 0 && lon === 0) ? { lat, lon } : null

const isWithin = (degrees: unknown, most: number): degrees is number =>
  typeof degrees === 'number' && Number.isFinite(degrees) && Math.abs(degrees) <= most
