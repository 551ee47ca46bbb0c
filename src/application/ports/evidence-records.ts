import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Unavailable } from '../errors.ts'
import type { ObjectAddress } from './evidence-store.ts'

/** One place in the records that says an object lies in storage; `id` is the attachment's or the snapshot's. */
export type EvidenceRecord = ObjectAddress & {
  readonly ticketId: string
  readonly where: 'attachment' | 'viewing copy' | 'handover snapshot'
  readonly id: string
  /** Bytes that the storage must hold, encrypted or not; null where the record does not say. */
  readonly size: number | null
  /** SHA-256 of what the storage must hold; several where records contradict each other, none where they do not say. */
  readonly hashes: ReadonlyArray<string>
}

/** What the database says lies in storage: attachments, their viewing copies, and what sealed handovers name. */
export type EvidenceRecords = {
  /** All records of the next `tickets` tickets after this one (null: from the first), in order of ticket id; none at the end. */
  readonly after: (ticketId: string | null, tickets: number) => TaskEither<Unavailable, ReadonlyArray<EvidenceRecord>>
  /** All records of one ticket, whatever its id looks like. */
  readonly of: (ticketId: string) => TaskEither<Unavailable, ReadonlyArray<EvidenceRecord>>
}
