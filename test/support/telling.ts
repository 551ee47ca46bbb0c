import { randomUUID } from 'node:crypto'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { memoryDirectory } from '../../src/adapters/memory/directory.ts'
import { type MemoryNotifications, memoryNotificationStore } from '../../src/adapters/memory/notification-store.ts'
import { memoryTemplateStore } from '../../src/adapters/memory/template-store.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { type NotifyDeps, tellPeople } from '../../src/application/notification/notify.ts'
import type { Contractor, Known, Person, Project, Team } from '../../src/application/ports/directory.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import type { Client } from '../../src/application/ports/ticket-store.ts'
import type { Role } from '../../src/application/principal.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { changeDeps } from './change-deps.ts'
import { changeOf, creationOf, done, only, storable } from './stored-tickets.ts'
import { loaded } from './ticket-copies.ts'
import { AT, CONTRACTOR, LEAD, MANAGER, type Step, TECHNICIAN } from './tickets.ts'

export const TEAM = 'law1'

const person = (id: string, name: string, role: Role, phone: string): Person => ({
  id,
  name,
  role,
  contractorId: null,
  phone,
  email: null,
})
export const technician = person(TECHNICIAN, 'Thandi', 'technician', '+27820000001')
export const manager = person(MANAGER, 'Mpho', 'manager', '+27820000002')
export const lead = person(LEAD, 'Lerato', 'qa_lead', '+27820000003')
export const contractor: Contractor = {
  id: CONTRACTOR,
  name: 'Ubuntu Fibre',
  phone: '+27820000004',
  groupId: '120363000000000004@g.us',
  isOwn: false,
}
export const team: Team = {
  id: TEAM,
  name: 'Lawley 1',
  contractorId: CONTRACTOR,
  memberIds: [],
  phone: null,
  groupId: '120363000000000005@g.us',
}
export const project: Project = { id: 'lawley', code: 'LAW', name: 'Lawley', managerId: MANAGER, groupId: null }

const addressOf = (said: string): string | null => (/^\+\d+$|@g\.us$/.test(said) ? said : null)

/** Everything that telling people needs, in memory, with a project, its manager and all who work there. */
export const tellingWorld = (said: Partial<Known> = {}) => {
  const kept: MemoryNotifications = { rows: [] }
  const published: OutboxEvent[] = []
  const tickets = memoryTicketStore({ state: memoryState(), sha256, publish: (events) => published.push(...events) })
  const deps: NotifyDeps = {
    ...changeDeps(tickets, AT),
    directory: memoryDirectory({
      people: [technician, manager, lead],
      contractors: [contractor],
      teams: [team],
      projects: [project],
      ...said,
    }),
    templates: memoryTemplateStore(),
    notifications: memoryNotificationStore(kept, { newId: randomUUID, addressOf }),
  }
  const reaction = tellPeople(deps)
  const tell = async (event: OutboxEvent) => {
    if (reaction.eventTypes.includes(event.type)) await reaction.handle(event, new AbortController().signal)
  }
  /** Stores the ticket as it stands. */
  const keep = async (ticket: Ticket, client: Client | null = null): Promise<Ticket> => {
    const created = only((await done(tickets.commit([creationOf(storable(ticket), { client })], []))).created)
    published.length = 0
    return (await loaded(tickets, created)).ticket
  }
  /** Carries the commands out one after the other; gives the events they published. */
  const happen = async ({ id }: Pick<Ticket, 'id'>, ...steps: ReadonlyArray<Step>) => {
    published.length = 0
    for (const step of steps) {
      const stored = await loaded(tickets, { id })
      await done(tickets.commit([], [changeOf(stored, step(stored.ticket))]))
    }
    return [...published]
  }
  /** The commands, and everybody told of them. */
  const after = async (ticket: Pick<Ticket, 'id'>, ...steps: ReadonlyArray<Step>) => {
    for (const event of await happen(ticket, ...steps)) await tell(event)
    return kept.rows
  }
  /** An event that time or an escalation makes. */
  const eventOf = ({ id }: Pick<Ticket, 'id'>, body: Readonly<Record<string, unknown>>): OutboxEvent => ({
    id: randomUUID(),
    type: String(body.type),
    ticketId: id,
    body,
    at: AT,
  })
  return { deps, tickets, reaction, rows: kept.rows, tell, keep, happen, after, eventOf }
}
