import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { generated } from '../../bench/photographs.ts'
import { comparablePixels, fingerprintOf } from '../../src/adapters/imaging/fingerprint.ts'
import { distance, type Fingerprint, nearest } from '../../src/domain/evidence/likeness.ts'
import { hashesInAllPositions, lumaOf, spectrumOf } from '../../src/domain/evidence/pdq.ts'

const META = '../shared/data/pdq'
const CONFORMING = 10

const print = async (photo: Buffer): Promise<Fingerprint> => fingerprintOf(await comparablePixels(sharp(photo)))
const apart = async (original: Buffer, copy: Buffer): Promise<number> =>
  nearest((await print(copy)).probes, (await print(original)).stored) ?? 256

if (!existsSync(META)) console.log(`${META} is not there: conformity to Meta's reference hashes was not tested`)

describe.skipIf(!existsSync(META))("Meta's reference hashes", () => {
  it('are met within 10 bits by every picture of quality 80 or more', async () => {
    const [, ...lines] = (await readFile(join(META, 'hashes.csv'), 'utf8')).trim().split('\n')
    const found = await Promise.all(
      lines.map(async (line) => {
        const [file = '', reference = ''] = line.trim().split(',')
        const { bytes, width, height, channels } = await comparablePixels(sharp(join(META, file)))
        const luma = lumaOf(bytes, width, height, channels)
        const { quality } = spectrumOf(luma)
        const [own = ''] = hashesInAllPositions(luma)
        return { file, quality, bits: distance(own, reference) }
      }),
    )
    const judged = found.filter(({ quality }) => quality >= 80)
    expect(judged.length).toBeGreaterThan(15)
    expect(judged.filter(({ bits }) => bits > CONFORMING)).toEqual([])
  })
})

describe('A photo is found again', () => {
  const photo = generated(11)
  const again: Readonly<Record<string, (original: Buffer) => Sharp>> = {
    'sent through a messenger': (original) => sharp(original).resize(800, 800, { fit: 'inside' }).jpeg({ quality: 70 }),
    mirrored: (original) => sharp(original).flop(),
    'turned by a quarter': (original) => sharp(original).rotate(90),
    darker: (original) => sharp(original).linear(0.6, 0),
    'cropped by 3 % all round': (original) =>
      sharp(original).extract({ left: 38, top: 25, width: 1280 - 76, height: 780 }),
  }
  it.each(Object.keys(again))('%s', async (edit) => {
    const original = await sharp(await photo)
      .resize(1280, 830, { fit: 'fill' })
      .jpeg({ quality: 92 })
      .toBuffer()
    const copy = await again[edit]?.(original).jpeg({ quality: 80 }).toBuffer()
    expect(await apart(original, copy ?? original)).toBeLessThanOrEqual(31)
  })

  it.each(['#000', '#fff'])('in a screenshot with bars of %s, and the screenshot by the photo', async (background) => {
    const original = await photo
    const shot = await sharp(original).extend({ top: 120, bottom: 120, background }).jpeg({ quality: 85 }).toBuffer()
    expect(await apart(original, shot)).toBeLessThanOrEqual(31)
    expect(await apart(shot, original)).toBeLessThanOrEqual(31)
  })

  it('behind a clock, a caption and stickers along its edges', async () => {
    const original = await photo
    const { width, height } = await sharp(original).metadata()
    const side = Math.round(Math.min(width, height) * 0.17)
    const patch = (x: number, y: number, colour: string): string =>
      `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${colour}"/>`
    const along = Array.from({ length: Math.floor(width / side) }, (_, n) =>
      patch(n * side, n % 2 === 0 ? 0 : height - side, n % 3 === 0 ? '#fc0' : '#102'),
    )
    const covered = await sharp(original)
      .composite([
        {
          input: Buffer.from(
            `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${along.join('')}</svg>`,
          ),
        },
      ])
      .jpeg({ quality: 85 })
      .toBuffer()
    const [before, after] = [await print(original), await print(covered)]
    expect(distance(before.stored[0] ?? '', after.stored[0] ?? '')).toBeGreaterThan(31)
    expect(await apart(original, covered)).toBeLessThanOrEqual(31)
  })

  it('as a look-alike when it was turned by up to 5 degrees', async () => {
    const original = await photo
    for (const degrees of [-5, -3, 3, 5]) {
      const turned = await sharp(original).rotate(degrees, { background: '#000' }).jpeg({ quality: 85 }).toBuffer()
      expect(await apart(original, turned)).toBeLessThanOrEqual(64)
    }
  })

  it('whichever way its camera was held', async () => {
    const original = await photo
    const held = await sharp(original).rotate(90).withMetadata({ orientation: 8 }).jpeg({ quality: 90 }).toBuffer()
    const [upright, seen] = [await print(original), await print(held)]
    expect(distance(upright.stored[0] ?? '', seen.stored[0] ?? '')).toBeLessThanOrEqual(10)
  })
})

describe('A photo is not compared', () => {
  it('when it is flat', async () => {
    const flat = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#777' } })
      .jpeg()
      .toBuffer()
    expect(await print(flat)).toEqual({ quality: 0, stored: [], probes: [] })
  })

  it('with one of something else', async () => {
    expect(await apart(await generated(1), await generated(2))).toBeGreaterThan(64)
  })

  it('by what is not there: transparent pixels count as white', async () => {
    const drawn = await sharp(await generated(3))
      .resize(600, 400, { fit: 'fill' })
      .toBuffer()
    const hidden = await sharp(drawn).ensureAlpha(0).png().toBuffer()
    expect((await print(hidden)).quality).toBe(0)
  })
})
