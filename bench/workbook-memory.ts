import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { childProcessWorkbookReader } from '../src/adapters/excel/workbook-reader.ts'
import { exceljsWorkbookWriter } from '../src/adapters/excel/workbook-writer.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../src/application/ports/workbook-reader.ts'
import type { Cell } from '../src/domain/shared/sheet.ts'
import { nothingReadYet, readRow } from '../src/domain/weekly-report/read-report.ts'

const ROWS = Number(process.argv[2] ?? 100_000)
const COLUMNS = 20
const MAX_ABOVE_IDLE_MB = 400
const MAX_DELAY_MS = 100

const HEADER: ReadonlyArray<Cell> = [
  'Ticket No',
  'DR Number',
  'Fault Description',
  'Date Logged',
  'Priority',
  'Contractor',
  'Zone',
  'PON',
  'Pole',
  'Serial',
  'OLT address',
  'ONT RX (dBm)',
  'Team',
  'Reason',
  'Address',
  'Customer Name',
  'Contact',
  'a',
  'b',
  'c',
]

function* rows(): Generator<ReadonlyArray<Cell>> {
  yield HEADER
  for (let n = 0; n < ROWS; n += 1) {
    const serial = `ALCLB${(n * 2_654_435).toString(16).toUpperCase().padStart(7, '0').slice(-7)}`
    const known: ReadonlyArray<Cell> = [
      `FT${n}`,
      `DR${1_000_000 + n}`,
      `No link light, case ${n}`,
      45_969 + (n % 7),
      'High',
      'PlanNet',
      n % 20,
      n % 212,
      `LAW.P.A${n % 1000}`,
      serial,
      `law.olt.01:1-1-${n % 8}-${n % 16}`,
      -26 - (n % 400) / 100,
      `law${n % 9}`,
      'Fibre break between pole and home',
      `${n} Example Street, Lawley`,
      `Person ${n}`,
      `082${String(n).padStart(7, '0')}`,
    ]
    yield [...known, ...Array.from({ length: COLUMNS - known.length }, (_, c) => n * (c + 1))]
  }
}

const peakOf = (pid: number | undefined): number => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
const children = (): ReadonlyArray<number> =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

const idlePeak = async (): Promise<number> => {
  const idle = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1000)'])
  await pause(500)
  const peak = peakOf(idle.pid)
  idle.kill()
  return peak
}

if (process.argv[3] !== undefined) {
  await exceljsWorkbookWriter.write('Sheet1', rows(), createWriteStream(process.argv[3]))()
  process.exit()
}

const path = join(tmpdir(), `workbook-memory-${process.pid}.xlsx`)
// The file is made in a process of its own, so that this one is as light as a server.
await once(spawn(process.execPath, [fileURLToPath(import.meta.url), String(ROWS), path], { stdio: 'inherit' }), 'close')
const idle = await idlePeak()

let peak = 0
const watching = setInterval(() => {
  for (const pid of children()) peak = Math.max(peak, peakOf(pid))
}, 20)
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const started = performance.now()
let soFar = nothingReadYet
let lines = 0
const request = { path, sheet: { type: 'first' }, limits: DEFAULT_WORKBOOK_LIMITS, signal: null } as const
const answer = await childProcessWorkbookReader().read(request, (batch) => {
  for (const row of batch) {
    const [next, reading] = readRow(soFar, row)
    soFar = next
    if (reading?.type === 'line') lines += 1
  }
})()
const seconds = (performance.now() - started) / 1000
delay.disable()
clearInterval(watching)

const above = peak - idle
const longest = delay.max / 1e6
console.log(
  `${ROWS} rows x ${COLUMNS} columns, ${(statSync(path).size / 1e6).toFixed(1)} MB: ${answer._tag}, ${lines} lines in ${seconds.toFixed(1)} s`,
)
console.log(
  `parsing process: peak ${peak.toFixed(0)} MB, ${above.toFixed(0)} MB above idle (limit ${MAX_ABOVE_IDLE_MB})`,
)
console.log(`server process: longest event loop delay ${longest.toFixed(0)} ms (limit ${MAX_DELAY_MS})`)
rmSync(path)
if (answer._tag === 'Left' || above >= MAX_ABOVE_IDLE_MB || longest >= MAX_DELAY_MS) process.exitCode = 1
