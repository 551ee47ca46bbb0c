import type { TicketStatus } from '../ticket/ticket.ts'
import { type FieldRule, isFact, type SyncField, type Value, type Values } from './fields.ts'
import { judgeStatus } from './judge-status.ts'
import { type Author, type FieldBase, firstBase, merge, remoteMoved } from './merge.ts'

export type Bases = { readonly [F in SyncField]?: FieldBase }

export type ConflictKind =
  /** Both sides changed it, or the side changed it whose word does not count. */
  | 'both_changed'
  | 'status_refused'
  | 'reopened'
  /** A case came with a status that its new ticket is not in. */
  | 'arrived_so'
  /** A fact is frozen, or the ticket refused the value. */
  | 'not_taken'
  /** Somebody's change over there was overwritten by our write before it was seen. */
  | 'overtaken'
  /** The case is no longer there. */
  | 'gone'

export type FoundConflict = {
  readonly field: SyncField | null
  readonly kind: ConflictKind
  readonly ours: Value
  readonly theirs: Value
  /** Whose value stands. */
  readonly winner: 'local' | 'remote'
}

/** Everything one look at a case calls for; nothing of it is done yet. */
export type Plan = {
  readonly command: 'assign' | 'start_work' | null
  readonly takes: Values
  readonly pushes: Values
  readonly conflicts: ReadonlyArray<FoundConflict>
  readonly bases: Bases
}

export type Look = {
  readonly rules: ReadonlyArray<FieldRule>
  readonly bases: Bases
  readonly status: TicketStatus
  readonly local: Values
  readonly remote: Values
  /** Who wrote what stands over there; left out where nobody knows. */
  readonly authors: { readonly [F in SyncField]?: Author }
  /** Whether the remote assignee is someone we know. */
  readonly knowsAssignee: boolean
  /** The nightly comparison: what differs without a reason is written again. */
  readonly repair: boolean
}

type Step = Omit<Plan, 'bases'> & { readonly base: FieldBase }

const nothing = { command: null, takes: {}, pushes: {}, conflicts: [] } as const

/** Compares the two sides field by field and says what each side is to be told. */
export const planSync = (look: Look): Plan => {
  const steps = look.rules.flatMap((rule) => {
    const local = look.local[rule.field]
    const remote = look.remote[rule.field]
    return local === undefined || remote === undefined
      ? []
      : [[rule.field, step(look, rule, look.bases[rule.field] ?? metAs(rule, local, remote), local, remote)] as const]
  })
  return {
    command: steps.find(([, { command }]) => command !== null)?.[1].command ?? null,
    takes: Object.assign({}, ...steps.map(([, { takes }]) => takes)),
    pushes: Object.assign({}, ...steps.map(([, { pushes }]) => pushes)),
    conflicts: steps.flatMap(([, { conflicts }]) => conflicts),
    bases: { ...look.bases, ...Object.fromEntries(steps.map(([field, { base }]) => [field, base])) },
  }
}

/** A field that was not shared before: what only they have is news to us, otherwise nothing has changed yet. */
const metAs = ({ direction }: FieldRule, local: Value, remote: Value): FieldBase =>
  direction !== 'out' && local === null ? { ...firstBase(local, remote), seen: null } : firstBase(local, remote)

const step = (look: Look, rule: FieldRule, base: FieldBase, local: Value, remote: Value): Step => {
  const { field } = rule
  if (local === remote) return { ...nothing, base: { ...firstBase(local, remote), pushed: base.pushed } }
  const author = look.authors[field] ?? 'unknown'
  if (field === 'status' && remoteMoved(base, remote, author)) return asked(look, base, local, remote)
  // In `open` a name alone is no assignment: it counts once the status asks for one.
  if (field === 'assignee' && look.status === 'open') return { ...nothing, base: { ...base, left: true } }
  const merged = merge(rule, base, local, remote, author)
  const conflict = (winner: 'local' | 'remote'): FoundConflict => ({
    field,
    kind: 'both_changed',
    ours: local,
    theirs: remote,
    winner,
  })
  switch (merged.type) {
    case 'agree':
      return { ...nothing, base }
    case 'take':
      return takeable(look, field, remote)
        ? { ...nothing, takes: { [field]: remote }, base }
        : refused(rule, base, { ...conflict('local'), kind: 'not_taken' })
    case 'push':
      return push(field, base, local, remote)
    case 'conflict':
      if (merged.winner === 'remote' && takeable(look, field, remote))
        return { ...nothing, takes: { [field]: remote }, conflicts: [conflict('remote')], base }
      return refused(rule, base, conflict('local'))
    case 'leave':
      return look.repair && rule.direction !== 'in' && !base.left
        ? push(field, base, local, remote)
        : { ...nothing, base: { ...base, left: true } }
  }
}

/** A value that is not there any more takes no fact away, and only someone we know is taken as assignee. */
const takeable = ({ knowsAssignee }: Look, field: SyncField, remote: Value): boolean =>
  field === 'assignee' ? knowsAssignee : remote !== null || !isFact(field)

/** The last few are enough: older writes have long been read back. */
const PUSHED_KEPT = 4

const push = (field: SyncField, base: FieldBase, local: Value, remote: Value): Step => ({
  ...nothing,
  pushes: { [field]: local },
  base: {
    ...base,
    seen: remote,
    owed: true,
    left: false,
    pushed: [...base.pushed.filter((value) => value !== local), local].slice(-PUSHED_KEPT),
  },
})

/** A change over there that does not stand: recorded, and ours is written back where that may be done. */
const refused = ({ field, direction }: FieldRule, base: FieldBase, found: FoundConflict): Step =>
  direction === 'in'
    ? {
        ...nothing,
        conflicts: [found],
        base: { ...base, agreed: found.ours, seen: found.theirs, owed: false, left: true },
      }
    : { ...push(field, base, found.ours, found.theirs), conflicts: [found] }

const asked = (look: Look, base: FieldBase, local: Value, remote: Value): Step => {
  const { status, knowsAssignee } = look
  const found = judgeStatus(status, { before: base.seen, asked: remote, knowsAssignee })
  const conflict = { field: 'status', ours: local, theirs: remote, winner: 'local' } as const
  switch (found.type) {
    case 'move':
      return { ...nothing, command: found.command, base }
    case 'reopened':
      return {
        ...nothing,
        conflicts: [{ ...conflict, kind: 'reopened', winner: 'remote' }],
        base: { ...base, agreed: local, seen: remote, owed: false, left: true },
      }
    case 'refused':
      return { ...push('status', base, local, remote), conflicts: [{ ...conflict, kind: 'status_refused' }] }
  }
}

/** The base of a field once our value was read back over there, or theirs became ours. */
export const agreedOn = (value: Value): FieldBase => firstBase(value, value)

/** The base of a field whose change over there the ticket refused: ours stands, and is owed where it may be written. */
export const notTaken = ({ direction }: FieldRule, base: FieldBase, ours: Value, theirs: Value): FieldBase => ({
  ...base,
  agreed: ours,
  seen: theirs,
  owed: direction !== 'in',
  left: direction === 'in',
})
