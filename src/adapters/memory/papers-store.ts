import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AlreadyExists } from '../../application/errors.ts'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import {
  type Attachment,
  type Document,
  type Link,
  type Note,
  TAKES_NO_DOCUMENTS,
  type TicketPapers,
} from '../../application/ports/ticket-papers.ts'
import { refuseOverTicketLimit } from '../../domain/evidence/limits.ts'
import type { Photo } from '../../domain/evidence/photo.ts'
import { bytesOf, type MemoryState } from './ticket-state.ts'

type Told = (events: ReadonlyArray<OutboxEvent>) => void

const taken: E.Either<AlreadyExists, never> = E.left({ type: 'AlreadyExists', constraint: 'id' })

/** Notes, documents and links in memory, with what they hold for the reads beside them. */
export const memoryTicketPapers = (
  state: MemoryState,
  publish: Told,
): TicketPapers & {
  readonly kept: () => {
    readonly notes: ReadonlyArray<Note>
    readonly documents: ReadonlyArray<Document>
    readonly links: ReadonlyArray<Link>
  }
} => {
  const { notes } = state
  const documents = new Map<string, Document>()
  const links = new Map<string, Link>()
  const photo = (id: string): { readonly ticketId: string; readonly photo: Photo } | null => {
    for (const { ticket } of state.tickets.values()) {
      const found = ticket.photos.find((one) => one.id === id)
      if (found !== undefined) return { ticketId: ticket.id, photo: found }
    }
    return null
  }
  const erasedAt = (ticketId: string) => state.tickets.get(ticketId)?.ticket.erasedAt ?? null
  return {
    kept: () => ({ notes: [...notes.values()], documents: [...documents.values()], links: [...links.values()] }),
    addNote: (note) => async () => {
      const known = notes.get(note.id)
      if (known !== undefined)
        return known.ticketId === note.ticketId && known.type === note.type && known.content === note.content
          ? E.right(undefined)
          : taken
      const { id, ticketId, type, by, at } = note
      notes.set(id, note)
      publish([{ id, type: 'NoteAdded', ticketId, body: { type: 'NoteAdded', noteType: type, at, by }, at }])
      return E.right(undefined)
    },
    addDocument: (document, limitBytes) => async () => {
      const { id, ticketId, object, by, at } = document
      const known = documents.get(id)
      if (known !== undefined)
        return known.ticketId === ticketId && known.object.sha256 === object.sha256 ? E.right(undefined) : taken
      const status = state.tickets.get(ticketId)?.ticket.status ?? 'cancelled'
      if ((TAKES_NO_DOCUMENTS as ReadonlyArray<string>).includes(status))
        return E.left({ type: 'HandedOverAlready', status })
      const kept = state.tickets.get(ticketId)
      const erased = erasedAt(ticketId)
      if (erased !== null) return E.left({ type: 'SubjectErased', at: erased, refused: 'add' })
      const full = refuseOverTicketLimit(kept === undefined ? 0 : bytesOf(state, kept.ticket), object.size, limitBytes)
      if (E.isLeft(full)) return full
      documents.set(id, document)
      state.documents.push({ ticketId, bytes: object.size })
      publish([{ id, type: 'DocumentAdded', ticketId, body: { type: 'DocumentAdded', documentId: id, at, by }, at }])
      return E.right(undefined)
    },
    link: (link) =>
      TE.fromIO(() => {
        links.set(JSON.stringify([link.ticketId, link.otherId].toSorted()), link)
      }),
    attachment: (id) =>
      TE.fromIO((): Attachment | null => {
        const document = documents.get(id)
        if (document !== undefined) {
          const { ticketId, filename, mime, object } = document
          return { id, ticketId, filename, mime, step: null, object, copies: null, erasedAt: erasedAt(ticketId) }
        }
        const found = photo(id)
        if (found === null) return null
        const { filename, mime, step, object, copies } = found.photo
        return {
          id,
          ticketId: found.ticketId,
          filename,
          mime,
          step,
          object,
          copies,
          erasedAt: erasedAt(found.ticketId),
        }
      }),
  }
}
