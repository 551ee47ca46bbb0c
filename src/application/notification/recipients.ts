import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { NewNotification } from '../../domain/notification/notification.ts'
import { riskOf, type ToldEvent } from '../../domain/notification/template-values.ts'
import type { Assignment, Priority, Ticket } from '../../domain/ticket/ticket.ts'
import { parsePhone } from '../directory/phone.ts'
import type { Asked, Contractor, Known, Person, Project, Team } from '../ports/directory.ts'
import type { Audience } from './notify-table.ts'

/** Someone to be told; without a number it is kept as failed, for people to see. */
export type Recipient = Pick<NewNotification, 'recipientType' | 'recipientId' | 'phoneOrGroup' | 'name'>

const NOBODY: Assignment = { technician: null, contractor: null, team: null }
const AT_ONCE: ReadonlyArray<Priority> = ['critical', 'urgent', 'high']

const assignmentIn = (ticket: Ticket): Assignment => ('assignment' in ticket ? ticket.assignment : null) ?? NOBODY

const acceptorOf = (event: ToldEvent, ticket: Ticket): string | null =>
  'riskId' in event ? (riskOf(ticket, event.riskId)?.acceptedBy ?? null) : null

const present = (...ids: ReadonlyArray<string | null>): ReadonlyArray<string> =>
  ids.filter((id): id is string => id !== null)

/** Whom the directory is asked for: everyone the event or the ticket names. The manager is known from the project. */
export const partiesOf = (ticket: Ticket, event: ToldEvent | null): Asked => {
  const now = assignmentIn(ticket)
  const told = event?.type === 'TicketAssigned' ? event.to : NOBODY
  return {
    projects: [ticket.projectId],
    people: present(now.technician, told.technician, event === null ? null : acceptorOf(event, ticket)),
    contractors: present(now.contractor, told.contractor),
    teams: present(now.team, told.team),
  }
}

/** Who is told of an event, each once: nobody gets it twice for being named twice or sharing a number. */
export const recipientsOf = (
  audiences: ReadonlyArray<Audience>,
  event: ToldEvent,
  ticket: Ticket,
  known: Known,
): ReadonlyArray<Recipient> => {
  const find = finderIn(known, ticket)
  const all = audiences.flatMap((audience) => named(audience, event, ticket, find))
  return all.filter(
    (one, n) => !all.slice(0, n).some((earlier) => isSameOne(earlier, one) || hasSameNumber(earlier, one)),
  )
}

const named = (audience: Audience, event: ToldEvent, ticket: Ticket, find: Find): ReadonlyArray<Recipient> => {
  switch (audience) {
    case 'new_assignees':
      return event.type === 'TicketAssigned' ? parties(find, newIn(event)) : []
    case 'assignees':
      return parties(find, assignmentIn(ticket))
    case 'nearest': {
      const nearest = parties(find, assignmentIn(ticket)).slice(0, 1)
      return nearest.length > 0 ? nearest : [find.manager()]
    }
    case 'manager':
      return [find.manager()]
    case 'acceptor':
      return present(acceptorOf(event, ticket)).map(find.acceptor)
  }
}

const isSameOne = (one: Recipient, other: Recipient): boolean =>
  one.recipientType === other.recipientType && one.recipientId === other.recipientId

const hasSameNumber = (one: Recipient, other: Recipient): boolean =>
  one.phoneOrGroup !== null && other.phoneOrGroup !== null && dialled(one.phoneOrGroup) === dialled(other.phoneOrGroup)

const dialled = (said: string): string =>
  pipe(
    parsePhone(said),
    E.getOrElse(() => said),
  )

const newIn = ({ from, to }: Extract<ToldEvent, { readonly type: 'TicketAssigned' }>): Assignment => ({
  technician: to.technician === from?.technician ? null : to.technician,
  contractor: to.contractor === from?.contractor ? null : to.contractor,
  team: to.team === from?.team ? null : to.team,
})

type Find = ReturnType<typeof finderIn>

/** Nearest to the work first. */
const parties = (find: Find, { technician, team, contractor }: Assignment): ReadonlyArray<Recipient> => [
  ...present(technician).map(find.technician),
  ...present(team).map(find.team),
  ...present(contractor).map(find.contractor),
]

const finderIn = ({ people, contractors, teams, projects }: Known, { projectId, priority }: Ticket) => {
  const byId = <A extends { readonly id: string }>(all: ReadonlyArray<A>, id: string): A | undefined =>
    all.find((one) => one.id === id)
  // What is urgent goes to a person, the rest to the group, where there are both.
  const numberOf = ({ phone, groupId }: Pick<Contractor | Team, 'phone' | 'groupId'>): string | null =>
    AT_ONCE.includes(priority) ? (phone ?? groupId) : (groupId ?? phone)
  const person = (recipientType: Recipient['recipientType'], id: string): Recipient => {
    const known: Person | undefined = byId(people, id)
    return { recipientType, recipientId: id, phoneOrGroup: known?.phone ?? null, name: known?.name ?? null }
  }
  const crew = (recipientType: Recipient['recipientType'], id: string, all: ReadonlyArray<Contractor | Team>) => {
    const known = byId(all, id)
    return {
      recipientType,
      recipientId: id,
      phoneOrGroup: known === undefined ? null : numberOf(known),
      name: known?.name ?? null,
    }
  }
  return {
    technician: (id: string) => person('technician', id),
    contractor: (id: string) => crew('contractor', id, contractors),
    team: (id: string) => crew('team', id, teams),
    acceptor: (id: string) =>
      person(['manager', 'admin'].includes(byId(people, id)?.role ?? '') ? 'manager' : 'qa', id),
    manager: (): Recipient => {
      const project: Project | undefined = byId(projects, projectId)
      // A project that has no manager has its group, or nobody: which is then seen as a failure under its own id.
      return project?.managerId == null
        ? {
            recipientType: 'manager',
            recipientId: projectId,
            phoneOrGroup: project?.groupId ?? null,
            name: project?.name ?? null,
          }
        : person('manager', project.managerId)
    },
  }
}
