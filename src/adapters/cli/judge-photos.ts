import * as E from 'fp-ts/lib/Either.js'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import type { Terminal } from './terminal.ts'

/** Judges the photos that an earlier version judged, or that were not judged to the end, and compares those that never were. */
export const judgePhotos =
  ({ terminal, explain }: { readonly terminal: Terminal; readonly explain: Explain }) =>
  async ({ judgePhotosAgain }: Application): Promise<Exit> => {
    const done = await judgePhotosAgain()
    if (E.isLeft(done)) return refuse(terminal, explain(done.left))
    const { judged, compared, failed } = done.right
    terminal.say(
      judged + compared + failed === 0
        ? 'Every photo is judged by this version and compared with the others.'
        : `${judged} photos judged again, ${compared} more compared with the others.`,
    )
    if (failed === 0) return EXIT.ok
    terminal.complain(`${failed} photos could not be read or written; run this again.`)
    return EXIT.unavailable
  }
