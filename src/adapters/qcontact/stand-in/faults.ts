/** Each way in which QContact, or what lies between, is known to fail. */
export const FAULTS = [
  /** The connection is cut before anything is done. */
  'reset',
  'too_many',
  'too_many_without_retry_after',
  /** It is done and nobody hears of it. */
  'lost_reply',
  'html_error_page',
  /** 200, and nothing was done. */
  'silent',
  'server_error',
  /** The session is no longer known. */
  'unauthorised',
  'slow',
  /** 404, though it is there. */
  'not_found',
  /** 403 with a page of what lies between. */
  'forbidden_by_proxy',
  /** 407 with such a page. */
  'unknown_to_proxy',
] as const
export type Fault = (typeof FAULTS)[number]

export type Scripted = {
  readonly fault: Fault
  /** Only requests like this: `PATCH /entities/Case`. */
  readonly when?: { readonly method?: string; readonly path?: RegExp }
  readonly times?: number
}

/** Which request meets which fault: by script first, then by chance; counts what it did. */
export const standInFaults = () => {
  const script: Array<{ left: number } & Scripted> = []
  const met = new Map<Fault, number>()
  let chance: { rate: number; kinds: ReadonlyArray<Fault>; random: () => number } | null = null
  return {
    /** The next so many requests (one, unless said otherwise) that it fits meet the fault. */
    script: (...scripted: ReadonlyArray<Scripted>): void => {
      script.push(...scripted.map((one) => ({ ...one, left: one.times ?? 1 })))
    },
    /** From now on this share of all requests meets one of these faults; null: none. */
    atRandom: (
      wanted: { readonly rate: number; readonly kinds: ReadonlyArray<Fault>; readonly random: () => number } | null,
    ): void => {
      chance = wanted
    },
    met: (): ReadonlyMap<Fault, number> => met,
    next: (method: string, path: string): Fault | null => {
      const scripted = script.find(
        ({ left, when }) =>
          left > 0 &&
          (when?.method === undefined || when.method === method) &&
          (when?.path === undefined || when.path.test(path)),
      )
      if (scripted !== undefined) scripted.left -= 1
      const fault =
        scripted?.fault ??
        (chance !== null && chance.random() < chance.rate
          ? (chance.kinds[Math.floor(chance.random() * chance.kinds.length)] ?? null)
          : null)
      if (fault !== null) met.set(fault, (met.get(fault) ?? 0) + 1)
      return fault
    },
  }
}
export type StandInFaults = ReturnType<typeof standInFaults>
