import sharp from 'sharp'
import { look } from './look.ts'
import type { PhotoReady, PhotoReply, PhotoRequest } from './photo-messages.ts'

// One picture at a time on one core; a cache would only keep what is never asked for again.
sharp.cache(false)
sharp.concurrency(1)

// Ctrl-C reaches the whole group: the program finishes what it has begun and then ends this process itself.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(0))

process.on('message', async ({ id, ...request }: PhotoRequest) => {
  const looked: PhotoReply['looked'] = await look(request).catch((cause: NodeJS.ErrnoException) => ({
    type: 'failed' as const,
    code: cause.code ?? cause.name,
  }))
  const residentMiB = process.memoryUsage.rss() / 1024 / 1024
  process.send?.({ id, looked, residentMiB } satisfies PhotoReply)
})

process.send?.({ id: null } satisfies PhotoReady)
