import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { isCopyStep, placeOf } from '../../domain/evidence/object-name.ts'
import { type Instant, plusMs } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import { allowed } from '../allowed.ts'
import { notFound } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { EvidenceStore, ObjectAddress } from '../ports/evidence-store.ts'
import type { Schedule } from '../ports/job-queue.ts'
import type { Subject, SubjectErasure, SubjectRecords } from '../ports/subject-records.ts'
import type { Principal } from '../principal.ts'

export type EraseDeps = {
  readonly subjectRecords: SubjectRecords
  readonly evidence: Pick<EvidenceStore, 'remove' | 'list'>
  readonly now: () => Instant
  readonly newId: () => string
}

/**
 * `copiesLeft`: viewing copies the storage did not let go yet; the next run takes them. `copiesKept`: encrypted ones that
 * the storage must keep; they were erased with their key.
 */
export type SubjectErased = SubjectErasure & {
  readonly at: Instant
  readonly copiesLeft: number
  readonly copiesKept: number
}

export type EraseSubject = (
  principal: Principal,
  asked: { readonly subject: Subject; readonly reason: string },
) => TE.TaskEither<AppError, SubjectErased>

export const subjectName = (subject: Subject): string =>
  subject.type === 'drop' ? `${subject.projectId} ${subject.dr}` : subject.ticketId

/**
 * Takes from everything that can be changed what is personal about a project's client, and destroys the keys of what
 * cannot: sealed handovers and stored originals. Chains verify as before. There is no way back. Safe to repeat.
 */
export const eraseSubject =
  (deps: EraseDeps): EraseSubject =>
  (principal, { subject, reason }) => {
    const about = { id: deps.newId(), subject, by: principal.userId, at: deps.now() }
    return pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'erase_subject')),
      TE.flatMap(() =>
        reason.trim() === '' ? TE.left<AppError>({ type: 'TextMissing', field: 'reason' }) : TE.right(reason.trim()),
      ),
      TE.flatMap((why) => deps.subjectRecords.erase(about, why)),
      TE.flatMap((erased) =>
        erased.tickets.length + erased.rowsBeside === 0
          ? TE.left<AppError>(notFound('Subject', subjectName(subject)))
          : TE.right(erased),
      ),
      TE.flatMap((erased) =>
        pipe(
          eraseCopies(deps),
          TE.map(({ left, kept }) => ({ ...erased, at: about.at, copiesLeft: left, copiesKept: kept })),
        ),
      ),
    )
  }

/** An upload that was under way may have put its copies into the storage after the erasure. */
const LOOK_BACK_MS = 2 * 86_400_000

/** `kept`: past reading, and in a storage that lets nothing go. */
export type CopiesErased = { readonly removed: number; readonly left: number; readonly kept: number }

/** Takes viewing copies of erased tickets out of the storage; what a crash or a storage that is away left is done here. */
export const eraseCopies =
  ({
    subjectRecords,
    evidence,
    now,
  }: Pick<EraseDeps, 'subjectRecords' | 'evidence' | 'now'>): TE.TaskEither<AppError, CopiesErased> =>
  async () => {
    const found = await subjectRecords.copiesToErase(plusMs(now(), -LOOK_BACK_MS))()
    if (E.isLeft(found)) return found
    const strays: ObjectAddress[] = []
    for (const ticketId of found.right.ticketIds) {
      const listed = await strayCopies(evidence, ticketId)
      if (E.isLeft(listed)) return E.right({ removed: 0, left: found.right.copies.length, kept: 0 })
      strays.push(...listed.right)
    }
    let [removed, left, kept] = [0, 0, 0]
    for (const copy of [...found.right.copies, ...strays]) {
      const gone = await evidence.remove(copy)()
      if (E.isLeft(gone)) {
        left += 1
        continue
      }
      const struck = await subjectRecords.copyErased(copy)()
      if (E.isLeft(struck)) return struck
      if (gone.right === 'kept') kept += 1
      else removed += 1
    }
    return E.right({ removed, left, kept })
  }

const strayCopies = async (
  evidence: Pick<EvidenceStore, 'list'>,
  ticketId: TicketId,
): Promise<E.Either<AppError, ReadonlyArray<ObjectAddress>>> => {
  const strays: ObjectAddress[] = []
  for (let after: string | null = `evidence/${ticketId}/`; after !== null; ) {
    const page: E.Either<AppError, ReadonlyArray<ObjectAddress>> = await evidence.list(after)()
    if (E.isLeft(page)) return page
    const own: ReadonlyArray<ObjectAddress> = page.right.filter(({ name }) => placeOf(name)?.ticketId === ticketId)
    strays.push(
      ...own
        .filter(({ name }) => isCopyStep(placeOf(name)?.stepKey ?? ''))
        .map(({ bucket, name }) => ({ bucket, name })),
    )
    after = own.length === 0 || own.length < page.right.length ? null : (own.at(-1)?.name ?? null)
  }
  return E.right(strays)
}

/** The daily run. */
export const eraseCopiesDaily = (
  deps: Parameters<typeof eraseCopies>[0] & { readonly onErased: (done: CopiesErased) => void },
): Schedule => ({
  name: 'erase_copies',
  everySeconds: 86_400,
  run: async () => {
    const done = await eraseCopies(deps)()
    if (E.isLeft(done)) throw new Error(done.left.type)
    deps.onErased(done.right)
  },
})
