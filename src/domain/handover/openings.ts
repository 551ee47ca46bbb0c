import type { Json } from '../shared/json.ts'
import { commitmentKey, commitmentsIn, type KeyedTools, type Openings, openingsThatDiffer } from './personal.ts'

/** What opens a snapshot's commitments (null: gone) and the key of its ticket (null: none on record), as of one moment. */
export type Opened = {
  readonly openings: Openings | null
  readonly key: { readonly state: 'held'; readonly key: Uint8Array } | { readonly state: 'destroyed' } | null
  /** Whether someone's erasure of the ticket is on record. */
  readonly erasureRecorded: boolean
}

export type OpeningFinding =
  /** What can be read of a personal value is not what was sealed; `path` says which. */
  | { readonly type: 'OpeningDiffers'; readonly seq: number; readonly path: string }
  /** What is personal is gone though nobody erased it: its key is still there. */
  | { readonly type: 'OpeningMissing'; readonly seq: number }
  /** It was erased, and its text is there all the same. */
  | { readonly type: 'OpeningRemains'; readonly seq: number }
  /** Without a word of an erasure, the key by which it was sealed is gone. */
  | { readonly type: 'SubjectKeyMissing'; readonly seq: number }
  /** Key and openings are gone as after an erasure, and no erasure of its ticket is on record. */
  | { readonly type: 'ErasureUnrecorded'; readonly seq: number }

export const NOTHING_OPENED: Opened = { openings: null, key: null, erasureRecorded: false }

/** Whether what is personal can be read exactly as it was sealed, or was erased altogether. */
export const openingFindings = (
  tools: KeyedTools,
  { id, seq, jsonCopy }: { readonly id: string; readonly seq: number; readonly jsonCopy: Json },
  { openings, key, erasureRecorded }: Opened,
): ReadonlyArray<OpeningFinding> => {
  const commitments = commitmentsIn(jsonCopy)
  const isDestroyed = key?.state === 'destroyed'
  if (commitments === null || isDestroyed)
    return [
      ...(openings === null ? [] : [{ type: 'OpeningRemains', seq } as const]),
      ...(isDestroyed && !erasureRecorded ? [{ type: 'ErasureUnrecorded', seq } as const] : []),
    ]
  if (key === null) return [{ type: 'SubjectKeyMissing', seq }]
  if (openings === null) return [{ type: 'OpeningMissing', seq }]
  return openingsThatDiffer(tools, commitmentKey(tools, key.key, id), commitments, openings).map(
    (path) => ({ type: 'OpeningDiffers', seq, path }) as const,
  )
}
