import { perTicket, type Reaction } from '../../src/application/ports/job-queue.ts'

export const reaction = (handle: Reaction['handle'], queue: Reaction['queue'] = 'reactions'): Reaction => ({
  name: 'escalate',
  eventTypes: ['Step'],
  queue,
  key: perTicket,
  handle,
})
