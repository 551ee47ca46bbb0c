import * as E from 'fp-ts/lib/Either.js'
import { blockingVerdicts } from '../evidence/blocking.ts'
import { needsAttribution } from '../fault/needs-attribution.ts'
import { parseOntSerial } from '../shared/drop.ts'
import type { Common } from '../ticket/ticket.ts'
import { currentPhoto, valueOfStep, valueProblem } from '../verification/complete-step.ts'
import { requiredSteps } from '../verification/required-steps.ts'
import { drIsUnknown, type PlatformAnswer, platformAnswers } from './platforms-aligned.ts'
import {
  type CheckResult,
  PLAUSIBLE_RX,
  type Platform,
  type ProjectFacts,
  READINESS_CHECKS,
  type ReadinessCheck,
} from './readiness.ts'

type Rule = (ticket: Common, facts: ProjectFacts) => Omit<CheckResult, 'check'>

const passed = (expected: string, actual: string, sentence: string) =>
  ({ outcome: 'passed', expected, actual, sentence }) as const
const failed = (expected: string, actual: string, sentence: string) =>
  ({ outcome: 'failed', expected, actual, sentence }) as const
const notApplicable = (sentence: string) =>
  ({ outcome: 'not_applicable', expected: 'nothing', actual: 'not checked', sentence }) as const

/** Infrastructure tickets and incidents without a DR are about a pole, a PON or a zone, not about a home. */
export const isAboutAHome = (ticket: Pick<Common, 'type' | 'place'>): boolean =>
  ticket.type !== 'infrastructure' && !(ticket.type === 'incident' && ticket.place.dr === null)

const photosExist: Rule = (ticket) => {
  const required = requiredSteps(ticket)
  const problems = required.flatMap((key) => {
    const step = ticket.steps.find((candidate) => candidate.key === key)
    if (currentPhoto(ticket, key) === undefined) return [`${key}: no photo`]
    const value = valueProblem(key, valueOfStep(ticket, key))
    if (value !== null) return [`${key}: ${value}`]
    return step?.complete ? [] : [`${key}: not completed`]
  })
  const expected = `${required.length} required steps complete, each with a current photo and its value`
  return problems.length === 0
    ? passed(expected, `${required.length} complete`, 'Every required step is complete.')
    : failed(expected, problems.join('; '), `${problems.length} of ${required.length} required steps are not complete.`)
}

const photoQuality: Rule = (ticket) => {
  const current = ticket.photos.filter((photo) => photo.current)
  const problems = current.flatMap((photo) =>
    blockingVerdicts(photo).map((verdict) => `${photo.step}: ${verdict.reason}`),
  )
  const expected = 'no blocking verdict on any current photo'
  if (problems.length > 0)
    return failed(expected, problems.join('; '), 'At least one photo cannot serve as evidence as it stands.')
  if (current.length === 0) return notApplicable('There is no photo to judge.')
  return passed(expected, `${current.length} photos without one`, 'Every current photo can serve as evidence.')
}

const populated =
  (field: 'dr' | 'pole' | 'pon' | 'zone', word: string): Rule =>
  (ticket, facts) => {
    const value = ticket.place[field]
    if (!isAboutAHome(ticket)) {
      if (field === 'dr' && value === null)
        return notApplicable('This ticket is not about one home, so it needs no DR.')
      const named = [ticket.place.pole, ticket.place.pon, ticket.place.zone, ticket.place.dr].some((v) => v !== null)
      if (value === null)
        return named
          ? notApplicable(`This ticket names no ${word}.`)
          : failed('at least one of pole, PON and zone', 'none', 'The ticket names no place at all.')
    }
    if (value === null) return failed(`a ${word}`, 'nothing', `The ${word} is not filled in.`)
    if (field === 'dr' && isAboutAHome(ticket) && drIsUnknown(ticket, facts))
      return failed('a DR that the SOW holds', value, `The SOW of this project does not hold ${value}.`)
    return passed(`a ${word}`, value, `The ${word} is filled in.`)
  }

const ontSerialRecorded: Rule = (ticket) => {
  const expected = 'vendor prefix and 8 hexadecimal digits'
  const serial = ticket.equipment.ontSerial
  if (!isAboutAHome(ticket)) return notApplicable('This ticket is not about one home, so it has no ONT.')
  if (serial === null) return failed(expected, 'nothing', 'No ONT serial is recorded.')
  return E.isRight(parseOntSerial(serial))
    ? passed(expected, serial, 'The ONT serial is recorded.')
    : failed(expected, serial, 'The recorded ONT serial is not a valid one.')
}

