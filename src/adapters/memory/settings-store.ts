import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ProjectStore, StoredSettings } from '../../application/ports/project-store.ts'
import type { TicketStore } from '../../application/ports/ticket-store.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import { isCovered, isPendingOrReady, moveFacts, projectIn, touchTickets } from './platform-outside-change.ts'
import type { MemoryState } from './ticket-state.ts'

/** What each project has set, in memory beside the tickets that it touches. */
export const memoryProjectStore = (state: MemoryState, tickets: TicketStore): ProjectStore => {
  const versions = new Map<string, ReadonlyArray<StoredSettings>>()
  const read = (projectId: string): StoredSettings =>
    versions.get(projectId)?.[0] ?? {
      projectId,
      version: 0,
      settings: projectIn(state, projectId).settings,
      changedBy: null,
      changedAt: null,
    }
  return {
    read: (projectId) => TE.fromIO(() => read(projectId)),
    history: (projectId) => TE.fromIO(() => versions.get(projectId) ?? []),
    save:
      ({ projectId, version, settings, by, at }, touch) =>
      async () => {
        const before = read(projectId)
        if (before.version !== version) return E.left({ type: 'Stale', id: projectId, version: before.version })
        const saved: StoredSettings = { projectId, version: version + 1, settings, changedBy: by, changedAt: at }
        versions.set(projectId, [saved, ...(versions.get(projectId) ?? [])])
        moveFacts(state, projectId, { settings })
        const touched = await touchTickets(state, tickets, touch, projectId, 'facts', isPendingOrReady)
        await touchTickets(state, tickets, touch, projectId, 'guarantee', isStillBuild)
        return E.right({ saved, touched })
      },
  }
}

/** Before maintenance has it, its terms follow the project's. */
const isStillBuild = (ticket: Ticket): boolean =>
  isCovered(ticket) && !['handed_to_maintenance', 'closed', 'cancelled'].includes(ticket.status)
