import type { Change, Creation, Recorded } from '../../application/ports/ticket-store.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import { bodyOf, sentenceOf } from '../contract/ticket-events.ts'
import {
  checkRowOf,
  decisionRowOf,
  fingerprintRowsOf,
  hashRowOf,
  photoRowOf,
  riskRowOf,
  stepRows,
  waiverRowOf,
} from './ticket-parts-to-rows.ts'
import { rowOfTicket } from './ticket-to-row.ts'

type Row = Readonly<Record<string, unknown>>
type Rows = ReadonlyArray<Row>

/** Everything one commit writes, table by table; each list is one set in the one statement. */
export type SaveRows = {
  /** What is checked before anything is written. */
  readonly facts: Rows
  readonly versions: Rows
  readonly pictures: Rows
  readonly created: Rows
  readonly changed: Rows
  readonly clients: Rows
  readonly newSteps: Rows
  readonly changedSteps: Rows
  readonly newPhotos: Rows
  readonly changedPhotos: Rows
  /** Uses of pictures that no decision counted. */
  readonly countedPictures: Rows
  readonly hashes: Rows
  readonly fingerprints: Rows
  readonly newRisks: Rows
  readonly changedRisks: Rows
  readonly decisions: Rows
  readonly waivers: Rows
  readonly endedWaivers: Rows
  readonly checks: Rows
  readonly events: Rows
}

export const saveRowsOf = (creations: ReadonlyArray<Creation>, changes: ReadonlyArray<Change>): SaveRows => {
  const parts = [
    ...creations.map(({ ticket }) => partsOf(null, ticket)),
    ...changes.map(({ before, next }) => partsOf(before.ticket, next)),
  ]
  const guarded: ReadonlyArray<unknown> = changes.map(({ picture }) => picture?.photoId)
  const told = [...creations, ...changes.map(({ next, events }) => ({ ticket: next, events }))]
  return {
    facts: distinct([
      ...creations.map(({ ticket, factsVersion }) => ({ project_id: ticket.projectId, facts_version: factsVersion })),
      ...changes.map(({ next, before }) => ({ project_id: next.projectId, facts_version: before.facts.version })),
    ]),
    versions: changes.map(({ before, next }) => ({
      id: before.ticket.id,
      version: before.version,
      used_bytes: next.photos.length > before.ticket.photos.length ? before.usedBytes : null,
    })),
    pictures: changes.flatMap(({ picture }) =>
      picture === null ? [] : [{ sha256: picture.sha256, uses: picture.seen }],
    ),
    created: creations.map(({ ticket, events }) => rowOfTicket(ticket, [], lastOf(events) ?? ticket.createdAt)),
    changed: changes.flatMap(({ before, next, events, keepsVersion }) =>
      keepsVersion === true ? [] : [rowOfTicket(next, before.assignedEver, lastOf(events))],
    ),
    clients: [
      ...creations.flatMap(({ ticket, client }) => (client === null ? [] : [{ ticket_id: ticket.id, ...client }])),
      ...changes.flatMap(({ next, client }) => (client === undefined ? [] : [{ ticket_id: next.id, ...client }])),
    ],
    newSteps: creations.flatMap(({ ticket }) => stepRows(ticket)),
    changedSteps: changes.flatMap(({ before, next }) => differing(stepRows(before.ticket), stepRows(next)).changed),
    newPhotos: parts.flatMap(({ photos }) => photos.added),
    changedPhotos: parts.flatMap(({ photos }) => photos.changed),
    countedPictures: parts
      .flatMap(({ hashes }) => hashes)
      .filter((hash) => !guarded.includes(hash.photo_id))
      .map(({ sha256 }) => ({ sha256 })),
    hashes: parts.flatMap(({ hashes }) => hashes).map((hash) => ({ ...hash, ...comparedIn(changes, hash.photo_id) })),
    fingerprints: changes.flatMap(({ picture }) => (picture === null ? [] : fingerprintRowsOf(picture))),
    newRisks: parts.flatMap(({ risks }) => risks.added),
    changedRisks: parts.flatMap(({ risks }) => risks.changed),
    decisions: parts.flatMap(({ decisions }) => decisions),
    waivers: parts.flatMap(({ waivers }) => waivers),
    endedWaivers: parts.flatMap(({ endedWaivers }) => endedWaivers),
    checks: told.flatMap(({ ticket, events }) =>
      events.flatMap((event) => (event.type === 'ReadinessChecked' ? [checkRowOf(ticket)(event.run)] : [])),
    ),
    events: told.flatMap(({ ticket, events }) => events.map((event) => eventRow(ticket, event))),
  }
}

/** What the photo itself was compared by, for the search for look-alikes. */
const comparedIn = (changes: ReadonlyArray<Change>, photoId: unknown): Row => {
  const fingerprint = changes.find(({ picture }) => picture?.photoId === photoId)?.picture?.likeness?.fingerprint
  return fingerprint === undefined ? {} : { quality: fingerprint.quality, probes: fingerprint.probes }
}

const partsOf = (before: Ticket | null, next: Ticket) => {
  const photos = differing((before?.photos ?? []).map(photoRowOf(next)), next.photos.map(photoRowOf(next)))
  const known = (before?.photos ?? []).map((photo) => photo.id)
  return {
    photos,
    hashes: next.photos.filter((photo) => !known.includes(photo.id)).map(hashRowOf(next)),
    risks: differing((before?.risks ?? []).map(riskRowOf(next.id)), next.risks.map(riskRowOf(next.id))),
    decisions: differing(
      (before?.decisions ?? []).map(decisionRowOf(next.id)),
      next.decisions.map(decisionRowOf(next.id)),
    ).added,
    waivers: next.waivers
      .filter((waiver) => !(before?.waivers ?? []).some((known) => known.platform === waiver.platform))
      .map(waiverRowOf(next.id)),
    endedWaivers: (before?.waivers ?? [])
      .filter((waiver) => !next.waivers.some((kept) => kept.platform === waiver.platform))
      .map(({ platform }) => ({ ticket_id: next.id, platform })),
  }
}

/** Rows that are new and rows that are no longer what they were, told by their id. */
const differing = (before: Rows, after: Rows): { readonly added: Rows; readonly changed: Rows } => {
  const was = new Map(before.map((row) => [row.id, JSON.stringify(row)]))
  return {
    added: after.filter((row) => !was.has(row.id)),
    changed: after.filter((row) => was.has(row.id) && was.get(row.id) !== JSON.stringify(row)),
  }
}

const distinct = (rows: Rows): Rows => [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]

const lastOf = (events: ReadonlyArray<Recorded>): string | null => events.at(-1)?.at ?? null

const eventRow = (ticket: Ticket, event: Recorded): Row => ({
  id: event.id,
  ticket_id: ticket.id,
  type: event.type,
  at: event.at,
  by: event.by,
  sentence: sentenceOf(event),
  event,
  body: bodyOf(ticket, event),
})
