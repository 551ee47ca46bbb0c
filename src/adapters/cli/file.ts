import { stat } from 'node:fs/promises'
import type { Explained } from './refusal.ts'

/** Why a path cannot be read as a file, or null. */
export const fileProblem = async (path: string): Promise<Explained | null> => {
  const because = (sentence: string): Explained => ({ sentence, details: { file: path }, isAway: false })
  try {
    return (await stat(path)).isFile() ? null : because('This is not a file')
  } catch (error) {
    return because(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'There is no such file' : 'The file cannot be read',
    )
  }
}
