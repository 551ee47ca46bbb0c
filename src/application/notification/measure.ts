import * as E from 'fp-ts/lib/Either.js'
import { plusDays } from '../../domain/shared/time.ts'
import type { Measurement } from '../ports/measurement.ts'
import type { StatusDeps } from './status.ts'

/** What waits to be told, what nobody knows the fate of, and how prompt the last day was. */
export const measureNotifications = ({ notificationQueries, now }: StatusDeps): Measurement => ({
  measures: [
    { name: 'ticketing_notifications_waiting', help: 'Notifications that have not gone out', labels: [] },
    { name: 'ticketing_notifications_unknown', help: 'Notifications nobody knows the fate of', labels: [] },
    { name: 'ticketing_notifications', help: 'Events of the last 24 hours by what became of them', labels: ['status'] },
    {
      name: 'ticketing_notifications_prompt',
      help: 'Of the events of the last 24 hours, those told within one minute',
      labels: [],
    },
  ],
  read: async () => {
    const at = now()
    const state = await notificationQueries.sending()()
    const day = await notificationQueries.compliance({ from: plusDays(at, -1), to: at, project: null }, at)()
    if (E.isLeft(state) || E.isLeft(day)) throw new Error('Unavailable')
    return [
      { name: 'ticketing_notifications_waiting', labels: {}, value: state.right.waiting },
      { name: 'ticketing_notifications_unknown', labels: {}, value: state.right.unknown },
      { name: 'ticketing_notifications_prompt', labels: {}, value: day.right.prompt },
      ...Object.entries(day.right.byStatus).map(([status, value]) => ({
        name: 'ticketing_notifications',
        labels: { status },
        value,
      })),
    ]
  },
})
