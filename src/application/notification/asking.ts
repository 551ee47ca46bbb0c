import { type Instant, plusMs } from '../../domain/shared/time.ts'

/** How long nobody is asked for after a question that got no answer. */
const REST_MS = 30_000

/** Which numbers WhatsApp gave no answer about, as long as this process lives: they are asked for last, and hold up nobody. */
export type Asking = {
  /** Until when no number may be asked for; null: now. */
  readonly restsUntil: (now: Instant) => Instant | null
  /** Gives until when no number may be asked for. */
  readonly unanswered: (address: string, now: Instant) => Instant
  readonly answered: (address: string) => void
  /** Those that got no answer come last, the one longest ago first of them; what waits no more is forgotten. */
  readonly inTurn: <A extends { readonly address: string }>(waiting: ReadonlyArray<A>) => ReadonlyArray<A>
}

export const asking = (): Asking => {
  const failedAt = new Map<string, Instant>()
  let rest: Instant | null = null
  return {
    restsUntil: (now) => (rest !== null && rest > now ? rest : null),
    unanswered: (address, now) => {
      failedAt.set(address, now)
      rest = plusMs(now, REST_MS)
      return rest
    },
    answered: (address) => {
      failedAt.delete(address)
    },
    inTurn: (waiting) => {
      const still = new Set(waiting.map(({ address }) => address))
      for (const address of failedAt.keys()) if (!still.has(address)) failedAt.delete(address)
      const last = ({ address }: { readonly address: string }): Instant => failedAt.get(address) ?? ''
      return waiting.toSorted((a, b) => (last(a) < last(b) ? -1 : last(a) > last(b) ? 1 : 0))
    },
  }
}
