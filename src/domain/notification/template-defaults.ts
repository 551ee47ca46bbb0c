import * as E from 'fp-ts/lib/Either.js'
import { parseTemplate, type Template } from './template.ts'
import { TEMPLATE_KINDS, type TemplateKind } from './template-kinds.ts'

const WHERE = `DR: {{dr_number}}
Pole: {{pole}} | PON: {{pon}} | Zone: {{zone}}`

/** What is sent where a project has nothing of its own. */
export const DEFAULT_TEMPLATES: { readonly [K in TemplateKind]: string } = {
  assignment: `*NEW WORK - {{ticket_uid}}*
{{ticket_title}}
${WHERE}
Type: {{ticket_type}}, priority {{priority}}
Due: {{due_date}}
Project: {{project_name}}`,
  readiness_fallback: `*NOT QA READY - {{ticket_uid}}*
{{ticket_title}}
DR: {{dr_number}}
It went back to in progress. What fails now:
{{failed_checks}}`,
  qa_rejection: `*QA REVIEW INCOMPLETE - {{ticket_uid}}*
{{ticket_title}}
DR: {{dr_number}}
To be put right:
{{what_is_wrong}}
Because of: {{reject_reasons}}
Reviewer: {{reason}}
Steps not named here passed and stay as they are.`,
  gate_return: `*RETURNED FROM HANDOVER - {{ticket_uid}}*
{{ticket_title}}
DR: {{dr_number}}
Reason: {{reason}}
{{gate_checks}}`,
  rectification_flag: `*REJECTED AGAIN AND AGAIN - {{ticket_uid}}*
{{ticket_title}}
DR: {{dr_number}}
Rectification cycles: {{rectification_count}}
Contractor: {{contractor_name}}
Technician: {{technician_name}}`,
  sla_warning: `*SLA WARNING - {{ticket_uid}}*
{{sla_percent}} of the {{sla_clock}} time is used.
{{ticket_title}}
DR: {{dr_number}}
Priority {{priority}}, status {{status}}
Due: {{sla_due}}`,
  sla_breach: `*SLA BREACHED - {{ticket_uid}}*
The {{sla_clock}} time is over.
{{ticket_title}}
DR: {{dr_number}}
Priority {{priority}}, status {{status}}
Was due: {{sla_due}}`,
  risk_warning: `*RISK EXPIRES SOON - {{ticket_uid}}*
{{ticket_title}}
Risk: {{risk_type}}, good until {{risk_expiry_date}}, days left: {{days_left}}`,
  risk_expiry: `*RISK EXPIRED - {{ticket_uid}}*
{{ticket_title}}
Risk: {{risk_type}}, was good until {{risk_expiry_date}}
The ticket is not handed over before it is resolved.`,
  risk_escalation: `*EXPIRED RISK ESCALATED - {{ticket_uid}}*
{{ticket_title}}
Risk: {{risk_type}}, was good until {{risk_expiry_date}}`,
  fault_escalation: `*REPEAT FAULTS - {{scope}}*
{{fault_count}} faults, more than {{fault_threshold}}
Project: {{project_name}}
{{ticket_uid}} asks for: {{escalation_type}}`,
  client_update: `Dear {{client_name}}
Your fibre service, reference {{ticket_uid}}: {{status}}`,
}

/** What stands for a message where several become one that lists the tickets. */
const LINES: { readonly [K in TemplateKind]: string } = {
  assignment: '{{ticket_uid}} | {{dr_number}} | {{ticket_title}}',
  readiness_fallback: '{{ticket_uid}} | {{dr_number}} | {{ticket_title}}',
  qa_rejection: '{{ticket_uid}} | {{dr_number}} | {{wrong_steps}}',
  gate_return: '{{ticket_uid}} | {{dr_number}} | {{ticket_title}}',
  rectification_flag: '{{ticket_uid}} | {{dr_number}} | {{rectification_count}} cycles',
  sla_warning: '{{ticket_uid}} | {{dr_number}} | {{sla_clock}} time {{sla_percent}} used, due {{sla_due}}',
  sla_breach: '{{ticket_uid}} | {{dr_number}} | {{sla_clock}} time over since {{sla_due}}',
  risk_warning: '{{ticket_uid}} | {{risk_type}}, good until {{risk_expiry_date}}',
  risk_expiry: '{{ticket_uid}} | {{risk_type}}, expired on {{risk_expiry_date}}',
  risk_escalation: '{{ticket_uid}} | {{risk_type}}, escalated',
  fault_escalation: '{{ticket_uid}} | {{scope}}: {{fault_count}} faults',
  client_update: '{{ticket_uid}} | {{status}}',
}

/** Ours are right, or the program is not: a test reads each. */
const ours = (kind: TemplateKind, text: string): Template => {
  const template = parseTemplate(kind, text)
  if (E.isLeft(template)) throw new Error(`the built-in template ${kind} ${template.left.rule}: ${template.left.value}`)
  return template.right
}

const read = (texts: { readonly [K in TemplateKind]: string }) =>
  Object.fromEntries(TEMPLATE_KINDS.map((kind) => [kind, ours(kind, texts[kind])])) as {
    readonly [K in TemplateKind]: Template
  }

export const builtIn = read(DEFAULT_TEMPLATES)
export const digestLines = read(LINES)
