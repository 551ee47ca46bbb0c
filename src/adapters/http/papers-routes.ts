import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { ChangeDeps } from '../../application/change.ts'
import type { Document } from '../../application/ports/ticket-papers.ts'
import type {
  addDocument,
  addNote,
  linkAttachment,
  linkTickets,
  openAttachment,
} from '../../application/ticket/papers.ts'
import type { listAttachments, listLinks, ReadTimeline } from '../../application/ticket/timeline.ts'
import { COPY_SIZES } from '../../domain/evidence/evidence.ts'
import { contentPath } from '../contract/content-path.ts'
import { body, file, page } from './answer.ts'
import { count, id, text } from './fields.ts'
import { type Route, route } from './route.ts'

export type PapersRoutesDeps = Pick<ChangeDeps, 'newId'> & {
  readonly addNote: ReturnType<typeof addNote>
  readonly addDocument: ReturnType<typeof addDocument>
  readonly link: ReturnType<typeof linkTickets>
  readonly open: ReturnType<typeof openAttachment>
  readonly linkTo: ReturnType<typeof linkAttachment>
  readonly timeline: ReadTimeline
  readonly attachments: ReturnType<typeof listAttachments>
  readonly links: ReturnType<typeof listLinks>
}

const noteShape = z.looseObject({
  id: z.string(),
  ticket_id: z.string(),
  note_type: z.string(),
  content: z.string().nullable(),
  created_by: z.string().nullable(),
  created_at: z.string(),
})
const timelineShape = z.looseObject({
  id: z.string(),
  seq: z.int(),
  note_type: z.enum(['internal', 'client', 'system']),
  content: z.string().nullable(),
  created_by: z.string().nullable(),
  created_at: z.string(),
  system_event: z.string().nullable(),
})
const attachmentShape = z.looseObject({
  id: z.string(),
  ticket_id: z.string(),
  filename: z.string().nullable(),
  mime_type: z.string().nullable(),
  file_size: z.int().nullable(),
  sha256: z.string(),
  storage_url: z.string().nullable(),
})
const linkShape = z.looseObject({ kind: z.string(), ticket_id: z.string(), ticket_uid: z.string() })

const documentView = (document: Document) => ({
  id: document.id,
  ticket_id: document.ticketId,
  filename: document.filename,
  mime_type: document.mime,
  file_size: document.object.size,
  sha256: document.object.sha256,
  storage_url: contentPath(document.id),
  uploaded_by: document.by,
  uploaded_at: document.at,
})

