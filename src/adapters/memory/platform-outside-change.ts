import * as E from 'fp-ts/lib/Either.js'
import { tallyOf } from '../../application/platform/recheck-touched.ts'
import type { Touch, Touched, TouchedBy } from '../../application/ports/project-store.ts'
import type { TicketStore } from '../../application/ports/ticket-store.ts'
import { isOpenToFacts } from '../../domain/ticket/recheck.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import { type KeptProject, type MemoryState, NEW_PROJECT } from './ticket-state.ts'

export const projectIn = (state: MemoryState, projectId: string): KeptProject =>
  state.projects.get(projectId) ?? NEW_PROJECT

/** What was decided by older facts is refused from here on. */
export const moveFacts = (state: MemoryState, projectId: string, changed: Partial<KeptProject>): void => {
  const project = projectIn(state, projectId)
  state.projects.set(projectId, { ...project, ...changed, factsVersion: project.factsVersion + 1 })
}

export const isPendingOrReady = (ticket: Ticket): boolean =>
  ticket.status === 'pending_qa' || (ticket.qaReady && isOpenToFacts(ticket))

/** Touches those of the project's tickets that `which` names, decided anew when someone else was first. */
export const touchTickets = async (
  state: MemoryState,
  tickets: TicketStore,
  touch: Touch,
  projectId: string,
  why: TouchedBy,
  which: (ticket: Ticket) => boolean,
): Promise<Touched> => {
  for (;;) {
    const ids = [...state.tickets.values()]
      .filter(({ ticket }) => ticket.projectId === projectId && which(ticket))
      .map(({ ticket }) => ticket.id)
    const stored = await tickets.load(ids)()
    if (E.isLeft(stored)) throw new Error('memory is never away')
    const changes = stored.right.map((one) => touch(one, why)).filter((change) => change !== null)
    if (changes.length === 0) return tallyOf([])
    if (E.isRight(await tickets.commit([], changes)())) return tallyOf(changes)
  }
}

/** Its guarantee runs from an installation. */
export const isCovered = ({ fault }: Ticket): boolean =>
  fault.cause === 'workmanship' || fault.cause === 'material_failure'
