import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { EvidencePlace, UnsafeName } from '../../domain/evidence/object-name.ts'
import type { StoredObject } from '../../domain/evidence/photo.ts'
import type { Retention } from '../../domain/evidence/retention.ts'
import type { Instant } from '../../domain/shared/time.ts'

export type ObjectAddress = Pick<StoredObject, 'bucket' | 'name'>

export type StagedContent =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }

/** An upload received and hashed, but in no way part of the evidence yet. */
export type Staged = {
  readonly id: string
  readonly sha256: string
  readonly size: number
  readonly content: StagedContent
}

/**
 * `present` false: no such object. Otherwise `sha256` is that of the bytes stored now, and `retention` what is in force
 * for them. Same order as asked.
 */
export type VerifiedObject = ObjectAddress & {
  readonly present: boolean
  readonly sha256: string | null
  readonly retention: Retention | null
}

/** `storedAt`: when the storage took it. */
export type ListedObject = ObjectAddress & { readonly size: number; readonly storedAt: Instant }

/** `reason` is the system's short code (`ENOSPC`), never a path. */
export type StorageUnavailable = { readonly type: 'StorageUnavailable'; readonly reason: string }
export type ObjectMissing = { readonly type: 'ObjectMissing'; readonly name: string }
export type ObjectConflict = { readonly type: 'ObjectConflict'; readonly name: string }
export type PayloadTooLarge = { readonly type: 'PayloadTooLarge'; readonly limitBytes: number }
export type UploadInterrupted = { readonly type: 'UploadInterrupted' }
export type StagedMissing = { readonly type: 'StagedMissing'; readonly id: string }

export type StageError = StorageUnavailable | PayloadTooLarge | UploadInterrupted
export type CommitError = StorageUnavailable | ObjectConflict | StagedMissing | UnsafeName
export type StorageError = StageError | CommitError | ObjectMissing

export type EvidenceStore = {
  /** Hashes while it writes, never holding the whole file; over the limit it stops reading and leaves nothing behind. */
  readonly stage: (content: AsyncIterable<Uint8Array>, limitBytes: number) => TaskEither<StageError, Staged>
  /** Create-only and idempotent: same content again is the same object. Durable before it answers. Ends the staging. */
  readonly commit: (staged: Staged, place: EvidencePlace) => TaskEither<CommitError, StoredObject>
  /** Ends a staging that is not wanted; harmless when it is already gone. */
  readonly discard: (staged: Staged) => TaskEither<StorageUnavailable, void>
  /** The stored bytes, opened on first read. */
  readonly open: (object: ObjectAddress) => TaskEither<StorageUnavailable | ObjectMissing, AsyncIterable<Uint8Array>>
  /** Reads every object again and hashes what is stored, a few at a time. */
  readonly verify: (
    objects: ReadonlyArray<ObjectAddress>,
  ) => TaskEither<StorageUnavailable, ReadonlyArray<VerifiedObject>>
  /**
   * An address that reads the object for some minutes without our sign-in, made anew each time and never stored; null where
   * the storage makes none.
   */
  readonly link: (
    object: ObjectAddress,
    as: { readonly filename: string; readonly mime: string },
  ) => TaskEither<StorageUnavailable, string | null>
  /** The next objects after this name (null: from the first) in the byte order of their names; none when there are no more. */
  readonly list: (after: string | null) => TaskEither<StorageUnavailable, ReadonlyArray<ListedObject>>
  /** Removes stagings that a crash left behind, begun before `olderThan`; answers how many. */
  readonly sweepStaged: (olderThan: Instant) => TaskEither<StorageUnavailable, number>
}
