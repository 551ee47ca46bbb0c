import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Instant, plusMs } from '../../domain/shared/time.ts'
import type { AppError } from '../errors.ts'
import type { EvidenceRecord, EvidenceRecords } from '../ports/evidence-records.ts'
import type { EvidenceStore, ListedObject } from '../ports/evidence-store.ts'
import type { Schedule } from '../ports/job-queue.ts'

export type ReconcileDeps = {
  readonly evidence: Pick<EvidenceStore, 'list' | 'verify' | 'sweepStaged'>
  readonly evidenceRecords: EvidenceRecords
  readonly now: () => Instant
}

/** `count` of all, `first` of at most a thousand. */
export type Findings<A> = { readonly count: number; readonly first: ReadonlyArray<A> }

export type Reconciliation = {
  readonly at: Instant
  readonly records: number
  readonly objects: number
  /** The records say it is stored and the storage does not have it: evidence is lost. */
  readonly missing: Findings<EvidenceRecord>
  /** The storage has another number of bytes than it must hold: the object was changed. */
  readonly changed: Findings<EvidenceRecord>
  /** Objects that were read whole; null when only their sizes were asked for. */
  readonly contentsRead: number | null
  /** As many bytes as recorded, but not those: the object was changed, or another lies in its place. */
  readonly contentDiffers: Findings<EvidenceRecord>
  /** Stored for over an hour and named by nothing: an upload that was refused or broke off after it. Harmless. */
  readonly unnamed: Findings<ListedObject>
  /** Uploads that a crash left behind and that got no byte for an hour: these alone are removed. */
  readonly swept: number
}

/** `contents`: every object is read again and hashed, which takes as long as reading all that is stored. */
export type ReconcileEvidence = (asked: { readonly contents: boolean }) => TaskEither<AppError, Reconciliation>

const HOUR_MS = 3_600_000
const TICKETS_AT_ONCE = 200
const MOST_SHOWN = 1_000
const READ_AT_ONCE = 100

/**
 * Walks the records and the storage side by side, ticket by ticket, and reports what only one of them has. Nothing is
 * repaired: a lost photo is taken again by people, an object that nothing names may yet be somebody's proof.
 */
export const reconcileEvidence =
  ({ evidence, evidenceRecords, now }: ReconcileDeps): ReconcileEvidence =>
  ({ contents }) =>
  async () => {
    const at = now()
    const [missing, changed, contentDiffers] = [
      findings<EvidenceRecord>(),
      findings<EvidenceRecord>(),
      findings<EvidenceRecord>(),
    ]
    const unnamed = findings<ListedObject>()
    let [records, objects, contentsRead] = [0, 0, 0]
    const said = byTicket(
      (last: EvidenceRecord | null) => evidenceRecords.after(last?.ticketId ?? null, TICKETS_AT_ONCE)(),
      ({ ticketId }) => ticketId,
    )
    const stored = byTicket(
      (last: ListedObject | null) => evidence.list(last?.name ?? null)(),
      ({ name }) => name.split('/')[1] ?? '',
    )
    let [left, right] = await Promise.all([said.next(), stored.next()])
    for (;;) {
      if (E.isLeft(left)) return left
      if (E.isLeft(right)) return right
      const [rows, files] = [left.right, right.right]
      if (rows === null && files === null) break
      const order = rows === null ? 1 : files === null ? -1 : compare(rows.ticketId, files.ticketId)
      const [theirs, found] = [order <= 0 && rows ? rows.items : [], order >= 0 && files ? files.items : []]
      records += theirs.length
      objects += found.length
      const looked = await onlyInOne({ evidence, evidenceRecords }, theirs, found)
      if (E.isLeft(looked)) return looked
      missing.add(looked.right.missing)
      const resized = ofAnotherSize(theirs, found)
      changed.add(resized)
      if (contents) {
        const read = await ofOtherContent(evidence, theirs)
        if (E.isLeft(read)) return read
        contentsRead += read.right.read
        contentDiffers.add(read.right.differing.filter((record) => !resized.includes(record)))
      }
      unnamed.add(looked.right.unnamed.filter(({ storedAt }) => storedAt < plusMs(at, -HOUR_MS)))
      if (order <= 0) left = await said.next()
      if (order >= 0) right = await stored.next()
    }
    const swept = await evidence.sweepStaged(plusMs(at, -HOUR_MS))()
    if (E.isLeft(swept)) return swept
    return E.right({
      at,
      records,
      objects,
      missing: missing.all(),
      changed: changed.all(),
      contentsRead: contents ? contentsRead : null,
      contentDiffers: contentDiffers.all(),
      unnamed: unnamed.all(),
      swept: swept.right,
    })
  }