export const papersRoutes = (deps: PapersRoutesDeps): ReadonlyArray<Route> => [
  route({
    method: 'get',
    path: '/tickets/{id}/timeline',
    name: 'getTimeline',
    tag: 'Notes and files',
    summary: 'Everything that happened to the ticket and was written on it, the newest first',
    may: 'read_ticket',
    params: { id },
    query: { cursor: count(1, 999_999_999).optional(), pageSize: count(1, 100).default(50) },
    status: 200,
    answers: { type: 'page', schema: timelineShape },
    handle: ({ params, query: { cursor, pageSize } }, principal) =>
      pipe(
        deps.timeline({ principal, ticketId: params.id, before: cursor ?? null, limit: pageSize }),
        TE.map(({ rows, next }) => page(rows, { pageSize, nextCursor: next === null ? null : String(next) })),
      ),
  }),
  route({
    method: 'post',
    path: '/tickets/{id}/notes',
    name: 'addNote',
    tag: 'Notes and files',
    summary: 'Write on a ticket, in every state; the same id again is the same note',
    may: 'add_note',
    params: { id },
    body: z.strictObject({
      id: id.optional(),
      note_type: z.enum(['internal', 'client']).default('internal'),
      content: text(10_000),
    }),
    status: 201,
    answers: { type: 'body', schema: noteShape },
    handle: ({ params, body: said }, principal) =>
      pipe(
        deps.addNote(principal, {
          id: said.id ?? deps.newId(),
          ticketId: params.id,
          type: said.note_type,
          content: said.content,
        }),
        TE.map((note) =>
          body({
            id: note.id,
            ticket_id: note.ticketId,
            note_type: note.type,
            content: note.content,
            created_by: note.by,
            created_at: note.at,
          }),
        ),
      ),
  }),
  route({
    method: 'get',
    path: '/tickets/{id}/attachments',
    name: 'listAttachments',
    tag: 'Notes and files',
    summary: 'Photos and documents of the ticket, and the evidence of its duplicates',
    may: 'read_ticket',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: z.array(attachmentShape) },
    handle: ({ params }, principal) =>
      pipe(
        deps.attachments({ principal, ticketId: params.id }),
        TE.map((rows) => body(rows)),
      ),
  }),
  route({
    method: 'post',
    path: '/tickets/{id}/attachments',
    name: 'addAttachment',
    tag: 'Notes and files',
    summary: 'A document for the ticket; the same id again is the same document',
    may: 'add_attachment',
    params: { id },
    body: z.strictObject({ id: id.optional() }),
    upload: { field: 'file', description: 'PDF, JPEG, PNG or XLSX' },
    status: 201,
    answers: { type: 'body', schema: attachmentShape },
    handle: ({ params, body: said, upload }, principal) =>
      pipe(
        deps.addDocument(principal, { id: said.id ?? deps.newId(), ticketId: params.id, ...upload }),
        TE.map((document) => body(documentView(document))),
      ),
  }),
  route({
    method: 'get',
    path: '/attachments/{id}/content',
    name: 'getAttachmentContent',
    tag: 'Notes and files',
    summary: 'The stored bytes of a photo or document, or a viewing copy of a photo, always as a download',
    may: 'read_client',
    params: { id },
    query: { size: z.enum(COPY_SIZES).optional() },
    status: 200,
    answers: { type: 'file', mime: 'application/octet-stream' },
    handle: ({ params, query: { size } }, principal) =>
      pipe(
        deps.open(principal, params.id, size ?? null),
        TE.map(({ filename, mime, object, bytes }) =>
          file({ name: filename, mime, size: object.size, content: bytes }),
        ),
      ),
  }),
  route({
    method: 'get',
    path: '/attachments/{id}/link',
    name: 'getAttachmentLink',
    tag: 'Notes and files',
    summary:
      'An address of the storage for the same bytes, good for 15 minutes; null where it makes none, and for what is encrypted',
    may: 'read_client',
    params: { id },
    query: { size: z.enum(COPY_SIZES).optional() },
    status: 200,
    answers: { type: 'body', schema: z.object({ url: z.string().nullable() }) },
    handle: ({ params, query: { size } }, principal) =>
      pipe(
        deps.linkTo(principal, params.id, size ?? null),
        TE.map((url) => body({ url })),
      ),
  }),
  route({
    method: 'get',
    path: '/tickets/{id}/links',
    name: 'listLinks',
    tag: 'Notes and files',
    summary: 'The tickets that belong to this one, in either direction',
    may: 'read_ticket',
    params: { id },
    status: 200,
    answers: { type: 'body', schema: z.array(linkShape) },
    handle: ({ params }, principal) =>
      pipe(
        deps.links({ principal, ticketId: params.id }),
        TE.map((rows) => body(rows)),
      ),
  }),
  route({
    method: 'post',
    path: '/tickets/{id}/links',
    name: 'linkTickets',
    tag: 'Notes and files',
    summary: 'Link two tickets that belong together, both ways',
    may: 'link_ticket',
    params: { id },
    body: z.strictObject({ ticket_id: id }),
    status: 201,
    answers: { type: 'body', schema: z.array(linkShape) },
    handle: ({ params, body: said }, principal) =>
      pipe(
        deps.link(principal, params.id, said.ticket_id),
        TE.flatMap(() => deps.links({ principal, ticketId: params.id })),
        TE.map((rows) => body(rows)),
      ),
  }),
]
