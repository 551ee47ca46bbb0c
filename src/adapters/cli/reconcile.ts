import * as E from 'fp-ts/lib/Either.js'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'

/** Compares what the records say is stored with what the storage has, and names what only one of them has. */
export const reconcile =
  ({ terminal, explain }: { readonly terminal: Terminal; readonly explain: Explain }) =>
  async (
    { contents }: { readonly contents: boolean },
    { reconcileEvidence }: Pick<Application, 'reconcileEvidence'>,
  ): Promise<Exit> => {
    const done = await reconcileEvidence({ contents })()
    if (E.isLeft(done)) return refuse(terminal, explain(done.left))
    const { at, records, objects, missing, changed, contentsRead, contentDiffers, unnamed, swept } = done.right
    for (const { ticketId, where, id, bucket, name } of missing.first)
      terminal.complain(`missing in ${bucket}: ${name} (${where} ${id} of ticket ${ticketId})`)
    for (const { ticketId, where, id, bucket, name } of changed.first)
      terminal.complain(`changed in ${bucket}: ${name} (${where} ${id} of ticket ${ticketId})`)
    for (const { ticketId, where, id, bucket, name } of contentDiffers.first)
      terminal.complain(`content_differs in ${bucket}: ${name} (${where} ${id} of ticket ${ticketId})`)
    for (const { bucket, name, storedAt } of unnamed.first)
      terminal.say(`named by nothing: ${name} in ${bucket}, since ${storedAt}`)
    terminal.say(`As of ${at}:`)
    const { style } = terminal
    for (const line of table([
      ['  records', `${records}`],
      ['  objects', `${objects}`],
      ['  missing in storage', style(missing.count === 0 ? 'green' : 'red', `${missing.count}`)],
      ['  changed in storage', style(changed.count === 0 ? 'green' : 'red', `${changed.count}`)],
      ...(contentsRead === null
        ? []
        : [
            ['  objects read', `${contentsRead}`],
            ['  content_differs', style(contentDiffers.count === 0 ? 'green' : 'red', `${contentDiffers.count}`)],
          ]),
      ['  named by nothing', `${unnamed.count}`],
      ['  uploads swept', `${swept}`],
    ]))
      terminal.say(line)
    return missing.count + changed.count + contentDiffers.count === 0 ? EXIT.ok : EXIT.problem
  }
