import * as E from 'fp-ts/lib/Either.js'
import { checkGate, type GateFacts } from '../handover/gate.ts'
import { enter, type Stamp, transition } from './transition.ts'

/** The work becomes maintenance's, when every check of the gate holds; all that fail are named at once. */
export const handOver = ({ at, by }: Stamp, facts: GateFacts) =>
  transition('hand_over', (ticket) => {
    const failures = checkGate(ticket, facts, at).filter((result) => result.outcome === 'failed')
    if (failures.length > 0) return E.left({ type: 'GateFailed', failures })
    return E.right([
      enter(
        ticket,
        'handed_to_maintenance',
        at,
        { assignment: ticket.assignment, handedBy: by, handedAt: at },
        { owner: 'maintenance' },
      ),
      [
        {
          type: 'HandedToMaintenance',
          handover: 'qa_to_maintenance',
          fromOwner: ticket.owner,
          fromOwnerId: ticket.approvedBy,
          toOwner: 'maintenance',
          toOwnerId: null,
          evidenceRetention: facts.archive.flatMap(({ photoId, retention }) =>
            retention === null ? [] : [{ photoId, retention }],
          ),
          at,
          by,
        },
      ],
    ])
  })
