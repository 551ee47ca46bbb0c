import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Document, Link, Note } from '../../application/ports/ticket-papers.ts'
import type {
  AttachmentRow,
  LinkRow,
  Look,
  TicketRecordQueries,
  TimelineRow,
} from '../../application/ports/ticket-record-queries.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import { contentPath } from '../contract/content-path.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { sentenceOf } from '../contract/ticket-events.ts'
import { compare, ticketInSight, ticketsInSight } from './queries-sight.ts'
import { type KeptTicket, type MemoryState, survivorOf, uidOf } from './ticket-state.ts'

/** What is added to tickets beside what their own store keeps. */
export type Papers = {
  readonly notes: ReadonlyArray<Note>
  readonly documents: ReadonlyArray<Document>
  readonly links: ReadonlyArray<Link>
}

export type MemoryTicketRecordOptions = { readonly state: MemoryState; readonly papers?: () => Papers }

const none: Papers = { notes: [], documents: [], links: [] }

/** By time here, by order of arrival in the database: the same unless a note was written in the field and came late. */
const timelineOf = ({ ticket, events }: KeptTicket, notes: ReadonlyArray<Note>): ReadonlyArray<TimelineRow> =>
  [
    ...events.map((event) => ({
      id: event.id,
      note_type: 'system' as const,
      content: sentenceOf(event),
      created_by: event.by,
      created_at: event.at,
      system_event: event.type,
      event_data: inSnakeCase(event),
    })),
    ...notes
      .filter(({ ticketId }) => ticketId === ticket.id)
      .map((note) => ({
        id: note.id,
        note_type: note.type,
        content: note.content,
        created_by: note.by,
        created_at: note.at,
        system_event: null,
        event_data: null,
      })),
  ]
    .toSorted((a, b) => compare(a.created_at, b.created_at))
    .map((row, i) => ({ ...row, seq: i + 1 }))

const FILE_TYPES: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'excel',
}

const attachmentsOf = (ticket: Ticket, documents: ReadonlyArray<Document>): ReadonlyArray<AttachmentRow> => {
  const whose = { ticket_id: ticket.id, ticket_uid: uidOf(ticket) }
  return [
    ...ticket.photos.map((photo) => ({
      ...whose,
      id: photo.id,
      filename: photo.filename,
      file_type: 'photo',
      mime_type: photo.mime,
      file_size: photo.object.size,
      sha256: photo.object.sha256,
      storage_url: contentPath(photo.id),
      uploaded_by: photo.uploadedBy,
      uploaded_at: photo.arrivedAt,
      is_evidence: true,
      step_key: photo.step,
      is_current: photo.current,
      work_cycle: photo.cycle,
      width: photo.width,
      height: photo.height,
      captured_at: photo.capturedAt,
      done_at: photo.doneAt,
      verdicts: inSnakeCase(photo.verdicts),
      overrides: inSnakeCase(photo.overrides),
      reuse_cleared: inSnakeCase(photo.reuseCleared),
    })),
    ...documents
      .filter(({ ticketId }) => ticketId === ticket.id)
      .map((document) => ({
        ...whose,
        id: document.id,
        filename: document.filename,
        file_type: FILE_TYPES[document.mime] ?? 'document',
        mime_type: document.mime,
        file_size: document.object.size,
        sha256: document.object.sha256,
        storage_url: contentPath(document.id),
        uploaded_by: document.by,
        uploaded_at: document.at,
        is_evidence: false,
        step_key: null,
        is_current: false,
        work_cycle: 0,
        width: null,
        height: null,
        captured_at: null,
        done_at: null,
        verdicts: [],
        overrides: [],
        reuse_cleared: null,
      })),
  ]
}

type Tie = Pick<LinkRow, 'kind' | 'linked_by' | 'linked_at'> & { readonly id: TicketId }
const tie = (kind: LinkRow['kind'], id: TicketId): Tie => ({ kind, id, linked_by: null, linked_at: null })

const tiesOf = (state: MemoryState, ticket: Ticket, links: ReadonlyArray<Link>): ReadonlyArray<Tie> => {
  const others = [...state.tickets.values()].map((kept) => kept.ticket)
  const survivor = survivorOf(ticket)
  const related = links.flatMap(
    ({ ticketId, otherId, by, at }): ReadonlyArray<Tie> =>
      ticketId === ticket.id || otherId === ticket.id
        ? [{ kind: 'related', id: ticketId === ticket.id ? otherId : ticketId, linked_by: by, linked_at: at }]
        : [],
  )
  return [
    ...(survivor === null ? [] : [tie('duplicate_of', survivor)]),
    ...(ticket.followUpOf === null ? [] : [tie('follow_up_of', ticket.followUpOf)]),
    ...others.filter((other) => survivorOf(other) === ticket.id).map(({ id }) => tie('duplicate', id)),
    ...others.filter((other) => other.followUpOf === ticket.id).map(({ id }) => tie('follow_up', id)),
    ...related.filter((one, i) => related.findIndex(({ id }) => id === one.id) === i),
  ]
}

/** What one ticket has gathered, in memory. */
export const memoryTicketRecordQueries = ({
  state,
  papers = () => none,
}: MemoryTicketRecordOptions): TicketRecordQueries => {
  const seen =
    <A>({ sight, ticketId }: Look, read: (kept: KeptTicket) => A) =>
    (): A | null => {
      const kept = ticketInSight(state, sight, ticketId)
      return kept === null ? null : read(kept)
    }
  return {
    timeline: (look, { before, limit, withWords }) =>
      TE.fromIO(
        seen(look, (kept) => {
          const left = timelineOf(kept, papers().notes)
            .filter(({ seq }) => before === null || seq < before)
            .toReversed()
          const rows = left
            .slice(0, limit)
            .map((row) =>
              withWords ? row : { ...row, content: row.note_type === 'system' ? row.content : null, event_data: null },
            )
          return { rows, next: left.length > limit ? (rows.at(-1)?.seq ?? null) : null }
        }),
      ),
    attachments: (look) =>
      TE.fromIO(
        seen(look, ({ ticket }) =>
          [ticket, ...ticketsInSight(state, { type: 'all' }).map((kept) => kept.ticket)]
            .filter((each, i) => i === 0 || survivorOf(each) === ticket.id)
            .flatMap((each) => attachmentsOf(each, papers().documents))
            .toSorted((a, b) => compare(a.uploaded_at, b.uploaded_at) || compare(a.id, b.id)),
        ),
      ),
    links: (look) =>
      TE.fromIO(
        seen(look, ({ ticket }) =>
          tiesOf(state, ticket, papers().links)
            .flatMap(({ id, ...rest }): ReadonlyArray<LinkRow> => {
              const other = ticketInSight(state, look.sight, id)?.ticket
              return other === undefined
                ? []
                : [{ ...rest, ticket_id: id, ticket_uid: uidOf(other), status: other.status }]
            })
            .toSorted(
              (a, b) => compare(a.kind, b.kind) || compare(a.ticket_uid.padStart(20), b.ticket_uid.padStart(20)),
            ),
        ),
      ),
    readinessRuns: (look, limit) =>
      TE.fromIO(
        seen(look, ({ events }) =>
          events
            .flatMap((event) => (event.type === 'ReadinessChecked' ? [event.run] : []))
            .map(({ id, passed, at, by, results }) => ({ id, passed, checked_at: at, checked_by: by, results }))
            .toSorted((a, b) => compare(b.checked_at, a.checked_at) || compare(b.id, a.id))
            .slice(0, limit),
        ),
      ),
  }
}
