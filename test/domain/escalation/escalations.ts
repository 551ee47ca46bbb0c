import * as E from 'fp-ts/lib/Either.js'
import { endEscalation, followTicket } from '../../../src/domain/escalation/end-escalation.ts'
import { escalate } from '../../../src/domain/escalation/escalate.ts'
import type { Escalation, OpenEscalation } from '../../../src/domain/escalation/escalation.ts'

export const AT = '2026-07-20T10:00:00.000Z'
export const LATER = '2026-07-21T10:00:00.000Z'

export const openOnPole = (): OpenEscalation =>
  escalate({
    id: 'e1',
    key: { projectId: 'lawley', scope: 'pole', value: 'P17' },
    ticketId: 'infra-1',
    faults: { type: 'escalate', count: 4, threshold: 3, windowFrom: AT, contributing: ['t1', 't2', 't3', 't4'] },
    at: AT,
  })[0]

export const investigated = (): Escalation =>
  followTicket({ status: 'in_progress', deletedAt: null, at: AT })(openOnPole())[0]

export const endedAs = (outcome: 'resolved' | 'no_action'): Escalation => {
  const ticket = { status: outcome === 'resolved' ? 'closed' : 'cancelled', deletedAt: null } as const
  const ended = endEscalation({ outcome, notes: 'done', by: 'manager-1', at: AT, ticket })(openOnPole())
  if (E.isLeft(ended)) throw new Error(ended.left.type)
  return ended.right[0]
}
