import type { Instant } from '../../domain/shared/time.ts'

const EXIF_IFD = 0x8769
const DATE_TIME_ORIGINAL = 0x9003
const OFFSET_TIME_ORIGINAL = 0x9011
/** South Africa keeps no summer time, and most cameras write no zone. */
const JOHANNESBURG = '+02:00'

/** When the shutter was pressed, from the raw EXIF block; null when it does not say so plainly. Never throws on hostile bytes. */
export const captureTime = (exif: Uint8Array): Instant | null => {
  const tiff = startsWithMarker(exif) ? exif.subarray(6) : exif
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const little = tiff[0] === 0x49 && tiff[1] === 0x49
  if (!little && !(tiff[0] === 0x4d && tiff[1] === 0x4d)) return null
  const u16 = (at: number) => (at + 2 <= view.byteLength ? view.getUint16(at, little) : 0)
  const u32 = (at: number) => (at + 4 <= view.byteLength ? view.getUint32(at, little) : 0)

  /** Where the entry of a tag stands in a directory; null when it is not there. */
  const entryOf = (directory: number, tag: number): number | null => {
    const entries = Math.min(u16(directory), Math.floor((view.byteLength - directory) / 12))
    for (let i = 0; i < entries; i += 1) {
      const at = directory + 2 + 12 * i
      if (u16(at) === tag) return at
    }
    return null
  }
  const textOf = (directory: number, tag: number): string => {
    const entry = entryOf(directory, tag)
    if (entry === null) return ''
    const length = Math.min(u32(entry + 4), 32)
    const start = length <= 4 ? entry + 8 : u32(entry + 8)
    return String.fromCharCode(...tiff.subarray(start, start + length)).replace(/\0.*/s, '')
  }

  const pointer = entryOf(u32(4), EXIF_IFD)
  if (pointer === null) return null
  const directory = u32(pointer + 8)
  return instantOf(textOf(directory, DATE_TIME_ORIGINAL), textOf(directory, OFFSET_TIME_ORIGINAL))
}

const startsWithMarker = (exif: Uint8Array): boolean =>
  [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, i) => exif[i] === byte)

const instantOf = (local: string, offset: string): Instant | null => {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(local.trim())
  if (parts === null) return null
  const wall = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}.000`
  const asUtc = Date.parse(`${wall}Z`)
  // The 31st of February would roll over into March.
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString() !== `${wall}Z`) return null
  const at = Date.parse(`${wall}${/^[+-]\d\d:\d\d$/.test(offset.trim()) ? offset.trim() : JOHANNESBURG}`)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}
