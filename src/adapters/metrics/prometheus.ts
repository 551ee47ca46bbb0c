import { setTimeout as sleep } from 'node:timers/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { QueueWatch } from '../../application/ports/job-queue.ts'
import type { Measurement } from '../../application/ports/measurement.ts'

/** What this process did and what there is to do, for Prometheus. */
export type Metrics = {
  readonly watch: QueueWatch
  /** In the text format, with the measurements read at most two seconds ago. */
  readonly text: (measurements: ReadonlyArray<Measurement>) => Promise<string>
}

const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600]
const FRESH_MS = 2_000
/** A database that does not answer keeps nobody from reading the rest. */
const PATIENCE_MS = 2_000

/** `onError` hears of a measurement that could not be read; its figures are left out then. */
export const prometheusMetrics = (onError: (error: unknown) => void): Metrics => {
  const process = new Registry()
  const registers = [process]
  collectDefaultMetrics({ register: process })
  const handled = new Histogram({
    name: 'ticketing_reaction_seconds',
    help: 'How long attempts at events took, by how they ended',
    labelNames: ['reaction', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  const died = new Counter({
    name: 'ticketing_dead_letters_total',
    help: 'Events given up by this process',
    labelNames: ['reaction'],
    registers,
  })
  const ran = new Histogram({
    name: 'ticketing_schedule_seconds',
    help: 'How long runs of schedules took, by how they ended',
    labelNames: ['schedule', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  const outcomes = new Gauge({
    name: 'ticketing_schedule_last_success_timestamp_seconds',
    help: 'When a schedule last ended well in this process',
    labelNames: ['schedule'],
    registers,
  })
  let last = { at: Number.NEGATIVE_INFINITY, text: Promise.resolve('') }
  return {
    watch: {
      handled: ({ reaction, outcome, seconds }) => handled.observe({ reaction, outcome }, seconds),
      died: ({ reaction }) => died.inc({ reaction }),
      ran: ({ schedule, outcome, seconds }) => {
        ran.observe({ schedule, outcome }, seconds)
        if (outcome === 'done') outcomes.set({ schedule }, Date.now() / 1_000)
      },
    },
    text: async (measurements) => {
      if (performance.now() - last.at > FRESH_MS)
        last = { at: performance.now(), text: measuredText(measurements, onError) }
      return `${await process.metrics()}${await last.text}`
    },
  }
}

const measuredText = async (
  measurements: ReadonlyArray<Measurement>,
  onError: (error: unknown) => void,
): Promise<string> => {
  const registry = new Registry()
  const registers = [registry]
  await Promise.all(
    measurements.map(async ({ measures, read }) => {
      const gauges = new Map(
        measures.map(({ name, help, labels }) => [name, new Gauge({ name, help, labelNames: [...labels], registers })]),
      )
      try {
        for (const { name, labels, value } of await patiently(read())) gauges.get(name)?.set({ ...labels }, value)
      } catch (error) {
        onError(error)
        for (const { name } of measures) registry.removeSingleMetric(name)
      }
    }),
  )
  return registry.metrics()
}

const patiently = async <A>(work: Promise<A>): Promise<A> => {
  const stop = new AbortController()
  const late = sleep(PATIENCE_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error('a measurement took too long')
  })
  try {
    return await Promise.race([work, late])
  } finally {
    stop.abort()
    late.catch(() => undefined)
  }
}
