import * as E from 'fp-ts/lib/Either.js'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import type { Terminal } from './terminal.ts'

/** Judges the photos that an earlier version judged, or that were not judged to the end. */
export const judgePhotos =
  ({ terminal, explain }: { readonly terminal: Terminal; readonly explain: Explain }) =>
  async ({ judgePhotosAgain }: Application): Promise<Exit> => {
    const done = await judgePhotosAgain()
    if (E.isLeft(done)) return refuse(terminal, explain(done.left))
    const { judged, failed } = done.right
    terminal.say(judged + failed === 0 ? 'Every photo is judged by this version.' : `${judged} photos judged again.`)
    if (failed === 0) return EXIT.ok
    terminal.complain(`${failed} photos could not be read or written; run this again.`)
    return EXIT.unavailable
  }
