import * as E from 'fp-ts/lib/Either.js'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'

/** Does everything that time alone sets off, as of a moment (null is now), and says how much there was. */
export const timers =
  ({ terminal, explain }: { readonly terminal: Terminal; readonly explain: Explain }) =>
  async (asked: string | null, { runTimers, now }: Application): Promise<Exit> => {
    const ran = await runTimers(asked ?? now())()
    if (E.isLeft(ran)) return refuse(terminal, explain(ran.left))
    const { at, risks, sla } = ran.right
    terminal.say(`As of ${at}:`)
    for (const line of table([
      [
        '  risks',
        `${risks.warned} warned of, ${risks.expired} expired, ${risks.escalated} escalated, ${risks.followUpsDue} reviews due`,
      ],
      ['  SLA', `${sla.looked} clocks looked at, ${sla.told} marks told, ${sla.refreshed} due times corrected`],
    ]))
      terminal.say(line)
    return EXIT.ok
  }
