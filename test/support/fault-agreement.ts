import { isFact, SYNC_FIELDS, type SyncField, type Value, type Values } from '../../src/domain/sync/fields.ts'
import { inRemoteAlphabet, STATUS_MAPS } from '../../src/domain/sync/status-map.ts'
import type { TicketStatus } from '../../src/domain/ticket/ticket.ts'

/** What was recorded of a difference, open or decided since. */
export type Recorded = {
  readonly field: string | null
  readonly kind: string
  readonly theirs: Value
  readonly open: boolean
}

/** A case and its ticket as they stand when everything is quiet. */
export type Pair = {
  readonly caseId: string
  readonly status: TicketStatus
  /** Our side; its status in the alphabet of theirs. */
  readonly ours: Values
  readonly theirs: Values
  readonly recorded: ReadonlyArray<Recorded>
  /** Facts that a person here wrote last, and what: they are ours and are never written over there. */
  readonly ourFacts: Values
}

const WRITTEN: ReadonlyArray<SyncField> = ['status', 'assignee']
/** A status that a manager is asked about, and nobody writes over meanwhile. */
const LEFT_TO_A_MANAGER: ReadonlyArray<string> = ['reopened', 'arrived_so']

/** Every one of these fields in which a case and its ticket differ without a reason that the rules give. */
export const disagreements = (
  pairs: ReadonlyArray<Pair>,
  fields: ReadonlyArray<SyncField> = SYNC_FIELDS,
): ReadonlyArray<string> =>
  pairs.flatMap((pair) =>
    fields.flatMap((field) => {
      const [ours, theirs] = [pair.ours[field] ?? null, pair.theirs[field] ?? null]
      return ours === theirs || mayDiffer(pair, field)
        ? []
        : [`case ${pair.caseId}: ${field} is ${ours} here (${pair.status}) and ${theirs} there`]
    }),
  )

const mayDiffer = ({ status, ours, theirs, recorded, ourFacts }: Pair, field: SyncField): boolean => {
  const told = recorded.filter((one) => one.open && one.field === field && one.theirs === (theirs[field] ?? null))
  if (field === 'status') return told.some(({ kind }) => LEFT_TO_A_MANAGER.includes(kind))
  // In `open` a name alone is no assignment: it counts once the status asks for one.
  if (WRITTEN.includes(field)) return status === 'open'
  if (told.length > 0) return true
  return isFact(field) && ourFacts[field] !== undefined && ourFacts[field] === (ours[field] ?? null)
}

/** What somebody over there wrote, in order of time. */
export type TheirChange = { readonly caseId: string; readonly field: SyncField; readonly to: Value }

/** What came of a case: which values it took from over there or had anyway, and what was recorded. */
export type Fate = Pair & { readonly had: { readonly [F in SyncField]?: ReadonlyArray<Value> } }

/** Last words of people over there, per case and field, that were neither taken nor recorded for anyone to see. */
export const unheard = (
  changes: ReadonlyArray<TheirChange>,
  fates: ReadonlyMap<string, Fate>,
): ReadonlyArray<string> => {
  const last = new Map<string, TheirChange>()
  for (const change of changes) last.set(`${change.caseId} ${change.field}`, change)
  return [...last.values()].flatMap(({ caseId, field, to }) => {
    const fate = fates.get(caseId)
    if (fate === undefined) return [`case ${caseId} became no ticket`]
    const said = field === 'status' && to !== null ? inRemoteAlphabet(STATUS_MAPS, to) : to
    const taken = [fate.ours[field] ?? null, ...(fate.had[field] ?? [])].includes(said)
    const told = fate.recorded.some((one) => one.field === field && one.theirs === said)
    const stands = (fate.theirs[field] ?? null) === said
    // Where it stands over there, whether it was heard is what `disagreements` asks.
    return taken || told || stands ? [] : [`case ${caseId}: ${field} was set to ${to} there and nobody was told`]
  })
}

/** What was answered with success here. */
export type OurChange =
  | { readonly type: 'status'; readonly ticketId: string; readonly version: number; readonly status: string }
  | { readonly type: 'assigned'; readonly ticketId: string; readonly version: number; readonly technician: string }
  | {
      readonly type: 'fact'
      readonly ticketId: string
      readonly version: number
      readonly field: SyncField
      readonly to: Value
    }
  | { readonly type: 'note'; readonly ticketId: string; readonly noteId: string }
  | { readonly type: 'message'; readonly eventId: string }

/** What is to be found of it afterwards. */
export type Kept = {
  readonly tickets: ReadonlyMap<
    string,
    {
      readonly version: number
      readonly statuses: ReadonlyArray<string>
      readonly assigned: ReadonlyArray<string>
      readonly facts: ReadonlyArray<{ readonly field: string; readonly to: unknown }>
      readonly notes: ReadonlySet<string>
    }
  >
  /** How often each note is found over there. */
  readonly notesThere: ReadonlyMap<string, number>
  readonly notified: ReadonlySet<string>
}

/** What happened to a ticket, as its timeline has it. */
export type Happened = {
  readonly id: string
  readonly type: string
  /** To whom an assignment gave it, if to somebody new. */
  readonly given: string | null
}

const SENTENCE_OF: ReadonlyArray<string> = ['TicketHeld', 'TicketCancelled']

