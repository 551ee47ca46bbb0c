import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import { type ReactionDeps, reactions } from '../../src/application/reactions/reactions.ts'
import { AT } from '../support/tickets.ts'

const event = (type: string, over: Partial<OutboxEvent> = {}): OutboxEvent => ({
  id: `${type}-1`,
  type,
  ticketId: null,
  body: {},
  at: AT,
  ...over,
})
const named = (deps: object, name: string) => {
  const found = reactions(deps as ReactionDeps).find((one) => one.name === name)
  if (found === undefined) throw new Error(`no reaction ${name}`)
  return found
}
const signal = new AbortController().signal
const away = TE.left({ type: 'Unavailable', what: 'database' } as const)

describe('A reaction', () => {
  it.each(['escalate_repeat_faults', 'escalation_follows_its_ticket', 'settle_guarantees_of_drop'])(
    '%s has nothing to do for an event of no ticket, and asks nothing',
    async (name) => {
      // Whatever it asked would throw: nothing is given to it.
      const reaction = named({}, name)
      for (const type of reaction.eventTypes)
        await expect(reaction.handle(event(type), signal)).resolves.toBeUndefined()
    },
  )

  it('follows no event of an infrastructure ticket that moves no escalation', async () => {
    const reaction = named({}, 'escalation_follows_its_ticket')
    await expect(reaction.handle(event('PhotoAdded', { ticketId: 't1' }), signal)).resolves.toBeUndefined()
  })

  it('is tried again, by the name of what failed, while the database is away', async () => {
    const reaction = named({ tickets: { load: () => away } }, 'escalate_repeat_faults')
    await expect(reaction.handle(event('TicketCreated', { ticketId: 't1' }), signal)).rejects.toThrow('Unavailable')
  })

  it('weighs only what can make a fault: of edits those of place and type', async () => {
    const asked: unknown[] = []
    const escalations = {
      faults: (ids: ReadonlyArray<string>) => {
        asked.push(ids)
        return TE.right([])
      },
      read: () => TE.right([]),
    }
    const { concerns } = named({ escalations, now: () => AT }, 'escalate_repeat_faults')
    const edit = (ticketId: string, changes: unknown) => event('FactsChanged', { ticketId, body: { changes } })
    const titles = [edit('t1', [{ field: 'title' }]), edit('t2', 'no list'), edit('t3', []), event('TicketCreated')]
    expect(await concerns?.(titles)).toEqual(new Set())
    expect(asked).toEqual([])
    await concerns?.([...titles, edit('t4', [{ field: 'title' }, { field: 'pole_number' }])])
    await concerns?.([event('TicketCreated', { ticketId: 't5' })])
    expect(asked).toEqual([['t4'], ['t5']])
  })
})
