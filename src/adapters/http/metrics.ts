import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** How many requests each route answered, and how. */
export type RequestCounts = {
  readonly count: (method: string, route: string, status: number, seconds: number) => void
  /** In the Prometheus text format. */
  readonly text: () => Promise<string>
}

const labelNames = ['method', 'route', 'status']

export const requestCounts = (uptimeSeconds: () => number): RequestCounts => {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({ name: 'ticketing_up', help: 'Whether it answers', registers }).set(1)
  new Gauge({
    name: 'ticketing_uptime_seconds',
    help: 'Since the process started',
    registers,
    collect() {
      this.set(uptimeSeconds())
    },
  })
  const requests = new Counter({
    name: 'ticketing_http_requests_total',
    help: 'Requests answered; 499: the client went away',
    labelNames,
    registers,
  })
  const time = new Counter({
    name: 'ticketing_http_seconds_total',
    help: 'Time spent on them',
    labelNames,
    registers,
  })
  const durations = new Histogram({
    name: 'ticketing_http_request_seconds',
    help: 'How long requests took',
    labelNames: ['method', 'route'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  })
  return {
    count: (method, route, status, seconds) => {
      requests.inc({ method, route, status })
      time.inc({ method, route, status }, seconds)
      durations.observe({ method, route }, seconds)
    },
    text: () => registry.metrics(),
  }
}
