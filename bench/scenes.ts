import sharp from 'sharp'
import { randomFrom } from './photographs.ts'

type Dice = {
  /** Between the two. */
  readonly of: (least: number, most: number) => number
  readonly whole: (least: number, most: number) => number
  readonly colour: (hue: number, spread: number, saturation: number, light: number) => string
  readonly yes: (share: number) => boolean
}
type Sides = { readonly width: number; readonly height: number }
type Scene = (dice: Dice, sides: Sides) => string

/**
 * A drawn picture of something that is photographed at an installation, by its seed another thing, seen from another place and in
 * another light: plain walls, edges, repeated bricks and tiles, foliage, print, cables, shadows, grain and a dark rim.
 */
export const scene = async (seed: number, longSide = 1_024): Promise<Buffer> => {
  const random = randomFrom(seed * 6_151 + 3)
  const dice = diceOf(random)
  const shortSide = Math.round(longSide * dice.of(0.5625, 0.78))
  const sides = dice.yes(0.5) ? { width: longSide, height: shortSide } : { width: shortSide, height: longSide }
  const draw = SCENES[seed % SCENES.length] ?? houseFront
  const { width, height } = sides
  const seen = `translate(${width / 2} ${height / 2}) rotate(${dice.of(-9, 9)}) skewX(${dice.of(-9, 9)}) skewY(${dice.of(-6, 6)}) scale(${dice.of(1.25, 2)}) translate(${-width * dice.of(0.36, 0.64)} ${-height * dice.of(0.36, 0.64)})`
  const [x, y] = [dice.of(0, 1), dice.of(0, 1)]
  const light = `<radialGradient id="light" cx="${x}" cy="${y}" r="${dice.of(0.6, 1.3)}"><stop offset="0" stop-color="#fff" stop-opacity="${dice.of(0, 0.35)}"/><stop offset="1" stop-color="#000" stop-opacity="${dice.of(0.15, 0.55)}"/></radialGradient>`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>${light}</defs><rect width="${width}" height="${height}" fill="#777"/><g transform="${seen}">${draw(dice, sides)}${shadows(dice, sides)}</g><rect width="${width}" height="${height}" fill="url(#light)"/></svg>`
  const { data } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const [gain, grain] = [dice.of(0.75, 1.15), dice.of(3, 14)]
  for (let i = 0; i < data.length; i += 3) {
    const speck = (random() + random() - 1) * grain
    for (let c = 0; c < 3; c += 1) data[i + c] = Math.min(255, Math.max(0, (data[i + c] ?? 0) * gain + speck))
  }
  return sharp(data, { raw: { ...sides, channels: 3 } })
    .blur(dice.of(0.4, 1.2))
    .jpeg({ quality: 88 })
    .toBuffer()
}

const diceOf = (random: () => number): Dice => {
  const of = (least: number, most: number): number => least + random() * (most - least)
  return {
    of,
    whole: (least, most) => Math.floor(of(least, most + 1)),
    yes: (share) => random() < share,
    colour: (hue, spread, saturation, light) =>
      `hsl(${(hue + of(-spread, spread) + 360) % 360} ${saturation * of(0.6, 1.2)}% ${Math.min(96, light * of(0.75, 1.25))}%)`,
  }
}

const rect = (x: number, y: number, w: number, h: number, fill: string, more = ''): string =>
  `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0.5, w).toFixed(1)}" height="${Math.max(0.5, h).toFixed(1)}" fill="${fill}" ${more}/>`
const disc = (x: number, y: number, r: number, fill: string): string =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r.toFixed(1)}" fill="${fill}"/>`
const line = (points: ReadonlyArray<readonly [number, number]>, wide: number, stroke: string): string =>
  `<path d="M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}" fill="none" stroke="${stroke}" stroke-width="${wide.toFixed(1)}"/>`
const cable = (dice: Dice, { width, height }: Sides): string => {
  const p = (): string => `${(width * dice.of(-0.1, 1.1)).toFixed(0)} ${(height * dice.of(-0.1, 1.1)).toFixed(0)}`
  return `<path d="M${p()}C${p()} ${p()} ${p()}" fill="none" stroke="${dice.yes(0.6) ? '#191919' : dice.colour(50, 60, 60, 70)}" stroke-width="${(width * dice.of(0.004, 0.02)).toFixed(1)}"/>`
}
const times = (count: number, draw: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => draw(n)).join('')
const words = (dice: Dice, x: number, y: number, size: number, fill: string): string =>
  `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" font-size="${size.toFixed(0)}" font-family="sans-serif" fill="${fill}">${times(dice.whole(4, 14), () => String.fromCharCode(dice.yes(0.5) ? dice.whole(48, 57) : dice.whole(65, 90)))}</text>`

