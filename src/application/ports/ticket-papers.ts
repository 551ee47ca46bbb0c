import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { TicketStorageFull } from '../../domain/evidence/limits.ts'
import type { PhotoCopies, StoredObject } from '../../domain/evidence/photo.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketId, TicketStatus } from '../../domain/ticket/ticket.ts'
import type { AlreadyExists, Unavailable } from '../errors.ts'
import type { SubjectErased } from './evidence-store.ts'

/** Internal notes stay here; client notes also go to QContact. */
export type Note = {
  readonly id: string
  readonly ticketId: TicketId
  readonly type: 'internal' | 'client'
  readonly content: string
  readonly by: string
  readonly at: Instant
}

/** A file of a ticket that proves no step: a drawing, a letter, a workbook. */
export type Document = {
  readonly id: string
  readonly ticketId: TicketId
  readonly filename: string
  readonly mime: string
  readonly object: StoredObject
  readonly by: string
  readonly at: Instant
}

export type Link = {
  readonly ticketId: TicketId
  readonly otherId: TicketId
  readonly by: string
  readonly at: Instant
}

/** Any stored file of a ticket, photo or document. */
export type Attachment = {
  readonly id: string
  readonly ticketId: TicketId
  readonly filename: string
  readonly mime: string
  /** The step it proves; null for a document. */
  readonly step: string | null
  readonly object: StoredObject
  /** null for a document, and for a photo that has none. */
  readonly copies: PhotoCopies | null
  /** When its ticket's client was erased, and the file with it. */
  readonly erasedAt: Instant | null
}

/** From here on a ticket takes no documents any more (requirements section 3). */
export const TAKES_NO_DOCUMENTS = ['handed_to_maintenance', 'closed', 'cancelled'] as const

/** A document came after maintenance had the ticket, or after it was cancelled. */
export type DocumentTooLate = { readonly type: 'HandedOverAlready'; readonly status: TicketStatus }

/** What is added to a ticket and never changes it. The same id with the same content again is done already; with other content AlreadyExists. */
export type TicketPapers = {
  /** With an event `NoteAdded` in the outbox, by the note's id. */
  readonly addNote: (note: Note) => TaskEither<AlreadyExists | Unavailable, void>
  /** Refused when, at the moment it is written, the ticket takes none any more, its client is erased, or it has no room within `limitBytes`. */
  readonly addDocument: (
    document: Document,
    limitBytes: number,
  ) => TaskEither<DocumentTooLate | SubjectErased | TicketStorageFull | AlreadyExists | Unavailable, void>
  /** Both ways at once; a link that is there already stays. */
  readonly link: (link: Link) => TaskEither<Unavailable, void>
  readonly attachment: (id: string) => TaskEither<Unavailable, Attachment | null>
}
