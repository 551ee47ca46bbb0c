import { createServer } from 'node:http'
import type { Application } from './compose.ts'
import type { Config } from './config.ts'
import { listen } from './listen.ts'

/** Where a worker is measured, and how that ends. */
export type WorkerMetrics = { readonly url: string; readonly close: () => Promise<void> }

/** The figures of a worker for Prometheus, at `/metrics` of a port of its own; nothing but figures can be had there. */
export const serveWorkerMetrics = async (
  { ports, uses }: Application,
  address: NonNullable<Config['workerMetrics']>,
): Promise<WorkerMetrics> => {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics')
      return void response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Only GET /metrics is here.\n')
    ports.metrics.text(uses.measurements).then(
      (text) => response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(503).end(),
    )
  })
  const url = await listen(server, address, { host: 'METRICS_HOST', port: 'METRICS_PORT' })
  return {
    url: `${url}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
