import type { Db } from 'pg-boss'
import type { Pool, PoolClient } from '../contract/pool.ts'

type ListenHandle = Awaited<ReturnType<NonNullable<Db['listen']>>>

const RETRY_MS = 1_000
const SLOWEST_RETRY_MS = 30_000

/**
 * Holds one connection of the pool to hear a channel, and takes a new one when it dies. Behind a transaction pooler
 * nothing is heard; the queue's own polling carries on.
 */
export const listenThrough =
  (pool: Pool) =>
  async (channel: string, onPayload: (payload: string) => void, onReconnect: () => void): Promise<ListenHandle> => {
    let closed = false
    let client: PoolClient | null = null
    let timer: NodeJS.Timeout | null = null
    const lost = (from: PoolClient): void => {
      if (client !== from) return
      client = null
      from.release(true)
      retry(RETRY_MS)
    }
    const retry = (ms: number): void => {
      if (closed) return
      timer = setTimeout(() => connect().catch(() => retry(Math.min(ms * 2, SLOWEST_RETRY_MS))), ms)
      timer.unref()
    }
    const connect = async (): Promise<void> => {
      const next = await pool.connect()
      next.on('error', () => lost(next))
      next.on('end', () => lost(next))
      next.on('notification', ({ payload }: { payload?: string }) => payload !== undefined && onPayload(payload))
      try {
        await next.query(`listen "${channel}"`)
      } catch (error) {
        next.release(true)
        throw error
      }
      if (closed) return next.release(true)
      client = next
      onReconnect()
    }
    await connect()
    return {
      close: async () => {
        closed = true
        if (timer !== null) clearTimeout(timer)
        const last = client
        client = null
        last?.release(true)
      },
    }
  }
