/** What a message can be about; each project has one template for each. */
export const TEMPLATE_KINDS = [
  'assignment',
  'readiness_fallback',
  'qa_rejection',
  'gate_return',
  'rectification_flag',
  'sla_warning',
  'sla_breach',
  'risk_warning',
  'risk_expiry',
  'risk_escalation',
  'fault_escalation',
  'client_update',
] as const
export type TemplateKind = (typeof TEMPLATE_KINDS)[number]

/** `most`: the longest it is written, in characters; a list has at most so many `entries` of that length. */
export type VariableRule = { readonly means: string; readonly most: number; readonly entries?: number }

const LONGEST_ENTRY = 220

/** Everything a template may name. The first fourteen are the host's. None of them reads notes, hold or cancel reasons. */
export const VARIABLES = {
  ticket_uid: { means: 'Number of the ticket', most: 20 },
  ticket_title: { means: 'Title of the ticket', most: 120 },
  dr_number: { means: 'Drop', most: 20 },
  project_name: { means: 'Name of the project', most: 80 },
  zone: { means: 'Zone', most: 20 },
  address: { means: 'Address of the work', most: 160 },
  technician_name: { means: 'Name of the assigned technician', most: 80 },
  contractor_name: { means: 'Name of the assigned contractor', most: 80 },
  status: { means: 'Status, in words', most: 30 },
  priority: { means: 'Priority', most: 20 },
  created_date: { means: 'Day and time of creation', most: 20 },
  due_date: { means: 'Day and time the resolution is due', most: 20 },
  sla_remaining: { means: 'Working time left until the resolution is due', most: 30 },
  verification_progress: { means: 'Steps completed of all, such as 7/12', most: 10 },
  ticket_type: { means: 'Type of work', most: 30 },
  pole: { means: 'Pole', most: 40 },
  pon: { means: 'PON', most: 20 },
  team_name: { means: 'Name of the assigned team', most: 80 },
  failed_checks: { means: 'Readiness checks that fail, one a line', most: LONGEST_ENTRY, entries: 11 },
  what_is_wrong: {
    means: 'Steps that are missing or incorrect with the comment of the reviewer, one a line',
    most: LONGEST_ENTRY,
    entries: 12,
  },
  wrong_steps: { means: 'The same in one line, without comments', most: 300 },
  reject_reasons: { means: 'Reason codes of the rejection, in words', most: 160 },
  reason: { means: 'What the person who decided wrote to the assignee', most: 400 },
  gate_checks: { means: 'Gate checks that fail, one a line', most: 80, entries: 7 },
  rectification_count: { means: 'Rectification cycles so far', most: 10 },
  sla_clock: { means: 'Which time it is about: response or resolution', most: 20 },
  sla_percent: { means: 'Share of that time that is used', most: 10 },
  sla_due: { means: 'Day and time that time ends', most: 20 },
  risk_type: { means: 'Type of the accepted risk', most: 30 },
  risk_expiry_date: { means: 'Last day the risk acceptance is good for', most: 10 },
  days_left: { means: 'Days until then', most: 10 },
  scope: { means: 'What the repeat faults have in common, such as pole LAW.P.A002', most: 60 },
  fault_count: { means: 'Faults counted there', most: 10 },
  fault_threshold: { means: 'Faults above which it escalates', most: 10 },
  escalation_type: { means: 'What is asked for: replacement, investigation or inspection', most: 20 },
  client_name: { means: 'Name of the client', most: 80 },
} as const satisfies Readonly<Record<string, VariableRule>>
export type VariableName = keyof typeof VARIABLES

/** In every message: nothing of these is a client's. */
const COMMON = [
  'ticket_uid',
  'ticket_title',
  'dr_number',
  'project_name',
  'zone',
  'technician_name',
  'contractor_name',
  'status',
  'priority',
  'created_date',
  'due_date',
  'sla_remaining',
  'verification_progress',
  'ticket_type',
  'pole',
  'pon',
  'team_name',
] as const satisfies ReadonlyArray<VariableName>

/** What each kind may name beside the common ones: an address only where the work is, a client only to the client. */
const OF_ITS_OWN: { readonly [K in TemplateKind]: ReadonlyArray<VariableName> } = {
  assignment: ['address'],
  readiness_fallback: ['address', 'failed_checks'],
  qa_rejection: ['address', 'what_is_wrong', 'wrong_steps', 'reject_reasons', 'reason', 'rectification_count'],
  gate_return: ['address', 'reason', 'gate_checks', 'rectification_count'],
  rectification_flag: ['rectification_count'],
  sla_warning: ['address', 'sla_clock', 'sla_percent', 'sla_due'],
  sla_breach: ['address', 'sla_clock', 'sla_percent', 'sla_due'],
  risk_warning: ['risk_type', 'risk_expiry_date', 'days_left'],
  risk_expiry: ['risk_type', 'risk_expiry_date'],
  risk_escalation: ['risk_type', 'risk_expiry_date'],
  fault_escalation: ['scope', 'fault_count', 'fault_threshold', 'escalation_type'],
  client_update: ['address', 'client_name'],
}

export const variablesOf = (kind: TemplateKind): ReadonlyArray<VariableName> => [...COMMON, ...OF_ITS_OWN[kind]]
