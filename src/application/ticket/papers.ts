import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { CopySize } from '../../domain/evidence/evidence.ts'
import { refuseOverTicketLimit } from '../../domain/evidence/limits.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import { type ChangeDeps, loadOne, notFound, permit } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Action } from '../permissions.ts'
import type { EvidenceStore } from '../ports/evidence-store.ts'
import type { PhotoAnalyser } from '../ports/photo-analyser.ts'
import {
  type Attachment,
  type Document,
  type Note,
  TAKES_NO_DOCUMENTS,
  type TicketPapers,
} from '../ports/ticket-papers.ts'
import type { Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'

export type PapersDeps = Pick<ChangeDeps, 'tickets' | 'now'> & {
  readonly papers: TicketPapers
  readonly evidence: EvidenceStore
  readonly analyser: PhotoAnalyser
}

const permitted = (
  deps: Pick<PapersDeps, 'tickets'>,
  principal: Principal,
  action: Action,
  ticketId: TicketId,
): TE.TaskEither<AppError, Stored> =>
  pipe(
    loadOne(deps, ticketId),
    TE.tap(({ ticket }) => TE.fromEither(permit(principal, action, ticket))),
  )

/** Whoever may read a ticket writes on it, in every state; `id` is made by the client. */
export const addNote =
  (deps: PapersDeps) =>
  (principal: Principal, note: Pick<Note, 'id' | 'ticketId' | 'type' | 'content'>): TE.TaskEither<AppError, Note> => {
    const written: Note = { ...note, by: principal.userId, at: deps.now() }
    return pipe(
      permitted(deps, principal, 'add_note', note.ticketId),
      TE.flatMap(() => deps.papers.addNote(written)),
      TE.map(() => written),
    )
  }

export type AddDocument = {
  readonly id: string
  readonly ticketId: TicketId
  readonly filename: string
  readonly content: AsyncIterable<Uint8Array>
}

/** A document joins a ticket that maintenance does not have yet. */
export const addDocument =
  (deps: PapersDeps) =>
  (principal: Principal, { content, ...said }: AddDocument): TE.TaskEither<AppError, Document> =>
    pipe(
      permitted(deps, principal, 'add_attachment', said.ticketId),
      TE.tap(({ ticket }) =>
        (TAKES_NO_DOCUMENTS as ReadonlyArray<string>).includes(ticket.status)
          ? TE.left<AppError>({ type: 'HandedOverAlready', status: ticket.status })
          : TE.right(null),
      ),
      TE.tap(({ ticket }) =>
        ticket.erasedAt === null
          ? TE.right(null)
          : TE.left<AppError>({ type: 'SubjectErased', at: ticket.erasedAt, refused: 'add' }),
      ),
      TE.bindTo('stored'),
      TE.bindW('staged', ({ stored }) => deps.evidence.stage(content, stored.settings.limits.documentBytes)),
      TE.flatMap(({ stored, staged }) =>
        pipe(
          TE.fromEither<AppError, void>(
            refuseOverTicketLimit(stored.usedBytes, staged.size, stored.settings.limits.ticketBytes),
          ),
          TE.flatMap(() => deps.analyser.identifyDocument(staged.content, stored.settings.limits.pixels)),
          TE.bindTo('found'),
          TE.bindW('object', ({ found }) =>
            deps.evidence.commit(staged, {
              ticketId: said.ticketId,
              stepKey: 'document',
              extension: found.extension,
            }),
          ),
          TE.tapError(() => deps.evidence.discard(staged)),
          TE.map(
            ({ found, object }): Document => ({
              ...said,
              mime: found.mime,
              object,
              by: principal.userId,
              at: deps.now(),
            }),
          ),
          TE.tap((document) => deps.papers.addDocument(document, stored.settings.limits.ticketBytes)),
        ),
      ),
    )

/** Two tickets that belong together are linked, both ways. */
export const linkTickets =
  (deps: PapersDeps) =>
  (principal: Principal, ticketId: TicketId, otherId: TicketId): TE.TaskEither<AppError, void> =>
    pipe(
      permitted(deps, principal, 'link_ticket', ticketId),
      TE.flatMap(() => (ticketId === otherId ? TE.left<AppError>({ type: 'LinkToItself' }) : TE.right(null))),
      TE.flatMap(() => permitted(deps, principal, 'read_ticket', otherId)),
      TE.flatMap(() => deps.papers.link({ ticketId, otherId, by: principal.userId, at: deps.now() })),
    )

/** An original photo says where a home is and a document names its people, so both are the client's, whatever they show. */
const refuseClientFile = (principal: Principal): E.Either<AppError, null> => allowed(principal, 'read_client')

export type OpenedFile = Pick<Attachment, 'filename' | 'mime' | 'object'> & {
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * A stored file, or a viewing copy of a photo, for whoever may read its ticket or the survivor it is a duplicate of; to
 * anyone else there is no such file.
 */
export const openAttachment =
  (deps: PapersDeps) =>
  (principal: Principal, id: string, copy: CopySize | null): TE.TaskEither<AppError, OpenedFile> =>
    pipe(
      readableFile(deps, principal, id, copy),
      TE.flatMap(({ filename, mime, object }) =>
        pipe(
          deps.evidence.open(object),
          TE.map((bytes): OpenedFile => ({ filename, mime, object, bytes })),
        ),
      ),
    )

/** An address of the storage itself for the same file and the same people, good for some minutes; null where it makes none. */
export const linkAttachment =
  (deps: PapersDeps) =>
  (principal: Principal, id: string, copy: CopySize | null): TE.TaskEither<AppError, string | null> =>
    pipe(
      readableFile(deps, principal, id, copy),
      TE.flatMap(({ object, ...as }) => deps.evidence.link(object, as)),
    )

const readableFile = (
  deps: PapersDeps,
  principal: Principal,
  id: string,
  copy: CopySize | null,
): TE.TaskEither<AppError, Omit<OpenedFile, 'bytes'>> =>
  pipe(
    attachmentIn(deps, id, (ticketId) => readableHereOrOnSurvivor(deps, principal, ticketId)),
    TE.tap(() => TE.fromEither(refuseClientFile(principal))),
    TE.tap(({ erasedAt }) =>
      erasedAt === null ? TE.right(null) : TE.left<AppError>({ type: 'SubjectErased', at: erasedAt, refused: 'read' }),
    ),
    TE.flatMap((attachment) => TE.fromEither(copy === null ? E.right(attachment) : copyOf(attachment, copy))),
  )

/** A document has no copies, nor has a photo that could not be opened. */
const copyOf = (
  { id, filename, copies }: Attachment,
  size: CopySize,
): E.Either<AppError, Pick<Attachment, 'filename' | 'mime' | 'object'>> =>
  copies === null
    ? E.left(notFound('Viewing copy', id))
    : E.right({
        filename: `${filename.replace(/\.[^.]{1,5}$/, '')}-${size}.jpg`,
        mime: 'image/jpeg',
        object: copies[size],
      })

/** The evidence of a duplicate stays visible on its survivor. */
const readableHereOrOnSurvivor = (
  deps: Pick<PapersDeps, 'tickets'>,
  principal: Principal,
  ticketId: TicketId,
): TE.TaskEither<AppError, Stored> =>
  pipe(
    loadOne(deps, ticketId),
    TE.flatMap((stored) => {
      const { ticket } = stored
      const here = permit(principal, 'read_ticket', ticket)
      return E.isLeft(here) && ticket.status === 'cancelled' && ticket.because.kind === 'duplicate'
        ? permitted(deps, principal, 'read_ticket', ticket.because.survivor)
        : TE.fromEither(E.map(() => stored)(here))
    }),
  )

/** The file's row, when the principal may read the ticket it belongs to. */
export const attachmentFor = (
  deps: Pick<PapersDeps, 'tickets' | 'papers'>,
  principal: Principal,
  id: string,
): TE.TaskEither<AppError, Attachment> =>
  attachmentIn(deps, id, (ticketId) => permitted(deps, principal, 'read_ticket', ticketId))

const attachmentIn = (
  deps: Pick<PapersDeps, 'papers'>,
  id: string,
  readable: (ticketId: TicketId) => TE.TaskEither<AppError, Stored>,
): TE.TaskEither<AppError, Attachment> =>
  pipe(
    deps.papers.attachment(id),
    TE.flatMap(
      (found): TE.TaskEither<AppError, Attachment> =>
        found === null
          ? TE.left(notFound('Attachment', id))
          : pipe(
              readable(found.ticketId),
              TE.mapLeft((error) => (error.type === 'NotFound' ? notFound('Attachment', id) : error)),
              TE.map(() => found),
            ),
    ),
  )
