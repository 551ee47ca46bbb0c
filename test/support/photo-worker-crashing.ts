import { existsSync, writeFileSync } from 'node:fs'

/**
 * In place of the photo process: dies, hangs or takes memory, as the pixels it may decode say; 4 and 5 die and hang the first
 * time a file is asked for; anything else it calls undecodable.
 */
type Asked = { readonly id: number; readonly pixels: number; readonly content: { readonly path?: string } }
/** A file beside the picture remembers, as no process of this kind lives on. */
const isFirst = (path = ''): boolean => {
  if (existsSync(`${path}.asked`)) return false
  writeFileSync(`${path}.asked`, '')
  return true
}
const held: Uint8Array[] = []
process.on('disconnect', () => process.exit(0))
process.on('message', ({ id, pixels, content }: Asked) => {
  const first = pixels > 3 && pixels < 6 && isFirst(content.path)
  if (pixels === 4 && first) process.abort()
  if (pixels === 5 && first) for (;;);
  if (pixels === 1) process.abort()
  if (pixels === 2) for (;;);
  if (pixels === 3) for (;;) held.push(new Uint8Array(8 << 20).fill(1))
  process.send?.({
    id,
    looked: { type: 'undecodable', detail: 'as asked', sides: null, capturedAt: null, takenAt: null },
    residentMiB: 1,
  })
})
process.send?.({ id: null })
