import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { type PhotoPool, photoPool } from '../src/adapters/imaging/photo-pool.ts'
import type { PictureMime } from '../src/domain/evidence/evidence.ts'
import { heicOf } from '../test/support/heic.ts'

/**
 * One photo of 12 megapixels through the photo process, in each format: CPU time (the machine may be busy; a limit is set
 * for JPEG alone) and resident memory, read from /proc. Without an argument the JPEG is made up: gradients, edges and noise,
 * as a camera writes them. The HEIC is made of equal tiles, and decodes a little faster than a camera's.
 */
const MAX_CPU_MS = 600
const MAX_MIB_ABOVE_IDLE = 300
const RUNS = 5
const WIDTH = 4032
const HEIGHT = 3024

const madeUp = async (): Promise<Buffer> => {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3)
  let noise = 1
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) {
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) | 0
      const grain = (noise >>> 24) & 15
      const edge = ((x >> 7) ^ (y >> 6) ^ (x >> 9)) & 1 ? 60 : 0
      const at = (y * WIDTH + x) * 3
      pixels[at] = 40 + edge + (x * 120) / WIDTH + grain
      pixels[at + 1] = 50 + edge + (y * 100) / HEIGHT + grain
      pixels[at + 2] = 60 + ((x + y) * 80) / (WIDTH + HEIGHT) + grain
    }
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** CPU time of a process so far, in ms (clock ticks of 10 ms), and its resident memory and its peak, in MiB. */
const usageOf = async (pid: number) => {
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string) => {
    const kib = new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]
    if (kib === undefined) throw new Error('it has ended')
    return Number(kib) / 1024
  }
  return { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, residentMiB: mib('VmRSS'), peakMiB: mib('VmHWM') }
}

const given = process.argv[2]
const bytes = given === undefined ? await madeUp() : await readFile(given)
const tiny = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#789' } })
  .jpeg()
  .toBuffer()
const look = (pool: PhotoPool, picture: Uint8Array, mime: PictureMime, barcode: 'ont_serial' | null) =>
  pool.look({ content: { type: 'bytes', bytes: picture }, mime, pixels: 50_000_000, barcode, compared: true })

/** What it is, how it is told, whether a label is looked for in it, and the most CPU time it may take. */
const cases: ReadonlyArray<readonly [string, PictureMime, 'ont_serial' | null, Uint8Array, number]> = [
  ['photo', 'image/jpeg', null, bytes, MAX_CPU_MS],
  ['photo of a label', 'image/jpeg', 'ont_serial', bytes, MAX_CPU_MS],
  ['progressive', 'image/jpeg', null, await sharp(bytes).jpeg({ progressive: true }).toBuffer(), Infinity],
  ['WebP', 'image/webp', null, await sharp(bytes).webp({ quality: 80, effort: 0 }).toBuffer(), Infinity],
  ['interlaced PNG', 'image/png', null, await sharp(bytes).png({ progressive: true }).toBuffer(), Infinity],
  ['HEIC', 'image/heic', null, heicOf(WIDTH, HEIGHT), Infinity],
]

let failed = false
let idleMiB = 0
for (const [what, mime, barcode, picture, mostCpuMs] of cases) {
  const pool = photoPool({ processes: 1 })
  const runs: number[] = []
  let above = 0
  for (let run = 0; run < RUNS; run += 1) {
    await look(pool, tiny, 'image/jpeg', barcode)
    await sleep(200)
    const pid = pool.running()[0] ?? 0
    const before = await usageOf(pid)
    if (run === 0) idleMiB = before.residentMiB
    // A process that keeps too much is ended after its answer: what was seen of it last counts.
    let last = before
    const watching = setInterval(async () => {
      last = await usageOf(pid).catch(() => last)
    }, 10)
    const { type } = await look(pool, picture, mime, barcode)
    last = await usageOf(pid).catch(() => last)
    clearInterval(watching)
    if (type !== 'seen') throw new Error(`the picture was ${type}`)
    runs.push(last.cpuMs - before.cpuMs)
    above = Math.max(above, last.peakMiB - idleMiB)
  }
  await pool.close()
  const limit = mostCpuMs === Infinity ? '' : ` (at most ${mostCpuMs})`
  console.log(
    `${what}, ${(picture.length / 1e6).toFixed(1)} MB: CPU ${runs.join(', ')} ms${limit}; ` +
      `peak ${Math.round(above)} MiB above ${Math.round(idleMiB)} at rest (at most ${MAX_MIB_ABOVE_IDLE})`,
  )
  failed ||= Math.max(...runs) >= mostCpuMs || above >= MAX_MIB_ABOVE_IDLE
}
process.exitCode = failed ? 1 : 0