/** What happened and did not have its effect: somebody newly assigned was not to be told, a client heard no sentence. */
export const withoutEffect = (
  happened: ReadonlyArray<Happened>,
  { told, notesThere }: { readonly told: ReadonlySet<string>; readonly notesThere: ReadonlyMap<string, number> },
): ReadonlyArray<string> =>
  happened.flatMap(({ id, type, given }) => [
    ...(given !== null && !told.has(`${id} ${given}`) ? [`nobody was to tell ${given} of ${id}`] : []),
    ...(SENTENCE_OF.includes(type) && notesThere.get(id) !== 1
      ? [`the sentence of ${type} ${id} is there ${notesThere.get(id) ?? 0} times`]
      : []),
  ])

/** Changes that were answered with success and cannot be found any more, and notes that came twice. */
export const lost = (changes: ReadonlyArray<OurChange>, kept: Kept): ReadonlyArray<string> => {
  const given = new Map<string, number>()
  return [
    ...[...kept.notesThere].flatMap(([id, times]) => (times > 1 ? [`note ${id} is there ${times} times`] : [])),
    ...changes.flatMap((change) => {
      const why = lack(change, kept, given)
      return why === null ? [] : [why]
    }),
  ]
}

/** What is missing of one change, or null; `given` counts how often a ticket was given to the same person before. */
const lack = (
  change: OurChange,
  { tickets, notesThere, notified }: Kept,
  given: Map<string, number>,
): string | null => {
  if (change.type === 'message') return notified.has(change.eventId) ? null : `message ${change.eventId} is gone`
  const ticket = tickets.get(change.ticketId)
  if (ticket === undefined) return `ticket ${change.ticketId} is gone`
  if (change.type === 'note') {
    const [isHere, there] = [ticket.notes.has(change.noteId), notesThere.get(change.noteId) ?? 0]
    return isHere && there === 1 ? null : `note ${change.noteId}: here ${isHere}, there ${there} times`
  }
  const about = `ticket ${change.ticketId} version ${change.version}`
  if (ticket.version < change.version) return `${about} is gone: it is at ${ticket.version}`
  switch (change.type) {
    case 'status':
      return ticket.statuses.includes(change.status) ? null : `${about}: it never was ${change.status}`
    case 'assigned': {
      const key = `${change.ticketId} ${change.technician}`
      const times = (given.get(key) ?? 0) + 1
      given.set(key, times)
      const found = ticket.assigned.filter((one) => one === change.technician).length
      return found >= times ? null : `${about}: it was given to ${change.technician} ${found} times, not ${times}`
    }
    case 'fact':
      return ticket.facts.some(({ field, to }) => field === change.field && to === change.to)
        ? null
        : `${about}: ${change.field} never became ${change.to}`
  }
}

export type Arrived = { readonly messageId: string; readonly chat: string; readonly text: string }
export type Carried = { readonly messageId: string; readonly eventId: string; readonly recipient: string }

/** Messages that reached a phone and nobody had claimed, and events that reached a recipient more than once. */
export const toldTwice = (arrived: ReadonlyArray<Arrived>, carried: ReadonlyArray<Carried>): ReadonlyArray<string> => {
  const parts = Map.groupBy(carried, ({ messageId }) => messageId)
  const times = new Map<string, number>()
  for (const { messageId } of arrived)
    for (const { eventId, recipient } of parts.get(messageId) ?? [])
      times.set(`${eventId} to ${recipient}`, (times.get(`${eventId} to ${recipient}`) ?? 0) + 1)
  return [
    ...arrived.flatMap(({ messageId }) => (parts.has(messageId) ? [] : [`message ${messageId} was claimed by nobody`])),
    ...[...times].flatMap(([event, count]) => (count > 1 ? [`${event} arrived ${count} times`] : [])),
  ]
}

/** Tickets that a phone was told of in more messages than there were events to tell that recipient of. */
export const namedTooOften = (
  arrived: ReadonlyArray<Pick<Arrived, 'chat' | 'text'>>,
  events: ReadonlyArray<{ readonly chat: string; readonly ticketUid: string }>,
): ReadonlyArray<string> => {
  const keyOf = (chat: string, ticketUid: string): string => `${ticketUid} to ${chat}`
  const allowed = Map.groupBy(events, ({ chat, ticketUid }) => keyOf(chat, ticketUid))
  const named = arrived.flatMap(({ chat, text }) =>
    [...new Set(text.match(/\bFT\d+\b/g) ?? [])].map((uid) => keyOf(chat, uid)),
  )
  return [...Map.groupBy(named, (key) => key)].flatMap(([key, all]) => {
    const most = allowed.get(key)?.length ?? 0
    return all.length > most ? [`${key}: ${all.length} messages of ${most} events`] : []
  })
}

/** Told of that reached no phone for all that: read by somebody to whom it never came, or failed though nobody refused it. */
export const neverArrived = (
  ledger: ReadonlyArray<{ readonly id: string; readonly status: string; readonly error: string | null }>,
  carried: ReadonlyArray<{ readonly message_id: string; readonly notification_id: string }>,
  arrived: ReadonlyArray<Pick<Arrived, 'messageId'>>,
): ReadonlyArray<string> => {
  const onPhones = new Set(arrived.map(({ messageId }) => messageId))
  const there = new Set(carried.flatMap(({ message_id: id, notification_id: one }) => (onPhones.has(id) ? [one] : [])))
  return ledger.flatMap(({ id, status, error }) => {
    if (status === 'failed') return error === 'no_lid' ? [] : [`notification ${id} failed: ${error}`]
    return ['sent', 'delivered', 'read'].includes(status) && !there.has(id)
      ? [`notification ${id} is ${status} and on no phone`]
      : []
  })
}
