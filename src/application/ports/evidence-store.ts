import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { EvidencePlace, UnsafeName } from '../../domain/evidence/object-name.ts'
import type { Content, StoredObject } from '../../domain/evidence/photo.ts'
import type { Retention } from '../../domain/evidence/retention.ts'
import type { Instant } from '../../domain/shared/time.ts'

export type ObjectAddress = Pick<StoredObject, 'bucket' | 'name'>
/** What must be known of an object to read it. */
export type ReadableObject = Pick<StoredObject, 'bucket' | 'name' | 'sha256' | 'stored'>

export type StagedContent =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }

/** An upload received and hashed, but in no way part of the evidence yet. */
export type Staged = Content & { readonly id: string; readonly content: StagedContent }

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
/** The stored bytes are not those that were encrypted: someone or something changed them. */
export type ObjectDamaged = { readonly type: 'ObjectDamaged'; readonly name: string }
/** The client's data was erased: what was encrypted is past reading for ever (`read`), and nothing new is taken (`add`). */
export type SubjectErased = { readonly type: 'SubjectErased'; readonly at: Instant; readonly refused: 'read' | 'add' }
/** The database that keeps the keys is away. */
export type KeysUnavailable = { readonly type: 'Unavailable'; readonly what: string }
export type ObjectConflict = { readonly type: 'ObjectConflict'; readonly name: string }
export type PayloadTooLarge = { readonly type: 'PayloadTooLarge'; readonly limitBytes: number }
export type UploadInterrupted = { readonly type: 'UploadInterrupted' }
export type StagedMissing = { readonly type: 'StagedMissing'; readonly id: string }

export type StageError = StorageUnavailable | PayloadTooLarge | UploadInterrupted
export type CommitError =
  | StorageUnavailable
  | ObjectConflict
  | StagedMissing
  | UnsafeName
  | SubjectErased
  | KeysUnavailable
export type OpenError = StorageUnavailable | ObjectMissing | ObjectDamaged | SubjectErased | KeysUnavailable
export type StorageError = StageError | CommitError | OpenError

/** `kept`: the storage lets nothing go, but it is encrypted and its key was destroyed, so nobody can read it. */
export type Removal = 'removed' | 'kept'

export type EvidenceStore = {
  /** Hashes while it writes, never holding the whole file; over the limit it stops reading and leaves nothing behind. */
  readonly stage: (content: AsyncIterable<Uint8Array>, limitBytes: number) => TaskEither<StageError, Staged>
  /** Create-only and idempotent: same content again is the same object. Durable before it answers. Ends the staging. */
  readonly commit: (staged: Staged, place: EvidencePlace) => TaskEither<CommitError, StoredObject>
  /** Ends a staging that is not wanted; harmless when it is already gone. */
  readonly discard: (staged: Staged) => TaskEither<StorageUnavailable, void>
  /**
   * The file as it came. Of an encrypted one nothing is given before it is authenticated: damage at its beginning is an
   * answer, damage further on is thrown by the stream, which must be read or returned.
   */
  readonly open: (object: ReadableObject) => TaskEither<OpenError, AsyncIterable<Uint8Array>>
  /** Reads every object again and hashes what is stored, encrypted or not, a few at a time. */
  readonly verify: (
    objects: ReadonlyArray<ObjectAddress>,
  ) => TaskEither<StorageUnavailable, ReadonlyArray<VerifiedObject>>
  /**
   * An address that reads the object for some minutes without our sign-in, made anew each time and never stored; null where
   * the storage makes none, and for what is encrypted.
   */
  readonly link: (
    object: ReadableObject,
    as: { readonly filename: string; readonly mime: string },
  ) => TaskEither<StorageUnavailable, string | null>
  /** The next objects after this name (null: from the first) in the byte order of their names; none when there are no more. */
  readonly list: (after: string | null) => TaskEither<StorageUnavailable, ReadonlyArray<ListedObject>>
  /** Only a viewing copy is ever removed: any other name throws. Done already when there is none. */
  readonly remove: (copy: ObjectAddress) => TaskEither<StorageUnavailable, Removal>
  /** Removes stagings that a crash left behind, begun before `olderThan`; answers how many. */
  readonly sweepStaged: (olderThan: Instant) => TaskEither<StorageUnavailable, number>
}
