import sharp from 'sharp'

const COLUMNS = 16
const ROWS = 12

/** mulberry32: bytes that look random, the same for the same seed. */
const bytesFrom = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) & 255
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const caption = (text: string): Buffer =>
  Buffer.from(
    `<svg width="800" height="600"><rect y="520" width="800" height="80" fill="black" fill-opacity="0.6"/>` +
      `<text x="24" y="572" font-family="sans-serif" font-size="34" fill="white">${escaped(text)}</text></svg>`,
  )

/** EXIF writes no zone: the field's own clock, UTC+2. */
const cameraClock = (at: Date): string =>
  new Date(at.getTime() + 7_200_000).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', ':')

/** A photograph as a phone would take it, 800 x 600, that says what it stands for; another seed is another picture. */
export const photograph = (what: string, seed: number, takenAt: Date): Promise<Buffer> => {
  const blotches = Uint8Array.from({ length: COLUMNS * ROWS * 3 }, bytesFrom(seed))
  return sharp(blotches, { raw: { width: COLUMNS, height: ROWS, channels: 3 } })
    .resize(800, 600, { fit: 'fill', kernel: 'cubic' })
    .composite([{ input: caption(what) }])
    .withExif({ IFD2: { DateTimeOriginal: cameraClock(takenAt) } })
    .jpeg({ quality: 70 })
    .toBuffer()
}
