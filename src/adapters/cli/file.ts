import { stat } from 'node:fs/promises'
import type { Application } from './application.ts'
import type { CommandLine } from './command-line.ts'
import type { Exit } from './exit.ts'
import { type Explained, refuse } from './refusal.ts'

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

/** Runs `work` with the application open; not before the file is seen to be there, since opening takes its time. */
export const withFile = async (
  line: CommandLine,
  { file, background }: { readonly file: string; readonly background: boolean },
  work: (application: Application) => Promise<Exit>,
): Promise<Exit> => {
  const missing = await fileProblem(file)
  return missing === null ? line.withApplication({ background }, work) : refuse(line.terminal, missing)
}