const shadows = (dice: Dice, { width, height }: Sides): string =>
  times(dice.whole(0, 3), () => {
    const p = (): string => `${(width * dice.of(-0.2, 1.2)).toFixed(0)},${(height * dice.of(-0.2, 1.2)).toFixed(0)}`
    return `<polygon points="${p()} ${p()} ${p()} ${p()}" fill="#000" fill-opacity="${dice.of(0.12, 0.4).toFixed(2)}"/>`
  })

const bricks = (dice: Dice, { width, height }: Sides): string => {
  const [w, h, hue] = [width * dice.of(0.05, 0.14), height * dice.of(0.025, 0.06), dice.of(0, 45)]
  const rows = Math.ceil(height / h)
  return (
    rect(0, 0, width, height, dice.colour(40, 15, 12, 65)) +
    times(rows, (row) =>
      times(Math.ceil(width / w) + 1, (n) =>
        rect((n - (row % 2) / 2) * w, row * h, w * 0.93, h * 0.86, dice.colour(hue, 8, 38, 44)),
      ),
    )
  )
}

const plaster = (dice: Dice, { width, height }: Sides): string =>
  rect(0, 0, width, height, dice.colour(dice.of(0, 360), 10, 22, 70)) +
  times(
    dice.whole(20, 60),
    () =>
      `<ellipse cx="${(width * dice.of(0, 1)).toFixed(0)}" cy="${(height * dice.of(0, 1)).toFixed(0)}" rx="${(width * dice.of(0.01, 0.12)).toFixed(0)}" ry="${(height * dice.of(0.005, 0.09)).toFixed(0)}" fill="${dice.yes(0.5) ? '#000' : '#fff'}" fill-opacity="${dice.of(0.02, 0.14).toFixed(2)}"/>`,
  )

const wall: Scene = (dice, sides) => (dice.yes(0.5) ? bricks(dice, sides) : plaster(dice, sides))

const tree = (dice: Dice, { width, height }: Sides): string => {
  const [x, y, r] = [width * dice.of(0, 1), height * dice.of(0.25, 0.6), width * dice.of(0.05, 0.2)]
  return (
    rect(x - r * 0.1, y, r * 0.2, height, dice.colour(28, 8, 35, 25)) +
    times(40, () =>
      disc(x + r * dice.of(-1, 1), y + r * dice.of(-0.9, 0.9), r * dice.of(0.1, 0.35), dice.colour(105, 30, 38, 30)),
    )
  )
}

const sky = (dice: Dice, { width, height }: Sides): string =>
  rect(0, 0, width, height, dice.colour(208, 15, 50, 74)) +
  times(
    dice.whole(3, 14),
    () =>
      `<ellipse cx="${(width * dice.of(0, 1)).toFixed(0)}" cy="${(height * dice.of(0, 0.7)).toFixed(0)}" rx="${(width * dice.of(0.05, 0.3)).toFixed(0)}" ry="${(height * dice.of(0.02, 0.1)).toFixed(0)}" fill="#fff" fill-opacity="${dice.of(0.2, 0.7).toFixed(2)}"/>`,
  )

const houseFront: Scene = (dice, sides) => {
  const { width, height } = sides
  const [left, right, eaves, ground] = [
    width * dice.of(0.02, 0.25),
    width * dice.of(0.72, 0.98),
    height * dice.of(0.3, 0.45),
    height * dice.of(0.74, 0.88),
  ]
  const wide = right - left
  const roof = `<polygon points="${left - wide * 0.07},${eaves} ${left + wide * dice.of(0.2, 0.8)},${eaves - height * dice.of(0.08, 0.26)} ${right + wide * 0.07},${eaves}" fill="${dice.colour(12, 15, 40, 38)}"/>`
  const walls = rect(left, eaves, wide, ground - eaves, dice.colour(35, 40, 30, 70))
  const openings = times(dice.whole(2, 6), (n) => {
    const [x, w, h] = [
      left + wide * (0.03 + n * 0.17),
      wide * dice.of(0.07, 0.14),
      (ground - eaves) * dice.of(0.3, 0.55),
    ]
    const door = dice.yes(0.3)
    const y = door ? ground - h * 1.4 : eaves + (ground - eaves) * dice.of(0.15, 0.3)
    return (
      rect(x - 3, y - 3, w + 6, (door ? h * 1.4 : h) + 6, '#eee') +
      rect(x, y, w, door ? h * 1.4 : h, dice.colour(door ? 25 : 215, 20, 35, 28))
    )
  })
  const yard = rect(0, ground, width, height - ground, dice.colour(dice.yes(0.5) ? 95 : 32, 12, 30, 42))
  const fence = dice.yes(0.6)
    ? times(30, (n) => rect((n * width) / 30, height * 0.8, width * 0.009, height * 0.2, '#444'))
    : ''
  return (
    sky(dice, sides) +
    times(dice.whole(0, 3), () => tree(dice, sides)) +
    yard +
    walls +
    roof +
    openings +
    fence +
    times(dice.whole(0, 3), () => cable(dice, sides))
  )
}

