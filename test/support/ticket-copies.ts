import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import type { Ticket, TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { ticketIn } from './lifecycle.ts'
import { PLACE } from './tickets.ts'

const OUR_IDS = /^(?:ticket|step|photo|run|risk)-/

/** The same ticket as one of its own: new ids, and no number until it is stored. */
const copyOf = (ticket: Ticket): Ticket => {
  const ids = new Map<string, string>()
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed)
    if (typeof value === 'string' && OUR_IDS.test(value)) {
      const id = ids.get(value) ?? randomUUID()
      ids.set(value, id)
      return id
    }
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) =>
        key === 'sha256' ? [key, randomUUID().replaceAll('-', '').repeat(2)] : [key, renamed(inner)],
      ),
    )
  }
  return { ...(renamed(ticket) as Ticket), uid: null }
}

/** Stores a ticket that came to this state by its own commands; of the usual drop, in a project without platforms, unless said otherwise. */
export const storedIn = async (
  tickets: TicketStore,
  status: TicketStatus,
  {
    projectId = 'lawley',
    place = PLACE,
    qaReady,
  }: {
    readonly projectId?: string
    readonly place?: Ticket['place']
    readonly qaReady?: boolean
  } = {},
): Promise<Ticket> => {
  const usual = copyOf(ticketIn(status))
  const ticket: Ticket = { ...usual, projectId, place, qaReady: qaReady ?? usual.qaReady }
  const context = await tickets.context(projectId, place.dr)()
  if (E.isLeft(context)) throw new Error('the store is away')
  const { version: factsVersion } = context.right.facts
  const created = await tickets.commit([{ ticket, events: [], client: null, factsVersion }], [])()
  if (E.isLeft(created)) throw new Error(`could not be stored: ${JSON.stringify(created.left)}`)
  return { ...ticket, uid: created.right.created[0]?.uid ?? null }
}

export const loaded = async (tickets: TicketStore, { id }: Pick<Ticket, 'id'>) => {
  const found = await tickets.load([id])()
  if (E.isLeft(found) || found.right[0] === undefined) throw new Error(`ticket ${id} is not there`)
  return found.right[0]
}
