import { describe, expect, it } from 'vitest'
import { canBeKilled } from '../support/fault-postgres.ts'
import { type Dose, runUnderFaults } from '../support/fault-run.ts'

/** The whole dose is a measurement: `npm run bench -- sync-under-faults`. */
const SMALL: Omit<Dose, 'seed'> = {
  tickets: 30,
  changes: 200,
  workerKills: 3,
  postgresKills: 1,
  evictions: 2,
  longPauses: 0,
  overMs: 18_000,
  requests: 150,
  lanes: 3,
  technicians: 5,
  messageFaults: ['resetAfterSending', 'ackBeforeReply', 'throwsBeforeSending', 'resetBeforeSending'],
  // Nobody lends a hand here: it comes into step by itself, or not.
  hurry: process.env.FAULT_WAITS === 'hurried',
  slackMs: 30_000,
}

describe.skipIf(!canBeKilled() && process.env.CI !== 'true')('Both sides under faults', () => {
  it('agree afterwards on every field; nothing acknowledged is lost, nobody is told twice, and a further pass writes nothing', async () => {
    const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 1_000_000))
    console.log(`FAULT_SEED=${seed} repeats what was done and which faults were met`)
    const lines: string[] = []
    try {
      const { wrong, figures } = await runUnderFaults({ ...SMALL, seed }, (line) => lines.push(line))
      lines.push(JSON.stringify(figures, null, 2))
      expect(wrong).toEqual([])
    } finally {
      console.log(lines.join('\n'))
    }
  }, 300_000)
})
