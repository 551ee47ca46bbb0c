import type { Common } from '../ticket/ticket.ts'
import { requiredByProfile, type Step, type StepKey, type StepProfile } from './steps.ts'

type Work = Pick<Common, 'type' | 'place' | 'paperwork' | 'weeklyNote' | 'stepOverrides'>

/** The kind of work a ticket is today: it follows the present type and, for an incident, whether it has a DR. */
export const stepProfile = (ticket: Omit<Work, 'stepOverrides'>): StepProfile => {
  if (ticket.paperwork && ticket.weeklyNote === 2) return 'paperwork_note_2'
  if (ticket.paperwork && ticket.weeklyNote === 4) return 'paperwork_note_4'
  if (ticket.type === 'incident') return ticket.place.dr === null ? 'incident_without_dr' : 'incident_with_dr'
  return ticket.type
}

/** The steps this ticket must prove, by the overrides it started with. */
export const requiredSteps = (ticket: Work): ReadonlyArray<StepKey> => {
  const profile = stepProfile(ticket)
  return ticket.stepOverrides[profile] ?? requiredByProfile[profile]
}

export type Progress = {
  readonly completed: number
  readonly total: number
  readonly requiredCompleted: number
  readonly required: number
}

/** Completed of 12 and required completed of required. */
export const progressOf = (ticket: Work & { readonly steps: ReadonlyArray<Step> }): Progress => {
  const required = requiredSteps(ticket)
  const done = ticket.steps.filter((step) => step.complete)
  return {
    completed: done.length,
    total: ticket.steps.length,
    requiredCompleted: done.filter((step) => required.includes(step.key)).length,
    required: required.length,
  }
}
