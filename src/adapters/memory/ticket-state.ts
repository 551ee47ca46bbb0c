import type { SubjectKey } from '../../application/ports/subject-keys.ts'
import type { Note } from '../../application/ports/ticket-papers.ts'
import type { Client, ProjectContext, Recorded, Stored } from '../../application/ports/ticket-store.ts'
import type { EarlierUse } from '../../domain/evidence/judge-reuse.ts'
import type { Fingerprint } from '../../domain/evidence/likeness.ts'
import { installedOn, type KnownInstallation } from '../../domain/guarantee/installed-on.ts'
import type { Anchor } from '../../domain/handover/anchor.ts'
import type { ChainEntry } from '../../domain/handover/chain.ts'
import type { Openings } from '../../domain/handover/personal.ts'
import type { SigningKey } from '../../domain/handover/signature.ts'
import type { PlatformRow, Platforms } from '../../domain/readiness/readiness.ts'
import { DEFAULT_SETTINGS, type ProjectSettings } from '../../domain/settings/settings.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { SealingEvent } from '../../domain/ticket/events.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'

export type KeptTicket = {
  readonly ticket: Ticket
  readonly version: number
  readonly client: Client | null
  readonly assignedEver: ReadonlyArray<string>
  readonly updatedAt: Instant
  /** Its timeline, oldest first. */
  readonly events: ReadonlyArray<Recorded>
}

export type KeptProject = {
  readonly settings: ProjectSettings
  readonly factsVersion: number
  readonly platforms: Platforms
  readonly rows: ReadonlyArray<PlatformRow>
  readonly installations: ReadonlyArray<{ readonly dr: string } & KnownInstallation['dates'][number]>
}

export type KeptSnapshot = ChainEntry & {
  readonly id: string
  readonly ticketId: TicketId
  readonly event: SealingEvent
  readonly openings: Openings | null
}

/** Everything the adapters in memory know, so that several of them can share it. Deleted tickets stay in it. */
export type MemoryState = {
  readonly tickets: Map<TicketId, KeptTicket>
  readonly projects: Map<string, KeptProject>
  readonly pictures: Map<string, { readonly sha256: string } & Omit<EarlierUse, 'ticketUid'>>
  /** How pictures are known to later ones, in the order they were kept. */
  readonly fingerprints: { readonly photoId: string; readonly fingerprint: Fingerprint }[]
  readonly snapshots: KeptSnapshot[]
  readonly signingKeys: Map<string, SigningKey>
  readonly subjectKeys: Map<TicketId, SubjectKey>
  /** Known anchors by name, each with whether it bears a time stamp. */
  readonly anchors: Map<string, { readonly anchor: Anchor; readonly hasToken: boolean }>
  /** Ids of all events ever committed. */
  readonly eventIds: Set<string>
  /** Notes that people wrote, by id. */
  readonly notes: Map<string, Note>
  readonly documents: { readonly ticketId: TicketId; readonly bytes: number }[]
  /** How many numbers the sequence of `FT…` has given. */
  numbered: number
}

export const memoryState = (): MemoryState => ({
  tickets: new Map(),
  projects: new Map(),
  pictures: new Map(),
  fingerprints: [],
  snapshots: [],
  signingKeys: new Map(),
  subjectKeys: new Map(),
  anchors: new Map(),
  eventIds: new Set(),
  notes: new Map(),
  documents: [],
  numbered: 0,
})

const unconnected = { connected: false, carries: [] }

/** A project that nobody has set anything for. */
export const NEW_PROJECT: KeptProject = {
  settings: DEFAULT_SETTINGS,
  factsVersion: 1,
  platforms: { sow: unconnected, sharepoint: unconnected, tracker: unconnected },
  rows: [],
  installations: [],
}

export const usesIn = (state: MemoryState, sha256: string) =>
  [...state.pictures.values()]
    .filter((use) => use.sha256 === sha256)
    .toSorted((a, b) => (a.uploadedAt < b.uploadedAt ? -1 : a.uploadedAt > b.uploadedAt ? 1 : 0))

export const contextOf = (
  state: MemoryState,
  projectId: string,
  dr: string | null,
  drs: ReadonlyArray<string>,
): ProjectContext => {
  const project = state.projects.get(projectId) ?? NEW_PROJECT
  const { settings } = project
  return {
    settings,
    facts: {
      version: project.factsVersion,
      rxMin: settings.rx.min,
      rxMax: settings.rx.max,
      requiredPlatforms: settings.requiredPlatforms,
      platforms: project.platforms,
      rows: project.rows.filter((row) => row.dr === dr || drs.includes(row.dr)),
    },
    installed: installedOn({
      dates: project.installations.filter((known) => known.dr === dr),
      handedOverAt: handedOverAt(state, projectId, dr),
    }),
  }
}

const handedOverAt = (state: MemoryState, projectId: string, dr: string | null): Instant | null =>
  state.snapshots
    .filter(({ event, ticketId }) => {
      const ticket = state.tickets.get(ticketId)?.ticket
      return (
        event.handover === 'qa_to_maintenance' &&
        ticket !== undefined &&
        ticket.type === 'new_installation' &&
        ticket.deletedAt === null &&
        ticket.projectId === projectId &&
        ticket.place.dr !== null &&
        ticket.place.dr === dr
      )
    })
    .map(({ event }) => event.at)
    .toSorted()
    .at(-1) ?? null

/** Its number; empty for one that is not there, for every other was given one when it was stored. */
export const uidOf = (ticket: Ticket | undefined): string => ticket?.uid ?? ''

export const storedOf = (state: MemoryState, kept: KeptTicket, drs: ReadonlyArray<string>): Stored => {
  const { ticket, version, client, assignedEver } = kept
  return {
    ...contextOf(state, ticket.projectId, ticket.place.dr, drs),
    ticket,
    version,
    client,
    assignedEver,
    duplicates: [...state.tickets.values()]
      .filter(({ ticket: other }) => other.deletedAt === null && survivorOf(other) === ticket.id)
      .map(({ ticket: other }) => uidOf(other))
      .toSorted(),
    snapshots: state.snapshots.filter((snapshot) => snapshot.ticketId === ticket.id).length,
    usedBytes: bytesOf(state, ticket),
  }
}

export const bytesOf = (state: MemoryState, ticket: Ticket): number =>
  ticket.photos.reduce((sum, photo) => sum + photo.object.size, 0) +
  state.documents.reduce((sum, document) => sum + (document.ticketId === ticket.id ? document.bytes : 0), 0)

export const survivorOf = (ticket: Ticket): TicketId | null =>
  ticket.status === 'cancelled' && ticket.because.kind === 'duplicate' ? ticket.because.survivor : null