const pole: Scene = (dice, sides) => {
  const { width, height } = sides
  const x = width * dice.of(0.25, 0.75)
  const wide = width * dice.of(0.02, 0.07)
  const lines = times(dice.whole(3, 9), () => {
    const y = height * dice.of(0.05, 0.4)
    return line(
      [
        [0, height * dice.of(0, 0.6)],
        [x, y],
        [width, height * dice.of(0, 0.6)],
      ],
      width * dice.of(0.002, 0.007),
      '#1c1c1c',
    )
  })
  const boxes = times(dice.whole(1, 3), () =>
    rect(
      x - wide * dice.of(0.5, 1.8),
      height * dice.of(0.15, 0.75),
      wide * dice.of(1.2, 3),
      height * dice.of(0.05, 0.14),
      dice.colour(0, 180, 8, dice.of(20, 80)),
    ),
  )
  return (
    sky(dice, sides) +
    times(dice.whole(1, 5), () => tree(dice, sides)) +
    rect(0, height * dice.of(0.8, 0.95), width, height, dice.colour(35, 15, 25, 45)) +
    rect(x - wide / 2, height * dice.of(0.02, 0.1), wide, height, dice.colour(28, 8, 30, 33)) +
    lines +
    boxes
  )
}

const box = (dice: Dice, { width, height }: Sides): string => {
  const [x, y, w, h] = [
    width * dice.of(0.2, 0.65),
    height * dice.of(0.2, 0.65),
    width * dice.of(0.12, 0.38),
    height * dice.of(0.1, 0.3),
  ]
  const ports = times(dice.whole(2, 7), (n) =>
    rect(x + w * (0.08 + n * 0.125), y + h * 0.72, w * 0.085, h * 0.16, '#222'),
  )
  const lamps = times(dice.whole(3, 8), (n) =>
    disc(x + w * (0.1 + n * 0.1), y + h * 0.2, w * 0.018, dice.yes(0.7) ? '#2f4' : '#522'),
  )
  return (
    rect(x + w * 0.03, y + h * 0.05, w, h, '#000', 'opacity="0.35"') +
    rect(x, y, w, h, dice.colour(0, 180, 5, dice.yes(0.7) ? 88 : 22), `rx="${(w * dice.of(0, 0.1)).toFixed(0)}"`) +
    ports +
    lamps +
    words(dice, x + w * 0.1, y + h * 0.52, h * dice.of(0.1, 0.22), '#567')
  )
}

const installation: Scene = (dice, sides) =>
  wall(dice, sides) +
  (dice.yes(0.5)
    ? rect(0, sides.height * dice.of(0.75, 0.9), sides.width, sides.height, dice.colour(28, 12, 30, 45))
    : '') +
  times(dice.whole(1, 3), () => box(dice, sides)) +
  times(dice.whole(1, 6), () => cable(dice, sides)) +
  times(dice.whole(0, 2), () =>
    rect(sides.width * dice.of(0, 1), sides.height * dice.of(0, 1), sides.width * 0.07, sides.height * 0.07, '#f2f2ee'),
  )

