import * as E from 'fp-ts/lib/Either.js'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'

type Speak = { readonly terminal: Terminal; readonly explain: Explain }

const ON_A_PAGE = 100

/** Lists what could not be handled, latest first. */
export const listDeadLetters =
  ({ terminal, explain }: Speak) =>
  async (
    asked: { readonly reaction: string | null; readonly page: number },
    { principal, deadLetters }: Application,
  ): Promise<Exit> => {
    const filter = { reaction: asked.reaction === null ? null : [asked.reaction], eventType: null, ticketId: null }
    const listed = await deadLetters.list(principal, { filter, page: asked.page, pageSize: ON_A_PAGE })()
    if (E.isLeft(listed)) return refuse(terminal, explain(listed.left))
    const { rows, total } = listed.right
    if (total === 0) terminal.say('There are no dead letters.')
    for (const line of table(
      rows.map((one) => [
        one.id,
        one.diedAt,
        one.reaction,
        one.eventType,
        one.retryAskedAt === null ? one.reason : `on its way back since ${one.retryAskedAt}`,
      ]),
    ))
      terminal.say(line)
    if (total > rows.length) terminal.say(`${total} in all; --page shows others.`)
    return EXIT.ok
  }

/** Shows one whole, as JSON. */
export const showDeadLetter =
  ({ terminal, explain }: Speak) =>
  async (id: string, { principal, deadLetters }: Application): Promise<Exit> => {
    const found = await deadLetters.view(principal, id)()
    if (E.isLeft(found)) return refuse(terminal, explain(found.left))
    terminal.say(JSON.stringify(found.right, null, 2))
    return EXIT.ok
  }

/** Asks for another attempt; whoever works next makes it. */
export const retryDeadLetter =
  ({ terminal, explain }: Speak) =>
  async (id: string, reason: string, { principal, deadLetters }: Application): Promise<Exit> => {
    const asked = await deadLetters.retry(principal, id, reason)()
    if (E.isLeft(asked)) return refuse(terminal, explain(asked.left))
    terminal.say(`${asked.right.eventType} goes back to ${asked.right.reaction}; a server or worker takes it up.`)
    return EXIT.ok
  }

/** Gives one up for good. */
export const dropDeadLetter =
  ({ terminal, explain }: Speak) =>
  async (id: string, reason: string, { principal, deadLetters }: Application): Promise<Exit> => {
    const dropped = await deadLetters.drop(principal, id, reason)()
    if (E.isLeft(dropped)) return refuse(terminal, explain(dropped.left))
    terminal.say('Dropped. Who did and why is kept.')
    return EXIT.ok
  }
