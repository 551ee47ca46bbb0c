import sharp, { type Sharp } from 'sharp'

/** What people do to a photo before they send it again. `least` is the share that must be found within `bits`; null is only reported. */
export type Edit = {
  readonly name: string
  readonly bits: 31 | 64
  readonly least: number | null
  readonly edit: (photo: Buffer, sides: Sides) => Promise<Buffer>
}
export type Sides = { readonly width: number; readonly height: number }

const jpeg = (picture: Sharp, quality = 85): Promise<Buffer> => picture.jpeg({ quality }).toBuffer()
const whatsApp = (photo: Buffer): Promise<Buffer> =>
  jpeg(sharp(photo).resize(800, 800, { fit: 'inside', withoutEnlargement: true }), 70)

const cropped = (photo: Buffer, { width, height }: Sides, [left, top, right, bottom]: ReadonlyArray<number>) => {
  const [x, y] = [Math.round(width * (left ?? 0)), Math.round(height * (top ?? 0))]
  return jpeg(
    sharp(photo).extract({
      left: x,
      top: y,
      width: width - x - Math.round(width * (right ?? 0)),
      height: height - y - Math.round(height * (bottom ?? 0)),
    }),
  )
}
const allRound = (share: number) => [share, share, share, share]

const drawn = (photo: Buffer, { width, height }: Sides, svg: string): Promise<Buffer> =>
  jpeg(
    sharp(photo).composite([
      {
        input: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${svg}</svg>`),
      },
    ]),
  )

const text = (words: string, x: number, y: number, size: number, colour: string): string =>
  `<text x="${x}" y="${y}" font-size="${size}" font-family="sans-serif" fill="${colour}">${words}</text>`

const banner = (photo: Buffer, sides: Sides): Promise<Buffer> => {
  const tall = Math.round(sides.height * 0.08)
  const words = text('2026/11/20 09:31  Lawley, DR1730550', tall * 0.3, sides.height - tall * 0.3, tall * 0.55, '#fff')
  return drawn(
    photo,
    sides,
    `<rect x="0" y="${sides.height - tall}" width="${sides.width}" height="${tall}" fill="#000"/>${words}`,
  )
}

const stickered = (photo: Buffer, sides: Sides): Promise<Buffer> => {
  const { width, height } = sides
  const radius = Math.round(Math.min(width, height) * 0.1)
  return drawn(
    photo,
    sides,
    `<circle cx="${width - radius * 1.4}" cy="${radius * 1.4}" r="${radius}" fill="#fc0" stroke="#333" stroke-width="${radius / 8}"/>${text('INSTALL DONE', width * 0.05, height * 0.9, height * 0.09, '#f22')}`,
  )
}

const barred = async (photo: Buffer, { width, height }: Sides, busy: boolean): Promise<Buffer> => {
  const bar = Math.round(height * 0.12)
  const extended = await sharp(photo)
    .extend({ top: bar, bottom: bar, background: '#111' })
    .jpeg({ quality: 90 })
    .toBuffer()
  return busy
    ? drawn(
        extended,
        { width, height: height + 2 * bar },
        text('09:31', width * 0.04, bar * 0.35, bar * 0.25, '#fff') +
          text('87%', width * 0.88, bar * 0.35, bar * 0.25, '#fff') +
          text('Reply', width * 0.45, height + bar * 1.6, bar * 0.25, '#fff'),
      )
    : extended
}

/** Turned in a frame widened for it, in its own frame, or cut to what is left without corners. */
const turned = async (photo: Buffer, { width, height }: Sides, degrees: number, frame: 'wide' | 'kept' | 'cut') => {
  const wide = await sharp(photo)
    .rotate(degrees, { background: '#000' })
    .png({ compressionLevel: 0 })
    .toBuffer({ resolveWithObject: true })
  const angle = (Math.abs(degrees) * Math.PI) / 180
  const kept = { width, height }
  const scale = Math.min(
    width / (width * Math.cos(angle) + height * Math.sin(angle)),
    height / (width * Math.sin(angle) + height * Math.cos(angle)),
  )
  const sides = frame === 'kept' ? kept : { width: Math.floor(width * scale), height: Math.floor(height * scale) }
  return frame === 'wide'
    ? jpeg(sharp(wide.data))
    : jpeg(
        sharp(wide.data).extract({
          left: Math.floor((wide.info.width - sides.width) / 2),
          top: Math.floor((wide.info.height - sides.height) / 2),
          ...sides,
        }),
      )
}

const within = (
  bits: 31 | 64,
  least: number | null,
  edits: Readonly<Record<string, Edit['edit']>>,
): ReadonlyArray<Edit> => Object.entries(edits).map(([name, edit]) => ({ name, bits, least, edit }))

export const edits: ReadonlyArray<Edit> = [
  ...within(31, 0.99, {
    'WhatsApp once': whatsApp,
    'WhatsApp twice': async (photo) => whatsApp(await whatsApp(photo)),
    'JPEG q20': (photo) => jpeg(sharp(photo), 20),
    'darker x0.6': (photo) => jpeg(sharp(photo).linear(0.6, 0)),
    'blur of 1 % of the width': (photo, { width }) => jpeg(sharp(photo).blur(width / 100)),
  }),
  ...within(31, 0.96, {
    'resized to 25 %': (photo, { width }) => jpeg(sharp(photo).resize(Math.round(width / 4))),
    'brighter x1.4': (photo) => jpeg(sharp(photo).linear(1.4, 0)),
    'more contrast': (photo) => jpeg(sharp(photo).linear(1.4, -51)),
  }),
  ...within(31, 0.98, {
    mirrored: (photo) => jpeg(sharp(photo).flop()),
    'upside down': (photo) => jpeg(sharp(photo).flip()),
    'turned by 90 degrees': (photo) => jpeg(sharp(photo).rotate(90)),
    'turned by 180 degrees': (photo) => jpeg(sharp(photo).rotate(180)),
    'turned by 270 degrees': (photo) => jpeg(sharp(photo).rotate(270)),
    'turned and mirrored': async (photo) => jpeg(sharp(await jpeg(sharp(photo).rotate(90))).flop()),
  }),
  ...within(31, 0.9, { 'cropped by 3.5 % all round': (photo, sides) => cropped(photo, sides, allRound(0.035)) }),
  ...within(31, 0.8, { 'cropped by 8.5 % all round': (photo, sides) => cropped(photo, sides, allRound(0.085)) }),
  ...within(31, null, {
    'cropped by 5 % all round (worst between crops)': (photo, sides) => cropped(photo, sides, allRound(0.05)),
    'cropped by 12.5 % all round': (photo, sides) => cropped(photo, sides, allRound(0.125)),
  }),
  ...within(64, 0.99, { 'timestamp banner, 8 % of the height': banner }),
  ...within(64, 0.95, {
    'text and sticker': stickered,
    'screenshot bars, 12 %': (photo, sides) => barred(photo, sides, false),
    'screenshot bars with a clock': (photo, sides) => barred(photo, sides, true),
  }),
  ...[1, -2, 3, -4, 5, -5].flatMap((degrees) =>
    within(64, 0.95, {
      [`turned by ${degrees} degrees, frame widened`]: (photo, sides) => turned(photo, sides, degrees, 'wide'),
      [`turned by ${degrees} degrees, frame kept`]: (photo, sides) => turned(photo, sides, degrees, 'kept'),
      [`turned by ${degrees} degrees, corners cut`]: (photo, sides) => turned(photo, sides, degrees, 'cut'),
    }),
  ),
  ...within(64, null, {
    'cropped at the bottom by 5 %': (photo, sides) => cropped(photo, sides, [0, 0, 0, 0.05]),
    'cropped at the bottom by 10 %': (photo, sides) => cropped(photo, sides, [0, 0, 0, 0.1]),
    'cropped on the left by 15 %': (photo, sides) => cropped(photo, sides, [0.15, 0, 0, 0]),
    'cropped by 12.5 % all round, look-alike': (photo, sides) => cropped(photo, sides, allRound(0.125)),
  }),
]
