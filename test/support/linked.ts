import type { StandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import { linkTo } from '../../src/application/sync/link-case.ts'
import { qcontactService } from '../../src/application/sync/setup.ts'
import type { TicketStatus } from '../../src/domain/ticket/ticket.ts'
import { aTicket, creationOf } from './stored-tickets.ts'
import { right, type Syncing } from './syncing.ts'

/** A ticket in that state with all its evidence, and a case that is this ticket and still says Open. */
export const storedInProject = async (here: Syncing, standIn: StandIn, status: TicketStatus) => {
  const ticket = { ...aTicket(status), createdBy: qcontactService.userId }
  const { facts } = await right(here.deps.tickets.context(ticket.projectId, ticket.place.dr))
  await right(here.deps.tickets.commit([creationOf(ticket, { factsVersion: facts.version })], []))
  const caseId = standIn.cases.add({ dr: ticket.place.dr ?? 'DR1700000' })
  const remote = await right(here.deps.system.get(caseId, here.signal))
  if (remote === null) throw new Error('no case')
  const linked = await right(linkTo(here.deps, remote, ticket.id, here.signal))
  // As if they had met while both were open.
  await right(
    here.deps.syncStore.learn(
      linked,
      {
        bases: { ...linked.bases, status: { agreed: 'Open', seen: 'Open', pushed: [], owed: false, left: false } },
        conflicts: [],
        agreed: ['status'],
        lastChangeId: linked.lastChangeId,
        gone: false,
      },
      here.deps.now(),
    ),
  )
  await here.deps.syncStore.settle(caseId, null, here.deps.now())()
  return { ticketId: ticket.id, caseId }
}
