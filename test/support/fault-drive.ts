import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import type { SyncField, Value, Values } from '../../src/domain/sync/fields.ts'
import type { OurChange, TheirChange } from './fault-agreement.ts'

/** Numbers from 0 to 1 that come the same for the same seed. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export type Reply = { readonly status: number; readonly body: Answered; readonly version: number }
// biome-ignore lint/suspicious/noExplicitAny: what a reply holds is looked at field by field
type Answered = any

/** A person at the program's own HTTP interface; null where no answer came. */
export const asking =
  (url: string) =>
  async (
    method: string,
    path: string,
    {
      body,
      version,
      as = null,
    }: { readonly body?: unknown; readonly version?: number; readonly as?: string | null } = {},
  ): Promise<Reply | null> => {
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
          ...(as === null ? {} : { 'x-local-user': as, 'x-local-role': 'manager' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      })
      const text = await response.text()
      return {
        status: response.status,
        body: text === '' ? null : JSON.parse(text),
        version: Number((response.headers.get('etag') ?? '').replaceAll('"', '')),
      }
    } catch {
      return null
    }
  }
export type Ask = ReturnType<typeof asking>

export const MANAGER = 'mpho'
/** Nothing that begins so may be read in any log. */
export const CANARY = {
  name: 'Nomvula-Canary',
  clientPhone: '+2783555',
  staffPhone: '+2782666',
  address: 'Canary-Avenue',
  email: '@canary.example',
  words: 'canary-words',
  staffName: 'Themba-Canary',
} as const

export const MANAGER_PHONE = `${CANARY.staffPhone}0001`

export type World = {
  readonly technicians: ReadonlyArray<{ readonly id: string; readonly remote: string; readonly phone: string }>
  /** Case and ticket of each pair. */
  readonly pairs: ReadonlyArray<{ readonly caseId: string; readonly ticketId: string }>
}

/** What happened on both sides, as far as anybody was told that it did. */
export type Journal = {
  readonly ours: OurChange[]
  readonly theirs: TheirChange[]
  /** Facts that a person here wrote last, by ticket. */
  readonly facts: Map<string, { [F in SyncField]?: Value }>
  /** Every client note that was tried, with or without an answer. */
  readonly notes: Set<string>
  refused: number
  unanswered: number
}

export const newJournal = (): Journal => ({
  ours: [],
  theirs: [],
  facts: new Map(),
  notes: new Set(),
  refused: 0,
  unanswered: 0,
})

