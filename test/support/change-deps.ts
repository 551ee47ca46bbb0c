import { randomUUID } from 'node:crypto'
import { defaultCalendars } from '../../src/adapters/calendar/working-calendar.ts'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import { memorySubjectKeys } from '../../src/adapters/memory/subject-keys.ts'
import { keyed } from '../../src/adapters/signing/keyed.ts'
import type { ChangeDeps } from '../../src/application/change.ts'
import type { SubjectKeys } from '../../src/application/ports/subject-keys.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { slaTerms } from '../../src/domain/sla/sla-terms.ts'

const calendars = defaultCalendars()

/** What changes of tickets need beside their store, at a fixed moment. */
export const changeDeps = (
  tickets: TicketStore,
  now = '2026-03-03T08:00:00.000Z',
  subjectKeys: SubjectKeys = memorySubjectKeys({ subjectKeys: new Map() }),
): ChangeDeps => ({
  tickets,
  now: () => now,
  newId: randomUUID,
  slaTerms: (policy) => slaTerms(policy, calendars),
  canonicalBytes,
  subjectKeys,
  keyed,
})
