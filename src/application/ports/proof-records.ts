import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Anchor } from '../../domain/handover/anchor.ts'
import type { ChainHead } from '../../domain/handover/chain.ts'
import type { SigningKey } from '../../domain/handover/signature.ts'
import type { Unavailable } from '../errors.ts'

export type ProjectHead = ChainHead & { readonly projectId: string }

/** Public keys and known anchors, kept beside the snapshots; nothing here is ever changed or removed. */
export type ProofRecords = {
  /** Oldest first. */
  readonly keys: () => TaskEither<Unavailable, ReadonlyArray<SigningKey>>
  /** Each is kept once: what is there already stays as it is. */
  readonly keepKeys: (keys: ReadonlyArray<SigningKey>) => TaskEither<Unavailable, void>
  /** Chain heads with no anchor known. */
  readonly headsToAnchor: () => TaskEither<Unavailable, ReadonlyArray<ProjectHead>>
  readonly keepAnchor: (anchor: Anchor, hasToken: boolean) => TaskEither<Unavailable, void>
  /** The newest anchor of each project, where it has no time stamp yet. */
  readonly anchorsToStamp: () => TaskEither<Unavailable, ReadonlyArray<Anchor>>
  /** The newest that is known of a project; as everything here, no more than the database's word. */
  readonly newestAnchor: (projectId: string) => TaskEither<Unavailable, Anchor | null>
  readonly anchorsOf: (projectId: string) => TaskEither<Unavailable, ReadonlyArray<ChainHead>>
}
