import { serialsReadFrom } from '../evidence/judge-barcode.ts'
import { storedContent } from '../evidence/photo.ts'
import type { Retention } from '../evidence/retention.ts'
import { needsAttribution } from '../fault/needs-attribution.ts'
import { isAboutAHome } from '../readiness/check-readiness.ts'
import { platformAnswers } from '../readiness/platforms-aligned.ts'
import type { CheckResult, ProjectFacts } from '../readiness/readiness.ts'
import { isOverdue } from '../risk/past.ts'
import type { Instant } from '../shared/time.ts'
import type { PendingHandover, QaApproved } from '../ticket/ticket.ts'

/** The checks of the gate to maintenance, in the order they are shown (requirements section 8). */
export const GATE_CHECKS = [
  'as_built_confirmed',
  'photos_archived',
  'ont_verified',
  'pon_verified',
  'contractor_assigned',
  'fault_attributed',
  'no_expired_risk',
] as const
export type GateCheck = (typeof GATE_CHECKS)[number]

/** What permanent storage answered for one evidence photo. */
export type Archived = {
  readonly photoId: string
  readonly state: 'stored' | 'missing' | 'differs'
  /** SHA-256 of the stored bytes; null when there are none. */
  readonly found: string | null
  /** What was really in force for it, not what was asked for; null when it is missing. */
  readonly retention: Retention | null
}

/** What the directory knows of the assignment. */
export type AssignmentFacts = {
  readonly contractorKnown: boolean
  readonly technicianIsOurOwn: boolean
  readonly teamIsOurOwn: boolean
}

export type GateFacts = {
  readonly project: ProjectFacts
  readonly archive: ReadonlyArray<Archived>
  readonly assignment: AssignmentFacts
}

type AtGate = QaApproved | PendingHandover
type Rule = (ticket: AtGate, facts: GateFacts, now: Instant) => Omit<CheckResult, 'check'>
type Found = Omit<CheckResult, 'check'>

const found = (outcome: CheckResult['outcome'], expected: string, actual: string, sentence: string): Found => ({
  outcome,
  expected,
  actual,
  sentence,
})
const notApplicable = (sentence: string): Found => found('not_applicable', 'nothing', 'not checked', sentence)

const asBuiltConfirmed: Rule = ({ asBuilt }) =>
  asBuilt === null
    ? found(
        'failed',
        'who, when and which document',
        'nothing',
        'Nobody has confirmed the as-built, or a later change voided it.',
      )
    : found('passed', 'who, when and which document', asBuilt.document, 'The as-built is confirmed.')

const photosArchived: Rule = (ticket, { archive }) => {
  const evidence = ticket.photos
  const expected = `${evidence.length} photos stored with their recorded SHA-256`
  const problems = evidence.flatMap((photo) => {
    const answer = archive.find((candidate) => candidate.photoId === photo.id)
    const same = answer?.state === 'stored' && answer.found === storedContent(photo.object).sha256
    const state = answer === undefined || answer.state === 'missing' ? 'missing' : 'differs'
    return same ? [] : [`${photo.step} ${photo.id}: ${state}`]
  })
  return problems.length === 0
    ? found('passed', expected, `${evidence.length} stored`, 'Every evidence photo is in permanent storage, unchanged.')
    : found('failed', expected, problems.join('; '), `${problems.length} evidence photos are missing or changed.`)
}