/** One thing that somebody does, on either side; gives whether it was answered with success. */
export const someone = ({
  ask,
  standIn,
  world,
  journal,
  random,
}: {
  readonly ask: Ask
  readonly standIn: StandIn
  readonly world: World
  readonly journal: Journal
  readonly random: () => number
}) => {
  const pick = <A>(all: ReadonlyArray<A>): A => all[Math.floor(random() * all.length)] as A
  const digits = (count: number): string => String(Math.floor(random() * 10 ** count)).padStart(count, '0')
  const drop = (): string => `DR17${digits(5)}`
  const serial = (): string =>
    `ALCL${Math.floor(random() * 0xffffffff)
      .toString(16)
      .toUpperCase()
      .padStart(8, '0')}`

  const heard = (reply: Reply | null): reply is Reply => {
    if (reply === null || reply.status >= 500) journal.unanswered += 1
    else if (reply.status >= 400) journal.refused += 1
    return reply !== null && reply.status < 300
  }

  const note = async (ticketId: string): Promise<boolean> => {
    const noteId = randomUUID()
    journal.notes.add(noteId)
    const body = { id: noteId, note_type: 'client', content: `${CANARY.words} ${digits(6)}` }
    const reply = await ask('POST', `/tickets/${ticketId}/notes`, { body, as: MANAGER })
    if (!heard(reply)) return false
    journal.ours.push({ type: 'note', ticketId, noteId })
    return true
  }

  const message = async (): Promise<boolean> => {
    const id = randomUUID()
    const body = {
      id,
      recipient_type: 'technician',
      recipient_id: pick(world.technicians).id,
      text: `${CANARY.words} ${id}`,
    }
    if (!heard(await ask('POST', '/notifications/whatsapp', { body, as: MANAGER }))) return false
    journal.ours.push({ type: 'message', eventId: id })
    return true
  }

  const fact = async (ticketId: string, version: number): Promise<boolean> => {
    const [field, to] = random() < 0.5 ? (['dr_number', drop()] as const) : (['ont_serial', serial()] as const)
    const reply = await ask('PUT', `/tickets/${ticketId}`, { body: { [field]: to }, version, as: MANAGER })
    if (!heard(reply)) return false
    journal.ours.push({ type: 'fact', ticketId, version: reply.version, field, to })
    journal.facts.set(ticketId, { ...journal.facts.get(ticketId), [field]: to })
    return true
  }

  const assign = async (ticketId: string, version: number, present: unknown): Promise<boolean> => {
    const technician = pick(world.technicians.filter(({ id }) => id !== present)).id
    const body = { assigned_to: technician }
    const reply = await ask('POST', `/tickets/${ticketId}/assign`, { body, version, as: MANAGER })
    if (!heard(reply)) return false
    journal.ours.push({ type: 'assigned', ticketId, version: reply.version, technician })
    return true
  }

  const move = async (ticketId: string, version: number, command: object): Promise<boolean> => {
    const reply = await ask('POST', `/tickets/${ticketId}/transitions`, { body: command, version, as: MANAGER })
    if (!heard(reply)) return false
    journal.ours.push({ type: 'status', ticketId, version: reply.version, status: reply.body.data.status })
    return true
  }

  const here = async (): Promise<boolean> => {
    if (random() < 0.12) return message()
    const { ticketId } = pick(world.pairs)
    if (random() < 0.2) return note(ticketId)
    const found = await ask('GET', `/tickets/${ticketId}`, { as: MANAGER })
    if (!heard(found)) return false
    const { version } = found
    const { status, assigned_to: present } = found.body.data
    if (['cancelled', 'closed'].includes(status)) return note(ticketId)
    const chance = random()
    if (chance < 0.2) return fact(ticketId, version)
    if (status === 'open' || chance < 0.35) return assign(ticketId, version, present)
    if (chance < 0.37) return move(ticketId, version, { command: 'cancel', reason: CANARY.words })
    if (status === 'on_hold') return move(ticketId, version, { command: 'resume' })
    if (status === 'assigned' && chance < 0.75) return move(ticketId, version, { command: 'start_work' })
    const reason = pick(['awaiting_client', 'awaiting_material', 'awaiting_access'])
    return move(ticketId, version, { command: 'hold', reason, note: CANARY.words })
  }

  const STATUSES = ['Open', 'Assigned', 'InProgress', 'Escalated', 'InReview', 'Solved', 'Unsolved - No Response']
  const said = (): Values => {
    const chance = random()
    if (chance < 0.4) return { status: pick(STATUSES) }
    if (chance < 0.55) return { assignee: pick([...world.technicians.map(({ remote }) => remote), '4711']) }
    if (chance < 0.65) return { dr_number: drop() }
    if (chance < 0.75) return { ont_serial: serial() }
    if (chance < 0.85) return { client_phone: `${CANARY.clientPhone}${digits(4)}` }
    if (chance < 0.9) return { client_name: `${CANARY.name} ${digits(4)}` }
    if (chance < 0.95) return { address: `${digits(3)} ${CANARY.address}` }
    return { description: `${CANARY.words} ${digits(5)}` }
  }
  const there = (): boolean => {
    const { caseId } = pick(world.pairs)
    for (const [field, to] of Object.entries(said()) as ReadonlyArray<[SyncField, Value]>) {
      standIn.cases.change(caseId, { [WRITTEN_AS[field]]: to })
      journal.theirs.push({ caseId, field, to })
    }
    return true
  }

  return { here, there, either: async (): Promise<boolean> => (random() < 0.5 ? here() : there()) }
}

/** What the people over there call each field. */
const WRITTEN_AS: { readonly [F in SyncField]: string } = {
  status: 'status',
  assignee: 'assigned_to',
  client_name: 'contact',
  client_phone: 'telephone',
  client_email: 'email',
  address: 'address',
  description: 'description',
  dr_number: 'dr',
  ont_serial: 'c__serial_number',
}

/** Spreads so many changes that succeed over so long, by several people at once. */
export const spread = async (
  count: number,
  overMs: number,
  lanes: number,
  change: (nth: number) => () => Promise<boolean>,
  done: (nth: number) => void,
): Promise<void> => {
  const start = Date.now()
  let begun = 0
  let made = 0
  const lane = async (): Promise<void> => {
    while (begun < count) {
      const nth = begun
      begun += 1
      await sleep(Math.max(0, start + (overMs * nth) / count - Date.now()))
      const attempt = change(nth)
      while (!(await attempt())) await sleep(20)
      made += 1
      done(made)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
