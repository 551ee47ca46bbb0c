import { once } from 'node:events'
import { Socket } from 'node:net'
import type { ParsingJob } from './messages.ts'
import { MESSAGES_FD } from './messages.ts'
import { runJob } from './run-job.ts'

const out = new Socket({ fd: MESSAGES_FD, readable: false, writable: true })
// The parent is gone or wants no more: there is nobody left to read for.
out.on('error', () => process.exit(0))

await runJob(JSON.parse(process.argv[2] ?? '') as ParsingJob, async (message) => {
  if (!out.write(`${JSON.stringify(message)}\n`)) await once(out, 'drain')
})
out.end()
