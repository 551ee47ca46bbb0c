import type { EscalationEvent } from '../escalation/escalation.ts'
import type { Risk } from '../risk/risk.ts'
import { type Instant, plusMs } from '../shared/time.ts'
import type { Clock, SlaMarkReached } from '../sla/sla.ts'
import type { TicketEvent } from '../ticket/events.ts'
import type { QaDecision, Ticket } from '../ticket/ticket.ts'
import { progressOf } from '../verification/required-steps.ts'
import { STEP_KEYS, stepList } from '../verification/steps.ts'
import type { TemplateValues } from './template.ts'

export type RiskWarning = {
  readonly type: 'RiskWarning'
  readonly riskId: string
  readonly daysLeft: number
  readonly expiresOn: string
  readonly at: Instant
}

/** The events that somebody is told of. */
export type ToldEvent =
  | Extract<
      TicketEvent,
      {
        readonly type:
          | 'TicketAssigned'
          | 'FellBackToInProgress'
          | 'TicketRejected'
          | 'ReturnedFromGate'
          | 'RectificationFlagged'
          | 'RiskExpired'
          | 'RiskEscalated'
      }
    >
  | SlaMarkReached
  | RiskWarning
  | Extract<EscalationEvent, { readonly type: 'RepeatFaultEscalated' }>

/** A ticket with the names that go with it, as its messages are filled. */
export type TicketTold = {
  readonly ticket: Ticket
  readonly names: {
    readonly project: string | null
    readonly technician: string | null
    readonly contractor: string | null
    readonly team: string | null
    readonly client: string | null
  }
  readonly resolution: Pick<Clock, 'state' | 'remainingMs'>
}

const words = (name: string): string => name.replaceAll('_', ' ')

/** Day and time in Johannesburg, as people there write them. */
const local = (at: Instant | null): string | null =>
  at === null
    ? null
    : plusMs(at, 2 * 3_600_000)
        .slice(0, 16)
        .replace('T', ' ')

const MINUTE_MS = 60_000

const lasting = (ms: number): string => {
  const minutes = Math.floor(ms / MINUTE_MS)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const remaining = ({ state, remainingMs }: TicketTold['resolution']): string | null =>
  state === 'met' || state === 'ended'
    ? null
    : remainingMs >= 0
      ? lasting(remainingMs)
      : `over by ${lasting(-remainingMs)}`

/** What every message may say of its ticket. */
export const ticketValues = ({ ticket, names, resolution }: TicketTold): TemplateValues => {
  const { completed, total } = progressOf(ticket)
  return {
    ticket_uid: ticket.uid,
    ticket_title: ticket.title,
    ticket_type: words(ticket.type),
    dr_number: ticket.place.dr,
    pole: ticket.place.pole,
    pon: ticket.place.pon,
    zone: ticket.place.zone,
    address: ticket.address,
    project_name: names.project,
    technician_name: names.technician,
    contractor_name: names.contractor,
    team_name: names.team,
    client_name: names.client,
    status: words(ticket.status),
    priority: ticket.priority,
    created_date: local(ticket.createdAt),
    due_date: local(ticket.sla.dueAt),
    sla_remaining: remaining(resolution),
    verification_progress: `${completed}/${total}`,
    rectification_count: String(ticket.rectificationCount),
  }
}

/** What a message says of the event itself. */
export const eventValues = (event: ToldEvent, ticket: Ticket): TemplateValues => {
  switch (event.type) {
    case 'TicketAssigned':
      return {}
    case 'FellBackToInProgress':
      return { failed_checks: failedChecks(event, ticket) }
    case 'TicketRejected':
      return decisionValues(event.decision)
    case 'ReturnedFromGate':
      return decisionValues(event.decision)
    case 'RectificationFlagged':
      return { rectification_count: String(event.cycles) }
    case 'SlaMarkReached':
      return { sla_clock: event.clock, sla_percent: `${event.percent} %`, sla_due: local(event.dueAt) }
    case 'RiskWarning':
      return { ...riskValues(riskOf(ticket, event.riskId)), days_left: String(event.daysLeft) }
    case 'RiskExpired':
    case 'RiskEscalated':
      return riskValues(riskOf(ticket, event.riskId))
    case 'RepeatFaultEscalated': {
      const { key, faultCount, threshold, type } = event.escalation
      return {
        scope: `${key.scope} ${key.value}`,
        fault_count: String(faultCount),
        fault_threshold: String(threshold),
        escalation_type: type,
      }
    }
  }
}

export const riskOf = (ticket: Ticket, riskId: string): Risk | null =>
  ticket.risks.find(({ id }) => id === riskId) ?? null

/** Type and date only: its description may tell of the client. */
export const riskValues = (risk: Pick<Risk, 'type' | 'expiresOn'> | null): TemplateValues => ({
  risk_type: risk === null ? null : words(risk.type),
  risk_expiry_date: risk?.expiresOn ?? null,
})

export const decisionValues = ({ codes, reason, verdicts, gateFailures }: QaDecision): TemplateValues => {
  const wrong = STEP_KEYS.flatMap((key) =>
    verdicts.filter(({ step, outcome }) => step === key && outcome !== 'correct'),
  )
  // A rejection that finds every step correct is about the whole of the work.
  const inWords = codes.map(words)
  return {
    what_is_wrong:
      wrong.length === 0
        ? inWords
        : wrong.map(({ step, outcome, comment }) =>
            [`${stepList[step].name}: ${outcome}`, comment].filter((part) => part !== null).join(' - '),
          ),
    wrong_steps: wrong.length === 0 ? inWords : wrong.map(({ step, outcome }) => `${stepList[step].name} ${outcome}`),
    reject_reasons: inWords,
    reason,
    gate_checks: gateFailures.map((check) => `${words(check)}: failed`),
  }
}

const SAYS_NOTHING = ['nothing', 'none']

/** With what was found, where the run that failed is still the ticket's last. */
const failedChecks = (
  { failures, at }: Extract<ToldEvent, { readonly type: 'FellBackToInProgress' }>,
  { lastCheck }: Ticket,
): ReadonlyArray<string> =>
  failures.map((check) => {
    const found = lastCheck?.at === at ? lastCheck.results.find((result) => result.check === check) : undefined
    if (found === undefined) return `${words(check)}: failed`
    return SAYS_NOTHING.includes(found.actual) ? found.sentence : `${found.sentence} ${words(found.actual)}`
  })
