/** Attempts after the first, and the wait before the first of them, which then doubles, with jitter. */
export type Backoff = { readonly limit: number; readonly delaySeconds: number }

/** Ten attempts within about eight minutes. */
export const USUAL_BACKOFF: Backoff = { limit: 9, delaySeconds: 1 }

const LONGEST_MS = 300_000

/** The wait before the attempt after so many failures: between half and the whole of its step, so that failures spread. */
export const delayMs = ({ delaySeconds }: Backoff, failures: number, random: () => number = Math.random): number => {
  const step = Math.min(LONGEST_MS, delaySeconds * 1_000 * 2 ** Math.min(failures - 1, 30))
  return step / 2 + (step / 2) * random()
}
