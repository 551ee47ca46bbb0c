import { connect } from 'node:net'
import { neonConfig, Pool } from '@neondatabase/serverless'
import type pg from 'pg'
import { createWebSocketStream, WebSocketServer } from 'ws'

/** Neon's own pool, talking through a WebSocket to the PostgreSQL of the URL. One per process: the driver's settings are global. */
export const neonPool = async (url: string): Promise<{ pool: pg.Pool; close: () => Promise<void> }> => {
  const { hostname, port } = new URL(url)
  const proxy = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  proxy.on('connection', (socket) => {
    const client = createWebSocketStream(socket)
    const server = connect(Number(port === '' ? 5432 : port), hostname)
    client.pipe(server).pipe(client)
    client.on('error', () => server.destroy())
    server.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    proxy.once('listening', resolve).once('error', reject)
  })
  const address = proxy.address()
  const proxyPort = typeof address === 'object' && address !== null ? address.port : 0
  neonConfig.wsProxy = () => `127.0.0.1:${proxyPort}/v1`
  neonConfig.useSecureWebSocket = false
  neonConfig.forceDisablePgSSL = true
  neonConfig.pipelineConnect = false
  neonConfig.pipelineTLS = false
  const pool = new Pool({ connectionString: url })
  return {
    pool: pool as unknown as pg.Pool, // the driver is a fork of pg and keeps its shape, its types do not say so
    close: async () => {
      await pool.end()
      for (const socket of proxy.clients) socket.terminate()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
