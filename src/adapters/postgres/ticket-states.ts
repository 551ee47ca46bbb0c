import { z } from 'zod'
import {
  type Assignment,
  type Common,
  HOLD_REASONS,
  type In,
  type RestoredState,
  STATUSES,
  type Ticket,
  type TicketStatus,
} from '../../domain/ticket/ticket.ts'
import { instant } from './ticket-columns.ts'
import { assignmentOfRow, type CommonRow, commonOfRow, commonRow, present } from './ticket-row.ts'

type Own<S extends TicketStatus> = Omit<In<S>, keyof Common | 'status'>

/** One state's row: the common columns, and what only this state knows from `status_facts`. */
const state = <S extends TicketStatus, Facts extends z.ZodType>(
  status: S,
  facts: Facts,
  own: (facts: z.output<Facts>, row: CommonRow) => Own<S>,
): z.ZodType<In<S>> =>
  commonRow.extend({ status: z.literal<string>(status), status_facts: facts }).transform((row) => {
    const found = row as unknown as CommonRow & { readonly status_facts: z.output<Facts> }
    return { ...commonOfRow(found), status, ...own(found.status_facts, found) } as unknown as In<S>
  }) as unknown as z.ZodType<In<S>>

const nothing = z.object({})
const hold = z.object({ reason: z.enum(HOLD_REASONS), since: instant, by: z.string(), note: z.string().nullable() })
const held = z.object({ hold, resumesTo: z.enum(['assigned', 'in_progress']) })
const submitted = z.object({ submittedBy: z.string(), submittedAt: instant })
const rejected = z.object({ rejectedAt: instant })
const approved = z.object({ approvedBy: z.string(), approvedAt: instant, conditions: z.array(z.string()) })

const assignment = z.object({
  technician: z.string().nullable(),
  contractor: z.string().nullable(),
  team: z.string().nullable(),
}) satisfies z.ZodType<Assignment>

const restores = z.discriminatedUnion('status', [
  z.object({ status: z.literal('open') }),
  z.object({ status: z.literal('assigned'), assignment }),
  z.object({ status: z.literal('in_progress'), assignment }),
  held.extend({ status: z.literal('on_hold'), assignment }),
  submitted.extend({ status: z.literal('pending_qa'), assignment }),
  rejected.extend({ status: z.literal('qa_rejected'), assignment }),
]) satisfies z.ZodType<RestoredState>

const because = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cancelled'), reason: z.string() }),
  z.object({
    kind: z.literal('duplicate'),
    survivor: z.string(),
    reason: z.string().nullable(),
    restores,
  }),
])
const cancelled = z.object({ cancelledBy: z.string(), cancelledAt: instant, because })

/** Only a cancelled ticket may have nobody; whoever has an assignment names someone. */
const assigned = (row: CommonRow): { readonly assignment: Assignment } => {
  const found = assignmentOfRow(row)
  if (isNobody(found)) throw new Error('corrupt ticket row: nobody is assigned')
  return { assignment: found }
}
const isNobody = ({ technician, contractor, team }: Assignment): boolean =>
  technician === null && contractor === null && team === null

const codecs = {
  open: state('open', nothing, () => ({})),
  assigned: state('assigned', nothing, (_, row) => assigned(row)),
  in_progress: state('in_progress', nothing, (_, row) => assigned(row)),
  on_hold: state('on_hold', held, (facts, row) => ({ ...assigned(row), ...facts })),
  pending_qa: state('pending_qa', submitted, (facts, row) => ({ ...assigned(row), ...facts })),
  qa_in_progress: state(
    'qa_in_progress',
    submitted.extend({ reviewer: z.string(), reviewStartedAt: instant }),
    (facts, row) => ({ ...assigned(row), ...facts }),
  ),
  qa_rejected: state('qa_rejected', rejected, (facts, row) => ({ ...assigned(row), ...facts })),
  qa_approved: state('qa_approved', approved, (facts, row) => ({ ...assigned(row), ...facts })),
  pending_handover: state(
    'pending_handover',
    approved.extend({ requestedBy: z.string(), requestedAt: instant }),
    (facts, row) => ({ ...assigned(row), ...facts }),
  ),
  handed_to_maintenance: state(
    'handed_to_maintenance',
    z.object({ handedBy: z.string(), handedAt: instant }),
    (facts, row) => ({ ...assigned(row), ...facts }),
  ),
  closed: state('closed', z.object({ handedAt: instant }), (facts, row) => ({
    ...assigned(row),
    ...facts,
    closedBy: present('closed_by', row.closed_by),
    closedAt: present('closed_at', row.closed_at),
  })),
  cancelled: state('cancelled', cancelled, (facts, row) => {
    const found = assignmentOfRow(row)
    return { assignment: isNobody(found) ? null : found, ...facts }
  }),
} satisfies { readonly [S in TicketStatus]: z.ZodType<Extract<Ticket, { readonly status: S }>> }

const statusOnly = z.object({ status: z.enum(STATUSES) })

/** A ticket from its rows; anything that cannot be a ticket is a defect and throws. */
export const ticketOfRow = (row: unknown): Ticket => codecs[statusOnly.parse(row).status].parse(row)
