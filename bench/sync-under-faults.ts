import { canBeKilled } from '../test/support/fault-postgres.ts'
import { type Dose, runUnderFaults } from '../test/support/fault-run.ts'

/**
 * The whole dose of test/faults: the real workers on a PostgreSQL of their own, with stand-ins for QContact and WAHA, under
 * faults. FAULT_SEED repeats what was done and which faults were met, FAULT_CHANGES makes it shorter, FAULT_WAITS=real waits
 * out the pauses between attempts that are left when the faults stop.
 */
const changes = Number(process.env.FAULT_CHANGES ?? 5_000)
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 1_000_000))
const DOSE: Dose = {
  tickets: 500,
  changes,
  workerKills: 20,
  postgresKills: 3,
  evictions: 20,
  longPauses: 2,
  overMs: changes * 110,
  requests: changes,
  lanes: 4,
  technicians: 40,
  messageFaults: [
    'resetAfterSending',
    'ackBeforeReply',
    'throwsBeforeSending',
    'resetBeforeSending',
    'throwsAfterSending',
    'emptyAfterSending',
    'noLid',
    'proxyPageAfterSending',
    'sessionDown',
    'silentAfterSending',
    'keyRefused',
    'silentBeforeSending',
    'restricted',
  ],
  hurry: process.env.FAULT_WAITS !== 'real',
  slackMs: 10 * 60_000,
  seed,
}

if (!canBeKilled()) throw new Error('This bench needs the server programs of PostgreSQL.')
const { wrong, figures } = await runUnderFaults(DOSE, console.log)
for (const [what, n] of Object.entries(figures)) console.log(`${what.padEnd(40)}${n}`)
for (const one of wrong) console.error(one)
if (wrong.length > 0) process.exitCode = 1
