import type { AlreadyExists, Stale } from '../../application/errors.ts'
import type { Change, Creation, PictureUse } from '../../application/ports/ticket-store.ts'
import { nearest, REUSE_DISTANCE } from '../../domain/evidence/likeness.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import { bytesOf, type MemoryState, NEW_PROJECT, survivorOf, usesIn } from './ticket-state.ts'

/** Why a commit cannot be, or null: a version, the project's facts or a picture moved, or something is there already. */
export const refusal = (
  state: MemoryState,
  creations: ReadonlyArray<Creation>,
  changes: ReadonlyArray<Change>,
): Stale | AlreadyExists | null => {
  const isKnown = (projectId: string, version: number): boolean =>
    (state.projects.get(projectId) ?? NEW_PROJECT).factsVersion === version
  const late = creations.find(({ ticket, factsVersion }) => !isKnown(ticket.projectId, factsVersion))
  if (late !== undefined) return { type: 'Stale', id: late.ticket.id, version: null }
  for (const { before, next, picture } of changes) {
    const kept = state.tickets.get(before.ticket.id)
    const version = kept === undefined || kept.ticket.deletedAt !== null ? null : kept.version
    if (
      version !== before.version ||
      !isKnown(next.projectId, before.facts.version) ||
      (picture !== null && (usesIn(state, picture.sha256).length !== picture.seen || likenessMoved(state, picture))) ||
      (kept !== undefined && addsPhotos(before.ticket, next) && bytesOf(state, kept.ticket) !== before.usedBytes)
    )
      return { type: 'Stale', id: before.ticket.id, version }
  }
  return taken(state, creations, changes)
}

/** A picture within reuse of it was kept after the decision looked. */
const likenessMoved = ({ fingerprints }: MemoryState, { likeness }: PictureUse): boolean =>
  likeness !== null &&
  fingerprints
    .slice(likeness.upTo)
    .some(({ fingerprint }) => (nearest(likeness.fingerprint.probes, fingerprint.stored) ?? 256) <= REUSE_DISTANCE)

const addsPhotos = (before: Ticket, next: Ticket): boolean => next.photos.length > before.photos.length

const FINISHED = ['handed_to_maintenance', 'closed', 'cancelled']
export const holdsImportKey = ({ importKey, deletedAt, status }: Ticket): boolean =>
  importKey !== null && deletedAt === null && !FINISHED.includes(status)

/** The unique constraints of the database, by their names there. */
const taken = (
  state: MemoryState,
  creations: ReadonlyArray<Creation>,
  changes: ReadonlyArray<Change>,
): AlreadyExists | null => {
  const tickets = [...creations.map(({ ticket }) => ticket), ...changes.map(({ next }) => next)]
  const created = creations.map(({ ticket }) => ticket)
  const others = (): ReadonlyArray<Ticket> =>
    [...state.tickets.values()].map((kept) => kept.ticket).filter(({ id }) => !tickets.some((one) => one.id === id))
  const keys: ReadonlyArray<readonly [string, ReadonlyArray<string>, (key: string) => boolean]> = [
    ['tickets_pkey', created.map(({ id }) => id), (id) => state.tickets.has(id)],
    [
      'tickets_ticket_uid_key',
      created.flatMap(({ uid }) => (uid === null ? [] : [uid])),
      (uid) => [...state.tickets.values()].some(({ ticket }) => ticket.uid === uid),
    ],
    [
      'uq_tickets_import_key',
      tickets.filter(holdsImportKey).map(importKeyOf),
      (key) => others().some((other) => holdsImportKey(other) && importKeyOf(other) === key),
    ],
    [
      'ticket_attachments_pkey',
      tickets.flatMap(({ id, photos }) =>
        photos.flatMap((photo) => (state.pictures.get(photo.id)?.ticketId === id ? [] : [photo.id])),
      ),
      (id) => state.pictures.has(id),
    ],
    [
      'ticket_notes_pkey',
      [...creations, ...changes].flatMap(({ events }) => events.map(({ id }) => id)),
      (id) => state.eventIds.has(id),
    ],
  ]
  const broken = keys.find(([, values, isThere]) => new Set(values).size < values.length || values.some(isThere))
  return broken === undefined ? null : { type: 'AlreadyExists', constraint: broken[0] }
}

const importKeyOf = ({ projectId, importKey }: Ticket): string => JSON.stringify([projectId, importKey])

/** What the database would answer with an error that no caller can do anything about. */
export const refuseDefects = (
  state: MemoryState,
  creations: ReadonlyArray<Creation>,
  changes: ReadonlyArray<Change>,
): void => {
  if (new Set(changes.map(({ before }) => before.ticket.id)).size < changes.length)
    throw new Error('one commit changes a ticket twice')
  for (const { next } of changes)
    if (next.deletedAt !== null && state.snapshots.some(({ ticketId }) => ticketId === next.id))
      throw new Error(`ticket ${next.uid} has a handover snapshot and cannot be deleted`)
  const exists = (id: string): boolean => state.tickets.has(id) || creations.some(({ ticket }) => ticket.id === id)
  for (const ticket of [...creations.map((creation) => creation.ticket), ...changes.map(({ next }) => next)])
    for (const id of [ticket.followUpOf, survivorOf(ticket)])
      if (id !== null && !exists(id)) throw new Error(`ticket ${ticket.id} names ${id}, which does not exist`)
}
