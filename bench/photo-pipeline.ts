import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { type PhotoPool, photoPool } from '../src/adapters/imaging/photo-pool.ts'

/**
 * One photo of 12 megapixels through the photo process: CPU time (the machine may be busy) and resident memory, read from
 * /proc. Without an argument the picture is made up: gradients, edges and noise, as a camera writes them.
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
  const mib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
  return { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, residentMiB: mib('VmRSS'), peakMiB: mib('VmHWM') }
}

const given = process.argv[2]
const bytes = given === undefined ? await madeUp() : await readFile(given)
const tiny = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#789' } })
  .jpeg()
  .toBuffer()
const look = (pool: PhotoPool, picture: Uint8Array, barcode: 'ont_serial' | null) =>
  pool.look({
    content: { type: 'bytes', bytes: picture },
    mime: 'image/jpeg',
    pixels: 50_000_000,
    barcode,
    compared: true,
  })

let failed = false
for (const barcode of [null, 'ont_serial'] as const) {
  const pool = photoPool({ processes: 1 })
  await look(pool, tiny, barcode)
  await sleep(200)
  const pid = pool.running()[0] ?? 0
  const idle = await usageOf(pid)
  const runs: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const before = await usageOf(pid)
    const { type } = await look(pool, bytes, barcode)
    if (type !== 'seen' || pool.running()[0] !== pid) throw new Error(`the picture was ${type}, or the process changed`)
    runs.push((await usageOf(pid)).cpuMs - before.cpuMs)
  }
  const { peakMiB } = await usageOf(pid)
  await pool.close()
  const above = peakMiB - idle.residentMiB
  const worst = Math.max(...runs)
  console.log(
    `${barcode === null ? 'photo' : 'photo of a label'}, ${(bytes.length / 1e6).toFixed(1)} MB: ` +
      `CPU ${runs.join(', ')} ms (at most ${MAX_CPU_MS}); peak ${Math.round(above)} MiB above ${Math.round(idle.residentMiB)} at rest (at most ${MAX_MIB_ABOVE_IDLE})`,
  )
  failed ||= worst >= MAX_CPU_MS || above >= MAX_MIB_ABOVE_IDLE
}
process.exitCode = failed ? 1 : 0
