import type { Command, Ticket } from '../domain/ticket/ticket.ts'
import type { Principal, Role } from './principal.ts'

/** Everything anyone can ask for. Lifecycle commands carry their own names. */
export type Action =
  | Exclude<Command, 'fall_back' | 'delete'>
  | 'read_ticket'
  | 'read_client'
  | 'create_ticket'
  | 'edit_ticket'
  | 'delete_ticket'
  | 'add_note'
  | 'add_attachment'
  | 'record_step'
  | 'add_photo'
  | 'run_readiness'
  | 'attribute_fault'
  | 'attribute_workmanship'
  | 'accept_risk'
  | 'resolve_risk'
  | 'review_risk'
  | 'waive_platform'
  | 'override_verdict'
  | 'clear_reuse'
  | 'link_ticket'
  | 'classify_billing'
  | 'verify_snapshots'
  | 'set_installation_date'
  | 'import_reports'
  | 'import_platforms'
  | 'read_reports'
  | 'read_settings'
  | 'change_settings'
  | 'change_templates'
  | 'read_notifications'
  | 'send_notification'
  | 'settle_notification'
  | 'switch_notifications'
  | 'read_directory'
  | 'change_directory'
  | 'lookup_drop'
  | 'read_dashboard'
  | 'read_escalations'
  | 'end_escalation'
  | 'bulk'
  | 'run_timers'
  | 'expire_risk'
  | 'escalate_risk'
  | 'recheck'
  | 'escalate_fault'
  | 'move_escalation'
  | 'note_likeness'
  | 'judge_photo_again'
  | 'erase_subject'
  | 'export_subject'
  | 'handle_dead_letters'
  | 'run_sync'
  | 'read_sync'
  | 'resolve_sync_conflict'
  | 'take_from_qcontact'

/** `any` ticket, only one's `own`, or what one `made` oneself. */
export type Reach = 'any' | 'own' | 'made'
type Grants = { readonly [A in Action]?: Reach }

const grant = (reach: Reach, ...actions: ReadonlyArray<Action>): Grants =>
  Object.fromEntries(actions.map((action) => [action, reach]))

/** Whoever may read a ticket may do this much; a viewer may not. */
const readers = (reach: Reach): Grants => grant(reach, 'read_ticket', 'read_client', 'add_note', 'verify_snapshots')
const everyone = grant('any', 'lookup_drop', 'read_directory')
const office = grant('any', 'read_dashboard', 'read_escalations', 'read_settings', 'read_reports', 'read_notifications')

const fieldWork: ReadonlyArray<Action> = [
  'start_work',
  'hold',
  'resume',
  'record_step',
  'add_photo',
  'add_attachment',
  'run_readiness',
  'submit_for_qa',
  'withdraw',
  'confirm_as_built',
  'attribute_fault',
]

const technician: Grants = {
  ...everyone,
  ...readers('own'),
  ...grant('own', ...fieldWork),
  ...grant('any', 'read_dashboard'),
}
const contractor: Grants = { ...technician, ...grant('own', 'assign') }
const qa: Grants = {
  ...everyone,
  ...office,
  ...readers('any'),
  ...grant(
    'any',
    'run_readiness',
    'attribute_fault',
    'attribute_workmanship',
    'start_qa',
    'approve',
    'reject',
    'confirm_as_built',
    'request_handover',
    'add_attachment',
  ),
}
const qaLead: Grants = {
  ...qa,
  ...grant(
    'any',
    'approve_with_conditions',
    'accept_risk',
    'resolve_risk',
    'review_risk',
    'clear_reuse',
    'override_verdict',
    'waive_platform',
    'take_over_review',
    'return_from_gate',
  ),
}
const manager: Grants = {
  ...qaLead,
  ...grant(
    'any',
    ...fieldWork,
    'create_ticket',
    'edit_ticket',
    'assign',
    'cancel',
    'mark_duplicate',
    'unmark_duplicate',
    'link_ticket',
    'hand_over',
    'complete_maintenance',
    'classify_billing',
    'set_installation_date',
    'import_reports',
    'import_platforms',
    'change_settings',
    'change_templates',
    'send_notification',
    'settle_notification',
    'switch_notifications',
    'change_directory',
    'end_escalation',
    'bulk',
    'run_timers',
    'run_sync',
    'read_sync',
    'resolve_sync_conflict',
    'take_from_qcontact',
  ),
}

/** The permission table of requirements section 15: the one place that single, bulk, stream and background paths all pass. */
export const permissions: { readonly [R in Role | 'system']: Grants } = {
  technician,
  contractor,
  qa,
  qa_lead: qaLead,
  manager,
  admin: {
    ...manager,
    ...grant('any', 'delete_ticket', 'erase_subject', 'export_subject', 'handle_dead_letters'),
  },
  viewer: { ...everyone, ...office, ...grant('any', 'read_ticket') },
  service: {
    ...everyone,
    ...grant('any', 'create_ticket', 'import_reports', 'import_platforms', 'run_sync', 'read_sync'),
    ...readers('made'),
    ...grant('made', 'read_reports', 'take_from_qcontact'),
  },
  system: grant(
    'any',
    'read_ticket',
    'recheck',
    'expire_risk',
    'escalate_risk',
    'escalate_fault',
    'move_escalation',
    'note_likeness',
    'judge_photo_again',
    'assign',
    'start_work',
  ),
}

/** How far a principal may go with an action; null when not at all. */
export const reachOf = (principal: Principal, action: Action): Reach | null =>
  permissions[principal.role][action] ?? null

export const isAllowed = (principal: Principal, action: Action): boolean => reachOf(principal, action) !== null

/** Own: assigned to me, to my contractor or to one of my teams. */
export const isOwn = (principal: Principal, ticket: Ticket): boolean => {
  if (!('assignment' in ticket) || ticket.assignment === null) return false
  const { technician: who, contractor: company, team } = ticket.assignment
  return (
    who === principal.userId ||
    (company !== null && company === principal.contractorId) ||
    (team !== null && principal.teams.includes(team))
  )
}

/** Whether the ticket is within the reach; what is not is, to the principal, not there. */
export const isWithin = (reach: Reach | null, principal: Principal, ticket: Ticket): boolean =>
  reach === 'any' ||
  (reach === 'own' && isOwn(principal, ticket)) ||
  (reach === 'made' && ticket.createdBy === principal.userId)

/** Which tickets a principal may see at all, for lists, counts and exports. */
export type Sight =
  | { readonly type: 'all' }
  | {
      readonly type: 'own'
      readonly userId: string
      readonly contractorId: string | null
      readonly teams: ReadonlyArray<string>
    }
  | { readonly type: 'made'; readonly userId: string }
  | { readonly type: 'none' }

export const sightOf = (principal: Principal): Sight => {
  switch (reachOf(principal, 'read_ticket')) {
    case 'any':
      return { type: 'all' }
    case 'own':
      return {
        type: 'own',
        userId: principal.userId,
        contractorId: principal.contractorId,
        teams: principal.teams,
      }
    case 'made':
      return { type: 'made', userId: principal.userId }
    case null:
      return { type: 'none' }
  }
}
