import { execFileSync } from 'node:child_process'
import { describe, it } from 'vitest'

const isThere = (): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
/** Without the program these are left out by name; where CI=true they run, and fail. */
const leftOut = process.env.CI !== 'true' && !isThere()

const MISSING = 'This test needs the program openssl: install it (Debian: apt-get install openssl).'

/** A suite that runs the program openssl. */
export const describeWithOpenssl = (title: string, body: () => void): void => {
  describe.skipIf(leftOut)(`${title} with openssl`, body)
}

/** One test that runs the program openssl. */
export const itWithOpenssl = (title: string, body: () => void): void => {
  it.skipIf(leftOut)(`${title} (openssl)`, body)
}

/** Runs it in a folder and gives what it writes; throws when it fails. */
export const openssl = (folder: string, words: ReadonlyArray<string>): Buffer => {
  try {
    return execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new Error(MISSING, { cause })
  }
}