const label: Scene = (dice, sides) => {
  const { width, height } = sides
  const [x, y, w, h] = [
    width * dice.of(0.08, 0.3),
    height * dice.of(0.08, 0.35),
    width * dice.of(0.4, 0.65),
    height * dice.of(0.3, 0.5),
  ]
  const bars = (top: number): string => {
    let at = x + w * 0.06
    let drawn = ''
    while (at < x + w * 0.9) {
      const bar = w * dice.of(0.003, 0.014)
      drawn += rect(at, top, bar, h * dice.of(0.11, 0.13), '#111')
      at += bar + w * dice.of(0.003, 0.014)
    }
    return drawn
  }
  return (
    rect(0, 0, width, height, dice.colour(0, 180, 8, dice.yes(0.5) ? 20 : 78)) +
    times(dice.whole(2, 9), (n) => rect(0, height * (n / 9), width, height * 0.012, '#000', 'opacity="0.35"')) +
    rect(x, y, w, h, '#f4f4f0') +
    times(
      dice.whole(1, 3),
      (n) => bars(y + h * (0.12 + n * 0.29)) + words(dice, x + w * 0.08, y + h * (0.34 + n * 0.29), h * 0.07, '#111'),
    ) +
    times(dice.whole(0, 3), () => cable(dice, sides))
  )
}

const meter: Scene = (dice, sides) => {
  const { width, height } = sides
  const [x, y, w, h] = [
    width * dice.of(0.2, 0.45),
    height * dice.of(0.05, 0.3),
    width * dice.of(0.25, 0.42),
    height * dice.of(0.5, 0.75),
  ]
  const keys = times(dice.whole(4, 12), (n) =>
    disc(
      x + w * (0.22 + (n % 3) * 0.28),
      y + h * (0.55 + Math.floor(n / 3) * 0.11),
      w * 0.08,
      dice.colour(dice.of(0, 360), 20, 60, 45),
    ),
  )
  return (
    wall(dice, sides) +
    rect(x, y, w, h, dice.colour(dice.yes(0.5) ? 45 : 210, 15, 70, 45), `rx="${(w * 0.1).toFixed(0)}"`) +
    rect(x + w * 0.1, y + h * 0.08, w * 0.8, h * dice.of(0.25, 0.36), dice.colour(90, 60, 25, 68)) +
    words(dice, x + w * 0.13, y + h * 0.28, h * 0.14, '#162016') +
    keys +
    times(dice.whole(1, 4), () => cable(dice, sides))
  )
}

const room: Scene = (dice, sides) => {
  const { width, height } = sides
  const floor = height * dice.of(0.55, 0.8)
  const tiles = times(14, (n) =>
    line(
      [
        [width / 2 + (n - 7) * width * 0.05, floor],
        [width / 2 + (n - 7) * width * 0.3, height],
      ],
      2,
      '#555',
    ),
  )
  const furniture = times(dice.whole(2, 7), () => {
    const [w, h] = [width * dice.of(0.08, 0.35), height * dice.of(0.1, 0.4)]
    const [x, y] = [width * dice.of(0, 0.85), floor - h * dice.of(0.2, 1)]
    return (
      rect(x, y, w, h, dice.colour(dice.of(0, 360), 20, 30, dice.of(20, 65))) +
      rect(x + w * 0.1, y + h * 0.12, w * 0.8, h * 0.3, '#000', 'opacity="0.2"')
    )
  })
  const window = dice.yes(0.6)
    ? rect(
        width * dice.of(0.05, 0.7),
        height * dice.of(0.06, 0.2),
        width * dice.of(0.12, 0.3),
        height * dice.of(0.15, 0.35),
        '#eef6ff',
      )
    : ''
  return (
    plaster(dice, sides) +
    rect(0, floor, width, height - floor, dice.colour(30, 20, 25, 50)) +
    tiles +
    window +
    furniture +
    (dice.yes(0.5) ? box(dice, sides) : '') +
    cable(dice, sides)
  )
}

const trench: Scene = (dice, sides) => {
  const { width, height } = sides
  const soil = dice.of(15, 45)
  const stones = times(220, () =>
    disc(
      width * dice.of(0, 1),
      height * dice.of(0, 1),
      width * dice.of(0.004, 0.035),
      dice.colour(soil, 10, 30, dice.of(22, 68)),
    ),
  )
  const [a, b] = [dice.of(0.1, 0.8), dice.of(0.1, 0.8)]
  const cut = `<polygon points="${width * a},0 ${width * (a + dice.of(0.08, 0.2))},0 ${width * (b + dice.of(0.15, 0.35))},${height} ${width * b},${height}" fill="${dice.colour(soil, 6, 30, 18)}"/>`
  return (
    rect(0, 0, width, height, dice.colour(soil, 6, 32, 48)) +
    stones +
    cut +
    times(dice.whole(1, 4), () => cable(dice, sides)) +
    times(dice.whole(0, 2), () => tree(dice, sides))
  )
}

const SCENES: ReadonlyArray<Scene> = [houseFront, pole, installation, label, meter, room, trench]
