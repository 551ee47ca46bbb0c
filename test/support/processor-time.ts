import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** Hundredths of a second, in which Linux counts. */
const TICK_MS = 10

/** The fields of a process's line behind its name, or none where there is no such process or no such line. */
const fieldsOf = (pid: number | 'self'): ReadonlyArray<number> => {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return line
      .slice(line.lastIndexOf(')') + 4)
      .split(' ')
      .map(Number)
  } catch {
    return []
  }
}

/**
 * Milliseconds of processor time that this process has used, with the children it had and those it has. Other work on
 * the machine does not lengthen it. Read in one go, so that no child ends unseen in between.
 */
const processorMs = (children: ReadonlyArray<number>): number => {
  const own = process.cpuUsage()
  const [, , , , , , , , , , , , endedUser = 0, endedSystem = 0] = fieldsOf('self')
  const running = children.map((pid) => {
    const [, , , , , , , , , , user = 0, system = 0] = fieldsOf(pid)
    return user + system
  })
  return (own.user + own.system) / 1_000 + [endedUser, endedSystem, ...running].reduce((a, b) => a + b) * TICK_MS
}

/** What nobody waits for: a picture that hangs its process twice takes longer than this. */
const HANG_MS = 15_000

/**
 * The answer, once it is seen to have cost less than `limitMs` of processor time. The clock on the wall is held only
 * against a hang: on a machine that has other work, it says nothing of what was asked.
 */
export const within = async <A>(
  limitMs: number,
  children: () => ReadonlyArray<number>,
  ask: PromiseLike<A>,
): Promise<A> => {
  const [began, before] = [performance.now(), processorMs(children())]
  const answer = await ask
  expect(processorMs(children()) - before, 'milliseconds of processor time').toBeLessThan(limitMs)
  expect(performance.now() - began, 'milliseconds').toBeLessThan(HANG_MS)
  return answer
}
