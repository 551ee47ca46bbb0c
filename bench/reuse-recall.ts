import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { comparablePixels, fingerprintOf } from '../src/adapters/imaging/fingerprint.ts'
import { COMPARED_QUALITY, type Fingerprint, nearest } from '../src/domain/evidence/likeness.ts'
import { edits } from './photo-edits.ts'
import { scene } from './scenes.ts'

/**
 * How many edited copies are found again, for drawn scenes and for real photographs each, and how many unrelated pairs are taken
 * for one: `node bench/reuse-recall.ts [generated pictures] [pictures for false alarms] [folder of photographs ...]`. It ends with
 * an error when a share is missed, when an unrelated pair is taken for reuse, or more than one in a million for look-alikes.
 */
const [GENERATED = '330', UNRELATED = '1550', ...folders] = process.argv.slice(2)
const SHARED = '../shared/data/photos'
const LARGEST = 2_048
const MOST_LOOK_ALIKES = 1e-6
/** Were more copies than this not compared, the shares would say nothing. */
const MOST_TOO_FLAT = 0.1
const problems: string[] = []

const print = async (photo: Buffer): Promise<Fingerprint> =>
  fingerprintOf(await comparablePixels(sharp(photo, { failOn: 'none' })))

const upright = async (photo: Buffer): Promise<Buffer> =>
  sharp(photo, { failOn: 'none' })
    .autoOrient()
    .resize(LARGEST, LARGEST, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 92 })
    .toBuffer()

/** Finds are counted of the copies that are compared at all: a photo or a copy flatter than `COMPARED_QUALITY` is not, as section 5 has it. */
const recall = async (title: string, photos: AsyncIterable<Buffer>): Promise<ReadonlyArray<Fingerprint>> => {
  const found = edits.map(() => ({ compared: 0, reuse: 0, alike: 0 }))
  const kept: Fingerprint[] = []
  let flat = 0
  for await (const photo of photos) {
    const original = await print(photo)
    if (original.quality < COMPARED_QUALITY) {
      flat += 1
      continue
    }
    kept.push(original)
    const { width, height } = await sharp(photo).metadata()
    for (const [i, { edit }] of edits.entries()) {
      const { quality, probes } = await print(await edit(photo, { width, height }))
      const count = found[i]
      if (count === undefined || quality < COMPARED_QUALITY) continue
      const distance = nearest(probes, original.stored) ?? 256
      count.compared += 1
      if (distance <= 31) count.reuse += 1
      if (distance <= 64) count.alike += 1
    }
  }
  console.log(`\n${title}: ${kept.length} compared, ${flat} too flat`)
  if (kept.length === 0) problems.push(`${title}: no picture was compared`)
  for (const [i, { name, bits, least }] of edits.entries()) {
    const { compared, reuse, alike } = found[i] ?? { compared: 0, reuse: 0, alike: 0 }
    const share = (count: number): string => `${((100 * count) / compared).toFixed(1).padStart(5)} %`
    const isMissed = least !== null && !((bits === 31 ? reuse : alike) / compared >= least)
    const tooFlat = kept.length - compared
    if (tooFlat > kept.length * MOST_TOO_FLAT) problems.push(`${title}: ${name} leaves too few copies to compare`)
    const verdict =
      least === null ? 'reported' : `${isMissed ? 'MISSED ' : 'reached'} ${(least * 100).toFixed(0)} % at <= ${bits}`
    if (isMissed) problems.push(`${title}: ${name}`)
    const besides = tooFlat === 0 ? '' : `; ${tooFlat} copies too flat`
    console.log(`  ${name.padEnd(48)} <= 31 ${share(reuse)}   <= 64 ${share(alike)}   ${verdict}${besides}`)
  }
  return kept
}

/** Every later picture against every earlier one, all probes against all hashes. */
const falseAlarms = (title: string, prints: ReadonlyArray<Fingerprint>): void => {
  const words = (hashes: ReadonlyArray<string>): Uint32Array =>
    Uint32Array.from(
      hashes.flatMap((hash) => hash.match(/.{8}/g) ?? []),
      (word) => Number.parseInt(word, 16),
    )
  const kept = prints.map(({ stored, probes }) => ({ stored: words(stored), probes: words(probes) }))
  const histogram = new Uint32Array(257)
  for (const [i, { probes }] of kept.entries())
    for (const { stored } of kept.slice(0, i)) {
      const least = leastOf(probes, stored)
      histogram[least] = (histogram[least] ?? 0) + 1
    }
  const pairs = (kept.length * (kept.length - 1)) / 2
  const upTo = (bits: number): number => histogram.slice(0, bits + 1).reduce((sum, count) => sum + count, 0)
  if (upTo(31) > 0) problems.push(`${title}: ${upTo(31)} unrelated pairs are taken for reuse`)
  if (upTo(64) > pairs * MOST_LOOK_ALIKES)
    problems.push(`${title}: ${upTo(64)} unrelated pairs are taken for look-alikes`)
  const nearestPair = histogram.findIndex((count) => count > 0)
  console.log(
    `${title}: ${pairs} unrelated pairs, nearest ${nearestPair} bits; <= 31: ${upTo(31)}, <= 64: ${upTo(64)}, <= 70: ${upTo(70)}, <= 76: ${upTo(76)}`,
  )
}

const leastOf = (probes: Uint32Array, stored: Uint32Array): number => {
  let least = 256
  for (let p = 0; p < probes.length; p += 8)
    for (let s = 0; s < stored.length; s += 8) {
      let bits = 0
      for (let w = 0; w < 8 && bits < least; w += 1) bits += ones((probes[p + w] ?? 0) ^ (stored[s + w] ?? 0))
      if (bits < least) least = bits
    }
  return least
}

const ones = (bits: number): number => {
  const pairs = bits - ((bits >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

async function* made(from: number, count: number, side?: number): AsyncGenerator<Buffer> {
  for (let seed = from; seed < from + count; seed += 1) yield scene(seed, side)
}

async function* taken(folder: string): AsyncGenerator<Buffer> {
  for (const file of (await readdir(folder)).toSorted())
    if (/\.(jpe?g|png|webp)$/i.test(file)) yield upright(await readFile(join(folder, file)))
}

await recall('Generated', made(1, Number(GENERATED)))
for (const folder of [SHARED, ...folders]) {
  if (existsSync(folder)) falseAlarms(`Real, ${folder}`, await recall(`Real, ${folder}`, taken(folder)))
  else console.log(`\n${folder} is not there: no real photographs were measured from it`)
}
console.log('')
const unrelated: Fingerprint[] = []
for await (const photo of made(1_000_000, Number(UNRELATED), 512)) unrelated.push(await print(photo))
falseAlarms(
  'Generated',
  unrelated.filter(({ quality }) => quality >= COMPARED_QUALITY),
)
for (const problem of problems) console.error(`Not reached: ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1
