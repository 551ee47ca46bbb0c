/** Whoever reads the output may have had enough, as `head` has: what runs goes on unheard. Any other error of the stream is thrown. */
export const outliveTheReader = (stream: NodeJS.WritableStream): void => {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
