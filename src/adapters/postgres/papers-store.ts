import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { AlreadyExists, Unavailable } from '../../application/errors.ts'
import type { SubjectErased } from '../../application/ports/evidence-store.ts'
import {
  type Attachment,
  type DocumentTooLate,
  TAKES_NO_DOCUMENTS,
  type TicketPapers,
} from '../../application/ports/ticket-papers.ts'
import type { TicketStorageFull } from '../../domain/evidence/limits.ts'
import type { TicketStatus } from '../../domain/ticket/ticket.ts'
import { isoInstant, type Pool } from '../contract/pool.ts'
import { orUnavailable } from '../contract/sql-errors.ts'
import { storedOf } from './ticket-parts-row.ts'

const ADD_NOTE = `
with added as (
  insert into ticket_notes (id, ticket_id, note_type, content, created_by, created_at)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (id) do nothing
  returning id
), told as (
  insert into outbox (event_id, type, ticket_id, body, at)
  select id, 'NoteAdded', $2, jsonb_build_object('type', 'NoteAdded', 'noteType', $3::text, 'at', $7::text, 'by', $5::text), $6
  from added
)
select exists (select from added)
  or exists (select from ticket_notes where id = $1 and ticket_id = $2 and note_type = $3 and content = $4) as done`

/** The ticket is held while it is looked at, so that neither a handover nor another file slips in between. */
const ADD_DOCUMENT = `
with held as materialized (
  select id from tickets where id = $2 and deleted_at is null and erased_at is null and status <> all($14::text[]) for no key update
), open as materialized (
  select id, bytes_of_ticket(id) as used from held
), added as (
  insert into ticket_attachments (id, ticket_id, filename, file_type, mime_type, file_size, storage_path, storage_url,
    storage_bucket, storage_generation, sha256, uploaded_by, uploaded_at, stored_size, stored_sha256)
  select $1::uuid, id, $3, $4, $5, $6::int, $7, '/api/ticketing/attachments/' || ($1::uuid)::text || '/content', $8, $9, $10,
    $11, $12::timestamptz, $16::int, $17
  from open where used + $6::int <= $15::bigint
  on conflict (id) do nothing
  returning id
), told as (
  insert into outbox (event_id, type, ticket_id, body, at)
  select id, 'DocumentAdded', $2, jsonb_build_object('type', 'DocumentAdded', 'documentId', id, 'at', $13::text, 'by', $11::text), $12
  from added
)
select exists (select from added)
  or exists (select from ticket_attachments where id = $1 and ticket_id = $2 and sha256 = $10 and step_key is null) as done,
  (select status from tickets where id = $2 and status = any($14::text[])) as over,
  (select erased_at from tickets where id = $2) as erased_at,
  (select used::float8 from open where used + $6::int > $15::bigint) as full_at`

const LINK = `
insert into ticket_links (ticket_id, other_id, kind, linked_by, linked_at)
values ($1, $2, 'related', $3, $4), ($2, $1, 'related', $3, $4)
on conflict do nothing`

const ATTACHMENT = `
select a.id, a.ticket_id, a.filename, a.mime_type, a.step_key, a.storage_bucket, a.storage_path, a.storage_generation, a.file_size, a.sha256, a.stored_size, a.stored_sha256, a.copies,
  t.erased_at
from ticket_attachments a join tickets t on t.id = a.ticket_id where a.id = $1`

const fileTypeOf = (mime: string): string =>
  mime === 'application/pdf' ? 'pdf' : mime.includes('spreadsheet') ? 'excel' : 'document'

/** Notes, documents and links on PostgreSQL; each addition is one statement, with its event in the outbox. */
export const postgresTicketPapers = (pool: Pool, nudge: () => void): TicketPapers => {
  type Answer = {
    readonly done: boolean
    readonly over?: TicketStatus | null
    readonly erased_at?: Date | string | null
    /** Bytes the ticket has already, when there is no room for more. */
    readonly full_at?: number | null
  }
  const idTaken: E.Either<AlreadyExists, never> = E.left({ type: 'AlreadyExists', constraint: 'id' })
  const add =
    <X>(
      text: string,
      values: unknown[],
      refusal: (answer: Answer) => E.Either<X, never>,
    ): TE.TaskEither<X | Unavailable, void> =>
    async () => {
      const answer = await orUnavailable(() => pool.query<Answer>(text, values))()
      if (E.isLeft(answer)) return answer
      nudge()
      const [row = { done: false }] = answer.right.rows
      return row.done ? E.right(undefined) : refusal(row)
    }
  return {
    addNote: ({ id, ticketId, type, content, by, at }) =>
      add(ADD_NOTE, [id, ticketId, type, content, by, at, at], () => idTaken),
    addDocument: ({ id, ticketId, filename, mime, object, by, at }, limitBytes) =>
      add<DocumentTooLate | SubjectErased | TicketStorageFull | AlreadyExists>(
        ADD_DOCUMENT,
        [
          id,
          ticketId,
          filename,
          fileTypeOf(mime),
          mime,
          object.size,
          object.name,
          object.bucket,
          object.generation,
          object.sha256,
          by,
          at,
          at,
          TAKES_NO_DOCUMENTS,
          limitBytes,
          object.stored?.size ?? null,
          object.stored?.sha256 ?? null,
        ],
        ({ over, erased_at: erased, full_at: usedBytes }) => {
          if (over != null) return E.left({ type: 'HandedOverAlready', status: over })
          if (erased != null) return E.left({ type: 'SubjectErased', at: isoInstant(erased), refused: 'add' })
          return usedBytes == null
            ? idTaken
            : E.left({ type: 'TicketStorageFull', usedBytes, addedBytes: object.size, limitBytes })
        },
      ),
    link: ({ ticketId, otherId, by, at }) =>
      orUnavailable(async () => {
        await pool.query(LINK, [ticketId, otherId, by, at])
      }),
    attachment: (id) =>
      orUnavailable(async () => {
        const { rows } = await pool.query(ATTACHMENT, [id])
        const row = rows[0]
        return row === undefined
          ? null
          : ({
              id: row.id,
              ticketId: row.ticket_id,
              filename: row.filename,
              mime: row.mime_type,
              step: row.step_key,
              object: {
                bucket: row.storage_bucket,
                name: row.storage_path,
                generation: row.storage_generation,
                size: row.file_size,
                sha256: row.sha256,
                stored: storedOf(row),
              },
              copies: row.copies,
              erasedAt: row.erased_at === null ? null : isoInstant(row.erased_at),
            } satisfies Attachment)
      }),
  }
}