const plausible = (rx: number): boolean => rx >= PLAUSIBLE_RX.min && rx <= PLAUSIBLE_RX.max

const ontRxRecorded: Rule = (ticket) => {
  const expected = `a reading between ${PLAUSIBLE_RX.min} and 0 dBm`
  const rx = ticket.equipment.ontRx
  if (!isAboutAHome(ticket)) return notApplicable('This ticket is not about one home, so it has no RX level.')
  if (rx === null) return failed(expected, 'nothing', 'No RX level is recorded.')
  return plausible(rx)
    ? passed(expected, `${rx} dBm`, 'The RX level is recorded.')
    : failed(expected, `${rx} dBm`, 'The recorded RX level is not a plausible one: look at its sign.')
}

/** Both ends are within; the value is compared as it was read, not as it is shown. */
const ontRxWithinLimits: Rule = (ticket, facts) => {
  const expected = `${facts.rxMin} to ${facts.rxMax} dBm`
  const rx = ticket.equipment.ontRx
  if (!isAboutAHome(ticket)) return notApplicable('This ticket is not about one home, so it has no RX level.')
  if (rx === null) return failed(expected, 'nothing', 'Without an RX level its limits cannot hold.')
  return rx >= facts.rxMin && rx <= facts.rxMax
    ? passed(expected, `${rx} dBm`, 'The RX level is within the limits of the project.')
    : failed(expected, `${rx} dBm`, 'The RX level is outside the limits of the project.')
}

const describe = (answer: PlatformAnswer): string =>
  answer.disagreements.length === 0
    ? `${answer.platform}: ${answer.status}`
    : answer.disagreements
        .map(
          (d) =>
            `${d.platform} ${d.field}: ticket ${d.ticket ?? 'nothing'}, ${d.platform} ${d.platformValue ?? 'no such DR'}`,
        )
        .join('; ')

const spoken: { readonly [P in Platform]: string } = {
  sow: 'the SOW',
  sharepoint: 'SharePoint',
  tracker: 'the tracker',
}

const platformsAligned: Rule = (ticket, facts) => {
  if (!isAboutAHome(ticket)) return notApplicable('This ticket is not about one home; platforms are not compared.')
  const answers = platformAnswers(ticket, facts)
  const broken = answers.filter((a) => a.status === 'disagrees' || a.status === 'required_not_connected')
  const expected = 'SharePoint, SOW and tracker hold the same DR, pole, PON and zone as the ticket'
  const actual = answers.map(describe).join('; ')
  if (broken.length > 0)
    return failed(
      expected,
      actual,
      `The ticket does not agree with ${broken.map((a) => spoken[a.platform]).join(', ')}.`,
    )
  return answers.some((a) => a.status === 'aligned' || a.status === 'confirmed_by_hand')
    ? passed(expected, actual, 'Every platform that could be compared agrees with the ticket.')
    : { ...notApplicable('No platform could be compared.'), actual }
}

const faultAttributed: Rule = (ticket) => {
  const expected = 'a cause that a person has confirmed'
  if (!needsAttribution(ticket)) return notApplicable('This ticket needs no fault cause.')
  const { cause, confirmed, details } = ticket.fault
  if (cause === null || confirmed === null)
    return failed(
      expected,
      cause === null ? 'nothing' : `${cause}, not confirmed`,
      'No person has confirmed a fault cause.',
    )
  if (cause === 'unknown' && details === null)
    return failed(expected, 'unknown without details', 'An unknown cause needs details that say why.')
  return passed(expected, cause, 'A person has confirmed the fault cause.')
}

const rules: { readonly [C in ReadinessCheck]: Rule } = {
  photos_exist: photosExist,
  photo_quality: photoQuality,
  dr_populated: populated('dr', 'DR'),
  pole_populated: populated('pole', 'pole'),
  pon_populated: populated('pon', 'PON'),
  zone_populated: populated('zone', 'zone'),
  ont_serial_recorded: ontSerialRecorded,
  ont_rx_recorded: ontRxRecorded,
  ont_rx_within_limits: ontRxWithinLimits,
  platforms_aligned: platformsAligned,
  fault_attributed: faultAttributed,
}

export type Readiness = { readonly passed: boolean; readonly results: ReadonlyArray<CheckResult<ReadinessCheck>> }

/** Whether QA may start: every check with its outcome, expectation and finding. Nothing failed means ready. */
export const checkReadiness = (ticket: Common, facts: ProjectFacts): Readiness => {
  const results = READINESS_CHECKS.map((check) => ({ check, ...rules[check](ticket, facts) }))
  return { passed: results.every((result) => result.outcome !== 'failed'), results }
}
