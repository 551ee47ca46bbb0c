import type { Move, MoveName } from './arbitraries.ts'
import { FOREMAN } from './playing.ts'
import { LEAD, MANAGER, REVIEWER, TYPES_OF_WORK } from './tickets.ts'

type Life = { readonly said: (typeof TYPES_OF_WORK)[number]; readonly moves: ReadonlyArray<Move> }

const move = (command: MoveName, t = 1, u = 1, by: string = MANAGER): Move => ({ command, by, t, u, minutes: 1 })

/** So many good steps onwards; QA approves when `u` is 2, rejects when it is 0, approves with a condition when it is 1. */
const on = (times: number, u = 2): ReadonlyArray<Move> => Array.from({ length: times }, () => move('advance', 1, u))
const untilQa = on(5)

const kinds = (type: string) => TYPES_OF_WORK.filter((said) => said.type === type)
const life = (type: string, ...moves: ReadonlyArray<Move | ReadonlyArray<Move>>): ReadonlyArray<Life> =>
  kinds(type)
    .slice(0, 1)
    .map((said) => ({ said, moves: moves.flat() }))

/** Into each state from which a ticket can be cancelled or marked. */
const ways: ReadonlyArray<ReadonlyArray<Move>> = [
  [],
  on(1),
  [...on(1), move('hold')],
  on(2),
  [...on(2), move('hold')],
  on(4),
  untilQa,
  [...untilQa, ...on(1, 0)],
]

/** Named histories that generated ones come to only now and then. */
export const lives: ReadonlyArray<Life> = [
  ...ways.flatMap((way) => life('maintenance', way, move('mark_duplicate', 0), move('unmark_duplicate'), on(1))),
  ...ways.flatMap((way) => life('incident', way, move('cancel'))),
  // Rejected twice, which flags it.
  ...life('maintenance', untilQa, on(1, 0), on(3), on(1, 0), on(1)),
  // A condition runs out, expires, escalates, is reviewed, once more by the same id, and resolved twice; the ticket waits for it before it closes.
  ...life(
    'maintenance',
    untilQa,
    on(1, 1),
    move('expire_risk', 0),
    on(1),
    move('review_risk', 0),
    move('review_risk', 2),
    move('review_risk', 2),
    move('review_risk', 4),
    on(1),
    move('complete_maintenance'),
    move('wait', 1),
    move('expire_risk', 0),
    move('escalate_risk', 0),
    move('wait', 4),
    move('escalate_risk', 0),
    move('resolve_risk', 0),
    move('resolve_risk', 0),
    on(1),
  ),
  // Risks that may not be accepted, and an approval that rests on one that ended.
  ...life(
    'maintenance',
    untilQa,
    move('accept_risk', 3, 1, FOREMAN),
    move('accept_risk', 5, 1, LEAD),
    move('accept_risk', 6, 1, LEAD),
    move('accept_risk', 2, 4, LEAD),
    move('accept_risk', 3, 1, LEAD),
    move('resolve_risk', 0, 1, LEAD),
    move('approve_with_conditions', 3, 0, REVIEWER),
    move('approve_with_conditions', 1, 10, REVIEWER),
    move('approve_with_conditions', 1, 9, REVIEWER),
    move('approve_with_conditions', 1, 45, REVIEWER),
    move('approve_with_conditions', 1, 5, REVIEWER),
    move('approve_with_conditions', 1, 3, REVIEWER),
    move('approve', 1, 1, REVIEWER),
    move('approve', 1, 1, LEAD),
    move('add_photo', 1, 2),
    move('edit', 4),
    move('take_over_review', 1, 1, FOREMAN),
    move('take_over_review', 1, 1, LEAD),
    move('reject', 7, 1, LEAD),
    move('reject', 11, 1, LEAD),
    move('reject', 3, 5, LEAD),
  ),
  // A held ticket is a duplicate and then is not; a cancelled one is none; one with a snapshot is not deleted.
  ...life(
    'modification',
    on(3),
    move('hold'),
    move('mark_duplicate', 2),
    move('mark_duplicate', 0),
    move('unmark_duplicate', 8),
    move('unmark_duplicate'),
    move('resume'),
    move('joined_by_duplicate'),
    move('cancel'),
    move('left_by_duplicate'),
    on(2),
    move('cancel'),
    move('unmark_duplicate'),
    move('delete'),
  ),
  ...life('ont_swap', on(4), move('mark_duplicate', 0), on(1)),
  ...life('infrastructure', on(1), move('mark_duplicate', 0), on(9)),
  // Photos that block are overridden, cleared and replaced.
  ...life(
    'maintenance',
    on(2),
    move('add_photo', 0, 10),
    move('override_verdict', 0, 2),
    move('override_verdict', 0, 2),
    move('add_photo', 0, 6),
    move('clear_reuse', 1),
    move('clear_reuse', 1),
    move('clear_reuse', 0),
    move('clear_reuse', 2),
    move('add_photo', 1, 8),
    move('add_photo', 18, 2),
  ),
  // Steps that cannot be recorded, causes that cannot be named, places and types that cannot be.
  ...life(
    'maintenance',
    on(2),
    move('record_step', 16, 0),
    move('record_step', 1, 0),
    move('record_step', 0, 2),
    move('record_step', 1, 2),
    move('assign', 4),
    move('accept_risk', 3),
    move('run_readiness'),
    move('submit_for_qa'),
    move('complete_steps'),
    move('attribute_fault', 0),
    move('attribute_fault', 1),
    move('attribute_fault', 6, 3),
    move('attribute_fault', 2),
    move('edit', 6),
    move('edit', 10),
    move('edit', 11),
    move('edit', 12),
    move('edit_type', 5),
    move('classify_billing'),
    move('waive_platform', 0),
    move('waive_platform', 0),
    move('withdraw_waiver', 0),
    move('withdraw_waiver', 0),
    move('confirm_as_built', 1),
    move('confirm_as_built', 2),
    move('edit', 4),
    on(2),
    move('outside', 2),
    move('outside', 0),
    on(2),
    move('withdraw'),
  ),
  // Taken back before QA began, and sent back before anyone asked for the handover.
  ...life('maintenance', on(4), move('withdraw'), on(2), on(1), move('return_from_gate'), on(6)),
  // An approval rests on one risk and leaves another as it was.
  ...life('maintenance', untilQa, move('accept_risk', 3, 1, LEAD), on(1, 1), on(6)),
  // The SOW changed behind everyone's back: starting QA finds out.
  ...life('maintenance', on(4), move('outside_unseen', 2), move('start_qa', 1, 1, REVIEWER), on(2)),
  ...life('modification', move('delete')),
  // Storage lost the photos: the gate refuses, the ticket goes back and comes again.
  ...life('new_installation', untilQa, on(2), move('storage', 0), move('hand_over'), move('return_from_gate'), on(9)),
]
