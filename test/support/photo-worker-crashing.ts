/** In place of the photo process: dies, hangs or takes memory, as the pixels it may decode say; anything else it calls undecodable. */
const held: Uint8Array[] = []
process.on('disconnect', () => process.exit(0))
process.on('message', ({ id, pixels }: { readonly id: number; readonly pixels: number }) => {
  if (pixels === 1) process.abort()
  if (pixels === 2) for (;;);
  if (pixels === 3) for (;;) held.push(new Uint8Array(8 << 20).fill(1))
  process.send?.({
    id,
    looked: { type: 'undecodable', detail: 'as asked', sides: null, capturedAt: null, takenAt: null },
    residentMiB: 1,
  })
})
