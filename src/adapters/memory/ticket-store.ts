import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AlreadyExists, Stale } from '../../application/errors.ts'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import type { Signer } from '../../application/ports/signer.ts'
import type { Change, Committed, Creation, Recorded, TicketStore } from '../../application/ports/ticket-store.ts'
import { GENESIS, nextLink, type Sha256 } from '../../domain/handover/chain.ts'
import { snapshotStatement } from '../../domain/handover/signature.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import { bodyOf } from '../contract/ticket-events.ts'
import { holdsImportKey, refusal, refuseDefects } from './ticket-guards.ts'
import {
  contextOf,
  type KeptTicket,
  type MemoryState,
  NEW_PROJECT,
  storedOf,
  survivorOf,
  uidOf,
  usesIn,
} from './ticket-state.ts'

const FIRST_NUMBER = 1_000_001

export type MemoryTicketStoreOptions = {
  readonly state: MemoryState
  readonly sha256: Sha256
  readonly signer?: Signer
  /** Takes the events of each commit, in order. */
  readonly publish: (events: ReadonlyArray<OutboxEvent>) => void
}

/** Tickets in memory, with the promises of the database: versions, guards, uniqueness, chains. */
export const memoryTicketStore = ({ state, sha256, signer, publish }: MemoryTicketStoreOptions): TicketStore => {
  const committed = (
    creations: ReadonlyArray<Creation>,
    changes: ReadonlyArray<Change>,
  ): E.Either<Stale | AlreadyExists, Committed> => {
    const refused = refusal(state, creations, changes)
    if (refused !== null) return E.left(refused)
    refuseDefects(state, creations, changes)
    const done = write(state, creations, changes)
    for (const change of changes) seal(state, sha256, signer, change)
    publish([...creations, ...changes].flatMap((written) => outboxOf(state, written)))
    return E.right(done)
  }
  return {
    load: (ids, also) =>
      TE.fromIO(() =>
        [...new Set(ids)].flatMap((id) => {
          const kept = state.tickets.get(id)
          return kept === undefined || (kept.ticket.deletedAt !== null && also?.deleted !== true)
            ? []
            : [storedOf(state, kept, also?.drs ?? [])]
        }),
      ),

    context: (projectId, dr) => TE.fromIO(() => contextOf(state, projectId, dr, [])),

    usesOf: (hash) =>
      TE.fromIO(() =>
        usesIn(state, hash).map(({ sha256: _, ...use }) => ({
          ...use,
          ticketUid: uidOf(state.tickets.get(use.ticketId)?.ticket),
        })),
      ),

    written: (ticketId) =>
      TE.fromIO(() => ({
        notes: [...state.notes.values()]
          .filter((note) => note.ticketId === ticketId)
          .map(({ id, content }) => ({ id, content })),
        events: (state.tickets.get(ticketId)?.events ?? []).map((event) => ({
          id: event.id,
          type: event.type,
          data: plain(event),
        })),
      })),

    hasRun: (ticketId, runId) =>
      TE.fromIO(() =>
        (state.tickets.get(ticketId)?.events ?? []).some(
          (event) => event.type === 'ReadinessChecked' && event.run.id === runId,
        ),
      ),

    openForFault: (projectId, importKey) =>
      TE.fromIO(
        () =>
          [...state.tickets.values()].find(
            ({ ticket }) => ticket.projectId === projectId && ticket.importKey === importKey && holdsImportKey(ticket),
          )?.ticket.uid ?? null,
      ),

    commitCase: (creation, numbers) => async () => {
      const known = joinableBy(state, numbers, creation.ticket.projectId)
      if (known !== null) return E.right(known)
      return E.map(() => creation.ticket.id)(committed([creation], []))
    },

    commit: (creations, changes) => async () => committed(creations, changes),
  }
}

