import type { FieldRule, Value } from './fields.ts'

/** What is remembered of one field of one case. */
export type FieldBase = {
  /** What both sides last agreed on; where they never did, ours when they met. */
  readonly agreed: Value
  /** The remote value that was last judged: the same one is not judged twice. */
  readonly seen: Value
  /** What we wrote and did not read back yet: it may turn up at any time and is ours. */
  readonly pushed: ReadonlyArray<Value>
  /** A write of our value is due: a change over there was refused. */
  readonly owed: boolean
  /** They differ and are left to differ until someone decides or a side moves. */
  readonly left: boolean
}

/** Who wrote the present remote value, as far as its change log says. */
export type Author = 'us' | 'other' | 'unknown'

export type Merged =
  | { readonly type: 'agree' }
  /** The remote value becomes ours. */
  | { readonly type: 'take' }
  /** Our value is written there. */
  | { readonly type: 'push' }
  /** A change that cannot stand: recorded, and the winner's value goes where it may. */
  | { readonly type: 'conflict'; readonly winner: 'local' | 'remote' }
  /** They differ, as is known already. */
  | { readonly type: 'leave' }

/** What is known of a field when a case and a ticket meet: nothing has changed yet. */
export const firstBase = (local: Value, remote: Value): FieldBase => ({
  agreed: local,
  seen: remote,
  pushed: [],
  owed: false,
  left: local !== remote,
})

/** Whether someone over there changed it since we last judged it. An echo of our own writing is no change. */
export const remoteMoved = (base: FieldBase, remote: Value, author: Author): boolean =>
  remote !== base.seen && author !== 'us' && (author === 'other' || !base.pushed.includes(remote))

/** Three-way merge of one field: the last agreed value, ours and theirs, all in the remote alphabet. */
export const merge = (
  { direction, owner }: Pick<FieldRule, 'direction' | 'owner'>,
  base: FieldBase,
  local: Value,
  remote: Value,
  author: Author,
): Merged => {
  if (local === remote) return { type: 'agree' }
  const theirs = remoteMoved(base, remote, author)
  const ours = local !== base.agreed || base.owed
  if (theirs && (ours || direction === 'out'))
    return { type: 'conflict', winner: direction === 'out' ? 'local' : owner }
  if (theirs) return { type: 'take' }
  if (direction !== 'in') return ours || remote !== base.seen ? { type: 'push' } : { type: 'leave' }
  // What may not be written there is told to a person, once, where the word over there counts.
  return ours && owner === 'remote' && !base.left ? { type: 'conflict', winner: 'local' } : { type: 'leave' }
}
