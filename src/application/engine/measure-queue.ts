import type { JobQueue } from '../ports/job-queue.ts'
import type { Measured, Measurement } from '../ports/measurement.ts'

const reaction = ['reaction']

/** What waits: in the outbox, for each reaction, and for a person. */
export const measureQueue = ({ queue }: { readonly queue: Pick<JobQueue, 'figures'> }): Measurement => ({
  measures: [
    { name: 'ticketing_outbox_events', help: 'Events that no reaction was asked about yet', labels: [] },
    { name: 'ticketing_outbox_oldest_seconds', help: 'Age of the oldest of them', labels: [] },
    { name: 'ticketing_queue_waiting', help: 'Events that wait for an attempt', labels: reaction },
    { name: 'ticketing_queue_active', help: 'Events being handled, in any process', labels: reaction },
    { name: 'ticketing_queue_oldest_seconds', help: 'Age of the oldest event that is not done', labels: reaction },
    { name: 'ticketing_dead_letters', help: 'Events that wait for a person', labels: reaction },
  ],
  read: async () => {
    const { outbox, reactions } = await queue.figures()
    return [
      { name: 'ticketing_outbox_events', labels: {}, value: outbox.waiting },
      { name: 'ticketing_outbox_oldest_seconds', labels: {}, value: outbox.oldestSeconds },
      ...reactions.flatMap((of): ReadonlyArray<Measured> => {
        const labels = { reaction: of.reaction }
        return [
          { name: 'ticketing_queue_waiting', labels, value: of.waiting },
          { name: 'ticketing_queue_active', labels, value: of.active },
          { name: 'ticketing_queue_oldest_seconds', labels, value: of.oldestSeconds },
          { name: 'ticketing_dead_letters', labels, value: of.dead },
        ]
      }),
    ]
  },
})
