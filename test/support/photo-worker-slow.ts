/** In place of the photo process: takes a second to load, then calls every picture undecodable at once. */
await new Promise((resolve) => setTimeout(resolve, 1_000))
process.on('disconnect', () => process.exit(0))
process.on('message', ({ id }: { readonly id: number }) => {
  process.send?.({
    id,
    looked: { type: 'undecodable', detail: 'as asked', sides: null, capturedAt: null, takenAt: null },
    residentMiB: 1,
  })
})
process.send?.({ id: null })