/** The daily run; it goes by sizes, which costs no reading. */
export const reconcileDaily = (
  deps: ReconcileDeps & { readonly onReconciled: (found: Reconciliation) => void },
): Schedule => ({
  name: 'reconcile_evidence',
  everySeconds: 86_400,
  run: async () => {
    const found = await reconcileEvidence(deps)({ contents: false })()
    if (E.isLeft(found)) throw new Error(found.left.type)
    deps.onReconciled(found.right)
  },
})

/** Both sides were read at two moments, so what looks alone is looked at again. */
const onlyInOne = async (
  { evidence, evidenceRecords }: Pick<ReconcileDeps, 'evidence' | 'evidenceRecords'>,
  records: ReadonlyArray<EvidenceRecord>,
  objects: ReadonlyArray<ListedObject>,
): Promise<E.Either<AppError, { missing: ReadonlyArray<EvidenceRecord>; unnamed: ReadonlyArray<ListedObject> }>> => {
  const there = new Set(objects.map(addressOf))
  const lost = records.filter((record) => !there.has(addressOf(record)))
  const answers = lost.length === 0 ? E.right([]) : await evidence.verify(lost)()
  if (E.isLeft(answers)) return answers
  const missing = lost.filter((_, index) => answers.right[index]?.present !== true)
  const named = new Set(records.map(addressOf))
  const alone = objects.filter((object) => !named.has(addressOf(object)))
  const ticketId = alone[0]?.name.split('/')[1]
  if (ticketId === undefined) return E.right({ missing, unnamed: [] })
  const again = await evidenceRecords.of(ticketId)()
  if (E.isLeft(again)) return again
  const namedNow = new Set(again.right.map(addressOf))
  return E.right({ missing, unnamed: alone.filter((object) => !namedNow.has(addressOf(object))) })
}

const ofAnotherSize = (
  records: ReadonlyArray<EvidenceRecord>,
  objects: ReadonlyArray<ListedObject>,
): ReadonlyArray<EvidenceRecord> => {
  const sizes = new Map(objects.map((object) => [addressOf(object), object.size]))
  return records.filter(
    (record) => record.size !== null && (sizes.get(addressOf(record)) ?? record.size) !== record.size,
  )
}

/** Reads each object again, some at a time, and never holds one whole. */
const ofOtherContent = async (
  evidence: Pick<EvidenceStore, 'verify'>,
  records: ReadonlyArray<EvidenceRecord>,
): Promise<E.Either<AppError, { readonly read: number; readonly differing: ReadonlyArray<EvidenceRecord> }>> => {
  const differing: EvidenceRecord[] = []
  let read = 0
  for (let from = 0; from < records.length; from += READ_AT_ONCE) {
    const some = records.slice(from, from + READ_AT_ONCE)
    const answers = await evidence.verify(some)()
    if (E.isLeft(answers)) return answers
    read += answers.right.filter(({ present }) => present).length
    differing.push(
      ...some.filter(({ hashes }, index) => {
        const stored = answers.right[index]?.sha256 ?? null
        return stored !== null && hashes.some((hash) => hash !== stored)
      }),
    )
  }
  return E.right({ read, differing })
}

const addressOf = ({ bucket, name }: { readonly bucket: string; readonly name: string }): string => `${bucket} ${name}`

/** As the names of their objects are ordered, where a slash follows the ticket's id. */
const compare = (a: string, b: string): number => (a === b ? 0 : `${a}/` < `${b}/` ? -1 : 1)

const findings = <A>() => {
  const first: A[] = []
  let count = 0
  return {
    add: (some: ReadonlyArray<A>): void => {
      count += some.length
      first.push(...some.slice(0, MOST_SHOWN - first.length))
    },
    all: (): Findings<A> => ({ count, first }),
  }
}

type OfTicket<A> = { readonly ticketId: string; readonly items: ReadonlyArray<A> }

/** Reads page after page and gives out whole tickets in order; null after the last. */
const byTicket = <A>(
  pageAfter: (last: A | null) => Promise<E.Either<AppError, ReadonlyArray<A>>>,
  ticketOf: (item: A) => string,
): { readonly next: () => Promise<E.Either<AppError, OfTicket<A> | null>> } => {
  let waiting: ReadonlyArray<A> = []
  let last: A | null = null
  let ended = false
  const next = async (): Promise<E.Either<AppError, OfTicket<A> | null>> => {
    const [head] = waiting
    const ticketId = head === undefined ? null : ticketOf(head)
    const other = waiting.findIndex((item) => ticketOf(item) !== ticketId)
    if (ticketId !== null && (other > 0 || ended)) {
      const cut = other === -1 ? waiting.length : other
      const items = waiting.slice(0, cut)
      waiting = waiting.slice(cut)
      return E.right({ ticketId, items })
    }
    if (ended) return E.right(null)
    const page = await pageAfter(last)
    if (E.isLeft(page)) return page
    ended = page.right.length === 0
    last = page.right.at(-1) ?? last
    waiting = [...waiting, ...page.right]
    return next()
  }
  return { next }
}
