/** So many at once over several workers; who waits longest is asked first. */
export type Turns = {
  /** Whether a turn was free; it is the caller's now. */
  readonly take: () => boolean
  readonly giveBack: () => void
  /** Calls once when a turn may be free; who asks again comes after those who waited. */
  readonly whenFree: (call: () => void) => void
}

export const turns = (most: number): Turns => {
  let free = most
  const waiting = new Set<() => void>()
  return {
    take: () => {
      if (free === 0) return false
      free -= 1
      return true
    },
    giveBack: () => {
      free += 1
      const calls = [...waiting]
      waiting.clear()
      for (const call of calls) call()
    },
    whenFree: (call) => void waiting.add(call),
  }
}