/** Serial read from the photo or label, typed, and in the tracker agree; a tracker row older than the typed serial is shown only. */
const ontVerified: Rule = (ticket, { project }) => {
  if (!isAboutAHome(ticket)) return notApplicable('This ticket is not about one home, so it has no ONT.')
  const { ontSerial, ontSerialAt } = ticket.equipment
  const scanned = ticket.steps.find((step) => step.key === 'ont_barcode')?.value ?? null
  const waived = ticket.waivers.some((waiver) => waiver.platform === 'tracker')
  const state = project.platforms.tracker
  const carried = state.connected && state.carries.includes('ont_serial') && !waived
  const inTracker = project.rows.filter(
    (row) => row.platform === 'tracker' && row.dr === ticket.place.dr && row.ontSerial !== null,
  )
  const compared = carried ? inTracker.filter((row) => ontSerialAt === null || row.asOf >= ontSerialAt) : []
  const label = ticket.photos.find((photo) => photo.step === 'ont_barcode' && photo.current)
  const onLabel = label === undefined ? [] : serialsReadFrom(label)
  const expected = 'the same serial typed, scanned, on the photo of the label and in the tracker'
  const actual = [
    `typed ${ontSerial ?? 'nothing'}`,
    ...(scanned === null ? [] : [`scanned ${scanned}`]),
    ...(onLabel.length === 0 ? [] : [`label ${onLabel.join(' or ')}`]),
    ...inTracker.map((row) => `tracker ${row.ontSerial}${compared.includes(row) ? '' : ' (not compared)'}`),
  ].join('; ')
  if (ontSerial === null) return found('failed', expected, actual, 'No ONT serial is recorded.')
  if (scanned !== null && scanned !== ontSerial)
    return found('failed', expected, actual, 'The scanned serial is another one.')
  if (onLabel.length > 0 && !onLabel.includes(ontSerial))
    return found('failed', expected, actual, 'The label on the photo shows another serial.')
  return compared.length > 0 && !compared.some((row) => row.ontSerial === ontSerial)
    ? found('failed', expected, actual, 'The tracker holds another serial for this drop.')
    : found('passed', expected, actual, 'Every source that can be compared names the same ONT.')
}

const ponVerified: Rule = (ticket, { project }) => {
  if (!isAboutAHome(ticket)) return notApplicable('This ticket is not about one home; the SOW is not compared.')
  const sow = platformAnswers(ticket, project).find((answer) => answer.platform === 'sow')
  const expected = `the SOW holds PON ${ticket.place.pon ?? 'nothing'} for ${ticket.place.dr ?? 'this drop'}`
  const actual =
    sow?.disagreements.map((d) => `${d.field} ${d.platformValue ?? 'no such DR'}`).join('; ') || (sow?.status ?? '')
  switch (sow?.status) {
    case 'waived':
      return notApplicable('A QA lead waived the SOW for this ticket.')
    case 'not_connected':
      return notApplicable('No SOW is connected for this project.')
    case 'aligned':
    case 'confirmed_by_hand':
      return found('passed', expected, actual, 'PON and place are those of the design.')
    default:
      return found('failed', expected, actual, 'The ticket and the SOW do not agree.')
  }
}

const contractorAssigned: Rule = ({ assignment }, { assignment: known }) => {
  const expected = 'a contractor the directory knows, or a technician or team of our own'
  const holds =
    (assignment.contractor !== null && known.contractorKnown) ||
    (assignment.technician !== null && known.technicianIsOurOwn) ||
    (assignment.team !== null && known.teamIsOurOwn)
  const actual = assignment.contractor ?? assignment.team ?? assignment.technician ?? 'nobody'
  return holds
    ? found('passed', expected, actual, 'It is on record who did the work.')
    : found(
        'failed',
        expected,
        actual,
        'The directory knows neither its contractor nor its technician or team as our own.',
      )
}

const faultAttributed: Rule = (ticket) => {
  if (!needsAttribution(ticket)) return notApplicable('This ticket needs no fault cause.')
  const { cause, confirmed } = ticket.fault
  return cause !== null && confirmed !== null
    ? found('passed', 'a confirmed cause', cause, 'A person has confirmed the fault cause.')
    : found('failed', 'a confirmed cause', cause ?? 'nothing', 'No person has confirmed a fault cause.')
}

const noExpiredRisk: Rule = (ticket, _, now) => {
  const overdue = ticket.risks.filter((risk) => isOverdue(risk, now))
  return overdue.length === 0
    ? found('passed', 'no risk past its date', `${ticket.risks.length} risks`, 'No accepted risk is past its date.')
    : found(
        'failed',
        'no risk past its date',
        overdue.map((risk) => `${risk.id} since ${risk.expiresOn}`).join('; '),
        `${overdue.length} accepted risks are past their date and unresolved.`,
      )
}

const rules: { readonly [C in GateCheck]: Rule } = {
  as_built_confirmed: asBuiltConfirmed,
  photos_archived: photosArchived,
  ont_verified: ontVerified,
  pon_verified: ponVerified,
  contractor_assigned: contractorAssigned,
  fault_attributed: faultAttributed,
  no_expired_risk: noExpiredRisk,
}

/** The gate to maintenance: all its checks, judged together and by the date of `now`. */
export const checkGate = (ticket: AtGate, facts: GateFacts, now: Instant): ReadonlyArray<CheckResult<GateCheck>> =>
  GATE_CHECKS.map((check) => ({ check, ...rules[check](ticket, facts, now) }))
