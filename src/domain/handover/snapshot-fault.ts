import type { AnchorFinding } from './anchor.ts'
import { type Before, type ChainFinding, type ChainHead, type ChainTools, GENESIS, verifyEntry } from './chain.ts'
import { NOTHING_OPENED, type Opened, type OpeningFinding, openingFindings } from './openings.ts'
import type { KeyedTools } from './personal.ts'
import { type KnownKeys, type SignatureFinding, type SignatureTools, signatureFindings } from './signature.ts'
import { type StoredFinding, type StoredSnapshot, storedFindings } from './stored-snapshot.ts'

/** All that can be wrong with sealed handovers, wherever they lie. */
export type SnapshotFault =
  | ChainFinding
  | SignatureFinding
  | AnchorFinding
  | StoredFinding
  | OpeningFinding
  /** The chain's head is not its last entry: entries are missing at the end, or were put there past the chain. */
  | { readonly type: 'HeadDiffers'; readonly head: ChainHead | null; readonly last: ChainHead }
  | BundleFault

/** What can be wrong with an exported bundle as a file. */
export type BundleFault =
  | { readonly type: 'LineUnreadable'; readonly line: number }
  /** The last line of a whole bundle is not there. */
  | { readonly type: 'BundleCutShort' }
  | { readonly type: 'CountDiffers'; readonly said: number; readonly found: number }

export type VerifyTools = ChainTools & SignatureTools & KeyedTools

/** All that is wrong with one stored snapshot behind the entry before it; null is right before the first only. */
export const faultsOf =
  (tools: VerifyTools, keys: KnownKeys, opened: ReadonlyMap<string, Opened>, unsignedUpTo: number) =>
  (projectId: string, previous: Before | null, entry: StoredSnapshot): ReadonlyArray<SnapshotFault> => [
    ...verifyEntry(tools)(projectId, previous ?? GENESIS, entry),
    ...signatureFindings(tools, keys, unsignedUpTo)(entry),
    ...storedFindings(tools, entry),
    ...openingFindings(tools, entry, opened.get(entry.id) ?? NOTHING_OPENED),
  ]
