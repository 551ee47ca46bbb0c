import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Anchor, StoredAnchor } from '../../domain/handover/anchor.ts'
import type { StorageUnavailable } from './evidence-store.ts'

/** Anchors outside the database: every write create-only, durable before it answers, and harmless when repeated. */
export type AnchorStore = {
  /** The anchor that now lies there: this one, or the one that already was. */
  readonly keep: (anchor: Anchor) => TaskEither<StorageUnavailable, Anchor>
  /** An RFC 3161 token beside its anchor. */
  readonly keepToken: (anchor: Anchor, token: Uint8Array) => TaskEither<StorageUnavailable, void>
  readonly projects: () => TaskEither<StorageUnavailable, ReadonlyArray<string>>
  /** All of a project by number, whatever lies there. */
  readonly of: (projectId: string) => TaskEither<StorageUnavailable, ReadonlyArray<StoredAnchor>>
}
