import * as E from 'fp-ts/lib/Either.js'
import type { RepeatFaultLimit } from '../../domain/escalation/escalation.ts'
import { infrastructureTicket } from '../../domain/escalation/infrastructure-ticket.ts'
import type { RepeatFaults } from '../../domain/escalation/repeat-faults.ts'
import type { ChangeDeps } from '../change.ts'
import type { ScopeAsRead } from '../ports/escalation-store.ts'
import type { Creation, ProjectContext } from '../ports/ticket-store.ts'
import { systemTicket } from './system-ticket.ts'

/** The infrastructure ticket of an escalation, in its scope's place, ready to be stored with it. */
export const infrastructureCreation = (
  deps: Pick<ChangeDeps, 'now' | 'newId' | 'slaTerms'>,
  context: ProjectContext,
  { key, faults }: ScopeAsRead,
  { contributing }: RepeatFaults,
  limit: RepeatFaultLimit,
): Creation => {
  const places = faults.filter(({ ticketId }) => contributing.includes(ticketId)).map(({ place }) => place)
  const { owner: _, ...begun } = infrastructureTicket({ key, limit, places })
  const made = systemTicket(deps, context, { ...begun, cause: null, causeDetails: null, followUpOf: null })
  if (E.isLeft(made)) throw new Error(`an infrastructure ticket was refused: ${made.left.type}`)
  return made.right
}
