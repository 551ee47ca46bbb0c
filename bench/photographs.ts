import sharp, { type Sharp } from 'sharp'

/** mulberry32, 0 up to 1: the same numbers for the same seed on every machine. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How coarse its clouds are, and how strong: natural pictures hold less of what is finer. */
const OCTAVES = [
  { cells: 3, share: 0.34 },
  { cells: 7, share: 0.26 },
  { cells: 15, share: 0.18 },
  { cells: 31, share: 0.12 },
  { cells: 120, share: 0.1 },
]
const SHAPES = 26

/**
 * A picture that is no photograph but has what a hash lives on: coarse and fine light, straight edges, plain walls, texture and
 * noise. Landscape, portrait or square by its seed.
 */
export const generated = async (seed: number, longSide = 1280): Promise<Buffer> => {
  const random = randomFrom(seed * 7919 + 1)
  const shortSide = Math.round(longSide * (0.5625 + random() * 0.4))
  const [width, height] = random() < 0.7 ? [longSide, shortSide] : [shortSide, longSide]
  const clouds = await cloudsOf(random, width, height)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${Array.from(
    { length: SHAPES },
    () => shape(random, width, height),
  ).join('')}</svg>`
  return clouds
    .composite([{ input: Buffer.from(svg) }])
    .jpeg({ quality: 88 })
    .toBuffer()
}

const cloudsOf = async (random: () => number, width: number, height: number): Promise<Sharp> => {
  const sum = new Float32Array(width * height * 3)
  for (const { cells, share } of OCTAVES) {
    const rows = Math.max(2, Math.round((cells * height) / width))
    const grid = Uint8Array.from({ length: cells * rows * 3 }, () => random() * 256)
    const layer = await sharp(grid, { raw: { width: cells, height: rows, channels: 3 } })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer()
    for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + share * (layer[i] ?? 0)
  }
  const bytes = Uint8Array.from(sum, (value) =>
    Math.min(255, Math.max(0, 128 + (value - 128) * 1.9 + (random() - 0.5) * 8)),
  )
  return sharp(bytes, { raw: { width, height, channels: 3 } })
}

const shape = (random: () => number, width: number, height: number): string => {
  const colour = `rgb(${[0, 0, 0].map(() => Math.floor(random() * 256)).join(',')})`
  const opacity = (0.35 + random() * 0.65).toFixed(2)
  const size = 0.04 + random() ** 2 * 0.4
  const [x, y] = [random() * width, random() * height]
  const [w, h] = [size * width * (0.3 + random()), size * height * (0.3 + random())]
  const turn = `transform="rotate(${Math.floor((random() - 0.5) * 40)} ${x.toFixed(0)} ${y.toFixed(0)})"`
  return random() < 0.7
    ? `<rect x="${(x - w / 2).toFixed(0)}" y="${(y - h / 2).toFixed(0)}" width="${w.toFixed(0)}" height="${h.toFixed(0)}" fill="${colour}" fill-opacity="${opacity}" ${turn}/>`
    : `<ellipse cx="${x.toFixed(0)}" cy="${y.toFixed(0)}" rx="${(w / 2).toFixed(0)}" ry="${(h / 2).toFixed(0)}" fill="${colour}" fill-opacity="${opacity}" ${turn}/>`
}
