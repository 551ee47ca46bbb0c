import { type Instant, plusMs } from '../shared/time.ts'
import type { NotificationKind } from './notification.ts'

/** A notification that has not gone out. */
export type Waiting = {
  readonly id: string
  readonly kind: NotificationKind
  /** How the recipient is dialled. */
  readonly address: string
  readonly at: Instant
}

/** What goes out as one message, and from when on. */
export type Batch<W extends Waiting> = {
  readonly kind: NotificationKind
  readonly address: string
  readonly parts: ReadonlyArray<W>
  readonly dueAt: Instant
}

/** Events of one kind for one recipient within so long of the first become one message. */
export const GATHER_MS = 30_000

/** More lines nobody reads. */
export const MOST_PARTS = 200

/** A person's own words go out as they are, at once. */
const gathers = (kind: NotificationKind): boolean => kind !== 'message'

/** The messages that what waits will make, the one due first first. */
export const batches = <W extends Waiting>(waiting: ReadonlyArray<W>): ReadonlyArray<Batch<W>> => {
  const inOrder = waiting.toSorted((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1))
  const open = new Map<string, { parts: W[]; until: Instant }>()
  const all: { parts: W[]; until: Instant }[] = []
  for (const one of inOrder) {
    const key = JSON.stringify([one.kind, one.address])
    const current = open.get(key)
    if (gathers(one.kind) && current !== undefined && one.at < current.until && current.parts.length < MOST_PARTS) {
      current.parts.push(one)
      continue
    }
    const begun = { parts: [one], until: gathers(one.kind) ? plusMs(one.at, GATHER_MS) : one.at }
    open.set(key, begun)
    all.push(begun)
  }
  return all
    .flatMap(({ parts, until }) => {
      const [first] = parts
      return first === undefined ? [] : [{ kind: first.kind, address: first.address, parts, dueAt: until }]
    })
    .toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0))
}

const HEADINGS: { readonly [K in NotificationKind]: string } = {
  assignment: 'Tickets assigned',
  readiness_fallback: 'Tickets no longer QA ready',
  qa_rejection: 'Tickets rejected by QA',
  gate_return: 'Tickets returned from the handover gate',
  rectification_flag: 'Tickets rejected too often',
  sla_warning: 'Tickets running out of time',
  risk_expiry: 'Risk acceptances that expire',
  escalation: 'Escalations',
  message: 'Messages',
}

export type Words = { readonly text: string; readonly digestLine: string | null }

/** The words of one message: a single text as it is, several as a list, none twice. */
export const wordsOf = (kind: NotificationKind, parts: ReadonlyArray<Words>): string => {
  const texts = [...new Set(parts.map(({ text }) => text))]
  const lines = [...new Set(parts.map(({ text, digestLine }) => digestLine ?? text))].toSorted()
  return texts.length <= 1
    ? texts.join('')
    : [`${HEADINGS[kind]} (${lines.length}):`, ...lines.map((line) => `- ${line}`)].join('\n')
}