/** The ticket, of no case yet, that a case of these numbers is: of its own project first, then open, then the newest. */
const joinableBy = (state: MemoryState, numbers: ReadonlyArray<string>, projectId: string): TicketId | null => {
  const all = [...state.tickets.values()].map(({ ticket }) => ticket)
  const named = all.filter((ticket) => ticket.deletedAt === null && numbers.includes(ticket.externalId ?? ''))
  const standing = named.map((ticket) => state.tickets.get(survivorOf(ticket) ?? ticket.id)?.ticket ?? ticket)
  const rank = (ticket: Ticket): number =>
    (ticket.projectId === projectId ? 0 : 2) + (OVER.includes(ticket.status) ? 1 : 0)
  const [first] = standing
    .filter(({ deletedAt, status, source }) => deletedAt === null && status !== 'cancelled' && source !== 'qcontact')
    .toSorted((a, b) => rank(a) - rank(b) || (a.createdAt < b.createdAt ? 1 : -1))
  return first?.id ?? null
}

const OVER: ReadonlyArray<string> = ['handed_to_maintenance', 'closed']

/** As it is stored as JSON. */
const plain = (event: Recorded): Json => JSON.parse(JSON.stringify(event))

const write = (state: MemoryState, creations: ReadonlyArray<Creation>, changes: ReadonlyArray<Change>): Committed => {
  const created = creations.map(({ ticket, events, client }) => {
    const uid = ticket.uid ?? `FT${FIRST_NUMBER + state.numbered++}`
    keep(state, { ...ticket, uid }, { version: 1, client, assignedEver: [], events, updatedAt: ticket.createdAt })
    return { id: ticket.id, uid, version: 1 }
  })
  const changed = changes.map(({ before, next, events, client, picture, keepsVersion }) => {
    if (picture !== null && picture.likeness !== null)
      state.fingerprints.push({ photoId: picture.photoId, fingerprint: picture.likeness.fingerprint })
    const kept = state.tickets.get(next.id)
    if (kept === undefined) throw new Error(`ticket ${next.id} is gone`)
    const version = before.version + (keepsVersion === true ? 0 : 1)
    keep(state, next, {
      ...kept,
      client: client ?? kept.client,
      version,
      events: [...kept.events, ...events],
      updatedAt: events.at(-1)?.at ?? kept.updatedAt,
    })
    return { id: next.id, version }
  })
  return { created, changed }
}

const keep = (state: MemoryState, ticket: Ticket, kept: Omit<KeptTicket, 'ticket'>): void => {
  const { id, projectId, photos, place } = ticket
  const assignment = 'assignment' in ticket ? ticket.assignment : null
  const named = Object.values(assignment ?? {}).filter((who): who is string => who !== null)
  state.tickets.set(id, { ...kept, ticket, assignedEver: [...new Set([...kept.assignedEver, ...named])] })
  for (const event of kept.events) state.eventIds.add(event.id)
  if (!state.projects.has(projectId)) state.projects.set(projectId, NEW_PROJECT)
  for (const photo of photos)
    if (!state.pictures.has(photo.id))
      state.pictures.set(photo.id, {
        sha256: photo.object.sha256,
        ticketId: id,
        stepKey: photo.step,
        photoId: photo.id,
        uploadedAt: photo.arrivedAt,
        drNumber: place.dr,
      })
}

const seal = (state: MemoryState, sha256: Sha256, signer: Signer | undefined, { next, seal: sealed }: Change): void => {
  if (sealed === null) return
  const head = state.snapshots.findLast(({ projectId }) => projectId === next.projectId) ?? GENESIS
  const { id, bytes, content, event, openings } = sealed
  const link = nextLink(sha256)(head, bytes)
  const signed = signer?.sign((signedAt) => snapshotStatement(next.projectId, link.chainHash, signedAt)) ?? null
  if (signed !== null && !state.signingKeys.has(signed.key.keyId)) state.signingKeys.set(signed.key.keyId, signed.key)
  state.snapshots.push({
    ...link,
    signature: signed?.signature ?? null,
    id,
    projectId: next.projectId,
    ticketId: next.id,
    event,
    openings,
    bytes,
    jsonCopy: content,
  })
}

const outboxOf = (state: MemoryState, written: Creation | Change): ReadonlyArray<OutboxEvent> => {
  const { id } = 'next' in written ? written.next : written.ticket
  const ticket = state.tickets.get(id)?.ticket
  return ticket === undefined
    ? []
    : written.events.map((event) => ({
        id: event.id,
        type: event.type,
        ticketId: id,
        body: bodyOf(ticket, event),
        at: event.at,
      }))
}
