import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { commitmentKey, type KeyedTools } from '../../domain/handover/personal.ts'
import type { Json } from '../../domain/shared/json.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { allowed } from '../allowed.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { EvidenceStore, StorageUnavailable } from '../ports/evidence-store.ts'
import { type HeldTicket, rowsBeside, type Subject, type SubjectRecords } from '../ports/subject-records.ts'
import type { TicketPapers } from '../ports/ticket-papers.ts'
import type { Principal } from '../principal.ts'
import { subjectName } from './erase-subject.ts'

/** Where an export goes: made new, and nothing in it is written over. */
export type SubjectFolder = {
  readonly make: () => TaskEither<StorageUnavailable, void>
  readonly write: (name: string, content: AsyncIterable<Uint8Array> | string) => TaskEither<StorageUnavailable, void>
}

export type ExportSubjectDeps = {
  readonly subjectRecords: SubjectRecords
  readonly papers: Pick<TicketPapers, 'attachment'>
  readonly evidence: Pick<EvidenceStore, 'open'>
  readonly keyed: Pick<KeyedTools, 'derivedKey'>
  readonly now: () => Instant
  readonly newId: () => string
}

/** `rowsBeside`: under the drop's own name, beside its tickets. */
export type SubjectExported = {
  readonly tickets: number
  readonly rowsBeside: number
  readonly files: number
  readonly filesNotRead: number
}
export type ExportSubject = (
  principal: Principal,
  subject: Subject,
  folder: SubjectFolder,
) => TaskEither<AppError, SubjectExported>

/** Everything held about a project's client, with its files as they came, and with the keys by which its commitments open. */
export const exportSubject =
  (deps: ExportSubjectDeps): ExportSubject =>
  (principal, subject, folder) =>
  async () => {
    const may = allowed(principal, 'export_subject')
    if (E.isLeft(may)) return may
    const at = deps.now()
    const held = await deps.subjectRecords.held({ id: deps.newId(), subject, by: principal.userId, at })()
    if (E.isLeft(held)) return held
    const { tickets, besideTickets } = held.right
    const beside = rowsBeside(held.right)
    if (tickets.length + beside === 0) return E.left(notFound('Subject', subjectName(subject)))
    const made = await folder.make()()
    if (E.isLeft(made)) return made
    const files: Json[] = []
    let filesNotRead = 0
    for (const attachmentId of tickets.flatMap(({ attachments }) => attachments)) {
      const written = await fileOf(deps, folder, attachmentId)
      if (E.isLeft(written)) return written
      files.push(written.right)
      filesNotRead += 'not_read' in written.right ? 1 : 0
    }
    const said = {
      format: 1,
      subject: { ...subject },
      exported_at: at,
      exported_by: principal.userId,
      tickets: tickets.map((ticket) => ticketOf(deps, ticket)),
      beside_tickets: besideTickets,
      files,
    }
    const told = await folder.write('subject.json', `${JSON.stringify(said, null, 2)}\n`)()
    return E.isLeft(told)
      ? told
      : E.right({ tickets: tickets.length, rowsBeside: beside, files: files.length - filesNotRead, filesNotRead })
  }

const ticketOf = ({ keyed }: Pick<ExportSubjectDeps, 'keyed'>, { id, rows, key, snapshots }: HeldTicket) => ({
  id,
  rows,
  erased_at: key?.state === 'destroyed' ? key.at : null,
  snapshots: snapshots.map((snapshot) => ({
    ...snapshot,
    // Over path, one zero byte and canonical JSON of the value, HMAC-SHA-256 by it is the commitment in the sealed content.
    commitment_key: key?.state === 'held' ? hex(commitmentKey(keyed, key.key, snapshot.id)) : null,
  })),
})

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

type FileWritten = { readonly id: string; readonly name: string | null; readonly not_read?: string }

/** A file that cannot be read is named with why, and holds up no other. */
const fileOf = async (
  { papers, evidence }: Pick<ExportSubjectDeps, 'papers' | 'evidence'>,
  folder: SubjectFolder,
  attachmentId: string,
): Promise<E.Either<AppError, FileWritten>> => {
  const found = await papers.attachment(attachmentId)()
  if (E.isLeft(found)) return found
  if (found.right === null) return E.right({ id: attachmentId, name: null, not_read: 'NotFound' })
  const { object, step } = found.right
  const extension = object.name.slice(object.name.lastIndexOf('.') + 1)
  const name = `${step === null ? 'documents' : 'photos'}/${attachmentId}.${extension}`
  const opened = await evidence.open(object)()
  if (E.isLeft(opened)) return E.right({ id: attachmentId, name: null, not_read: opened.left.type })
  const written = await folder.write(name, opened.right)()
  return E.isLeft(written) ? written : E.right({ id: attachmentId, name })
}
