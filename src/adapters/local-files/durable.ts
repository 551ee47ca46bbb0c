import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, relative, sep } from 'node:path'

/** A new file or folder survives power loss only once the folder that names it is flushed, too. */
export const flushFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** `folder` and each folder above it, up to and including `top`. */
export const foldersUpTo = (top: string, folder: string): ReadonlyArray<string> => {
  const depth = relative(top, folder).split(sep).filter(Boolean).length
  return Array.from({ length: depth + 1 }, (_, level) =>
    Array.from({ length: level }).reduce<string>((path) => dirname(path), folder),
  )
}

export const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
}

/** Made once at start, and flushed up to the first folder that was already there. */
export const makeDurableFolderNow = (folder: string): void => {
  const firstMade = mkdirSync(folder, { recursive: true })
  if (firstMade === undefined) return
  for (const path of foldersUpTo(dirname(firstMade), folder)) {
    const fd = openSync(path, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}

/** SHA-256 in lower-case hexadecimal of what the file holds now. */
export const hashFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) hash.update(chunk)
  return hash.digest('hex')
}
