import type { FieldRule, SyncField, Values } from './fields.ts'
import { type FieldBase, firstBase } from './merge.ts'
import { agreedOn, type Bases, type FoundConflict } from './plan.ts'

/** What QContact calls a case nobody has begun with. */
const UNTOUCHED = 'Open'

type Joining = {
  readonly rules: ReadonlyArray<FieldRule>
  readonly local: Values
  readonly remote: Values
  /** Whether the ticket is past the work: handed over or closed. */
  readonly finished: boolean
}

/**
 * What is taken as agreed when a case turns out to be a ticket that was here before it. Our work on it is news to the
 * case; who and where the client is is news to us; a status over there is a request, unless nobody has touched it; two
 * facts that differ are left to people, and ours stands.
 */
export const joinCase = ({
  rules,
  local,
  remote,
  finished,
}: Joining): { readonly bases: Bases; readonly conflicts: ReadonlyArray<FoundConflict> } => {
  const conflicts: FoundConflict[] = []
  const bases: Array<readonly [SyncField, FieldBase]> = []
  for (const { field, owner, direction } of rules) {
    const [ours, theirs] = [local[field], remote[field]]
    if (ours === undefined || theirs === undefined) continue
    const differ = ours !== theirs && ours !== null && theirs !== null
    if (field === 'status') {
      bases.push([field, agreedOn(theirs === UNTOUCHED && !finished ? theirs : ours)])
      continue
    }
    if (differ && owner === 'local') conflicts.push({ field, kind: 'both_changed', ours, theirs, winner: 'local' })
    const isTheirs = theirs !== null && (ours === null || (owner === 'remote' && !KEPT.includes(field)))
    const isOurs = direction === 'both' && !isTheirs
    bases.push([field, isTheirs ? agreedOn(ours) : isOurs ? agreedOn(theirs) : firstBase(ours, theirs)])
  }
  return { bases: Object.fromEntries(bases), conflicts }
}

/** What the report said is not thrown away for what the call centre wrote down. */
const KEPT: ReadonlyArray<SyncField> = ['description']
