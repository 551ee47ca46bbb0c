import type { TicketStatus } from '../ticket/ticket.ts'

/** What QContact lets be written as a status, letter for letter. It shows others that can only be read. */
export const REMOTE_STATUSES = [
  'Open',
  'Assigned',
  'InProgress',
  'Escalated',
  'InReview',
  'Reviewed',
  'Pending Company Response',
  'Solved',
] as const
export type RemoteStatus = (typeof REMOTE_STATUSES)[number]

export type StatusMaps = {
  /** Total: every status of ours has a word over there. Several share one, so nothing is ever concluded backwards from it. */
  readonly out: { readonly [S in TicketStatus]: RemoteStatus }
  /** Other spellings under which a status is read, such as the labels its pages show. */
  readonly alias: Readonly<Record<string, RemoteStatus>>
}

/** Requirements section 13. */
export const STATUS_MAPS: StatusMaps = {
  out: {
    open: 'Open',
    assigned: 'Assigned',
    in_progress: 'InProgress',
    on_hold: 'InProgress',
    pending_qa: 'InReview',
    qa_in_progress: 'InReview',
    qa_rejected: 'InProgress',
    qa_approved: 'Reviewed',
    pending_handover: 'Reviewed',
    handed_to_maintenance: 'Solved',
    closed: 'Solved',
    cancelled: 'Solved',
  },
  alias: { New: 'Open', 'In Progress': 'InProgress', 'In Review': 'InReview', Closed: 'Solved' },
}

/** A status as QContact said it, in the alphabet that agreement is judged in; one it cannot be written in stays as it is. */
export const inRemoteAlphabet = ({ alias }: StatusMaps, said: string): string => alias[said] ?? said
