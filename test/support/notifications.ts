import { randomUUID } from 'node:crypto'
import type { NewNotification } from '../../src/domain/notification/notification.ts'

/** An assignment told to Thabo, of an event of its own unless said otherwise. */
export const aNotification = (over: Partial<NewNotification> = {}): NewNotification => ({
  eventId: randomUUID(),
  kind: 'assignment',
  ticketId: null,
  projectId: 'lawley',
  recipientType: 'technician',
  recipientId: 'thabo',
  phoneOrGroup: '+27821234567',
  name: 'Thabo',
  template: 'assignment',
  text: 'FT406824 is yours.',
  digestLine: 'FT406824',
  at: '2026-11-22T08:00:00.000Z',
  ...over,
})
