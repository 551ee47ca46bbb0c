import * as E from 'fp-ts/lib/Either.js'
import { blockingChecks } from '../../src/domain/evidence/evidence.ts'
import type { Photo } from '../../src/domain/evidence/photo.ts'
import { attributeFault } from '../../src/domain/fault/attribute-fault.ts'
import { needsAttribution } from '../../src/domain/fault/needs-attribution.ts'
import type { GateFacts } from '../../src/domain/handover/gate.ts'
import { isAboutAHome } from '../../src/domain/readiness/check-readiness.ts'
import type { PlatformRow, ProjectFacts } from '../../src/domain/readiness/readiness.ts'
import { plusMs } from '../../src/domain/shared/time.ts'
import { type AddPhoto, addPhoto } from '../../src/domain/ticket/add-photo.ts'
import { createTicket, type NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import { editTicket } from '../../src/domain/ticket/edit-ticket.ts'
import { recordStep } from '../../src/domain/ticket/record-step.ts'
import type { TicketRefusal } from '../../src/domain/ticket/refusals.ts'
import type { Common, In, Ticket, TicketStatus, TicketType } from '../../src/domain/ticket/ticket.ts'
import type { Decided, Stamp } from '../../src/domain/ticket/transition.ts'
import { requiredSteps } from '../../src/domain/verification/required-steps.ts'
import { STEP_KEYS, type StepKey, stepList } from '../../src/domain/verification/steps.ts'

/** Monday 2 March 2026, 10:00 in Johannesburg. */
export const AT = '2026-03-02T08:00:00.000Z'
export const TECHNICIAN = 'thandi'
export const REVIEWER = 'rashid'
export const LEAD = 'lerato'
export const MANAGER = 'mpho'
export const CONTRACTOR = 'contractor-1'

export const stamp = (by: string = MANAGER, at: string = AT, id = `run-${by}-${at}`): Stamp => ({ id, at, by })

export const PLACE = { dr: 'DR1729500', pole: 'LAW.P.A002', pon: '7', zone: '12' } as const
export const SERIAL = 'ALCLB465A671'
export const UPS = 'GU18W12V12345678'

export const sowRow = (row: Partial<PlatformRow> = {}): PlatformRow => ({
  platform: 'sow',
  ...PLACE,
  ontSerial: null,
  spare: false,
  asOf: AT,
  ...row,
})

const notConnected = { connected: false, carries: [] } as const
const carriesAll = { connected: true, carries: ['pole', 'pon', 'zone', 'ont_serial'] } as const

/** A project with a connected SOW that holds the usual drop, and nothing else. */
export const facts = (changed: Partial<ProjectFacts> = {}): ProjectFacts => ({
  version: 1,
  rxMin: -25,
  rxMax: -10,
  requiredPlatforms: [],
  platforms: { sow: carriesAll, sharepoint: notConnected, tracker: notConnected },
  rows: [sowRow()],
  ...changed,
})
export const noPlatforms: ProjectFacts['platforms'] = {
  sow: notConnected,
  sharepoint: notConnected,
  tracker: notConnected,
}
export const withTracker: ProjectFacts['platforms'] = { ...noPlatforms, tracker: carriesAll }

export const newTicket = (said: Partial<NewTicket> = {}): NewTicket => ({
  id: 'ticket-1',
  uid: 'FT1000001',
  projectId: 'lawley',
  type: 'maintenance',
  source: 'manual',
  externalId: null,
  importKey: null,
  priority: 'normal',
  title: 'No light on the ONT',
  description: null,
  address: null,
  gps: null,
  place: PLACE,
  equipment: { ontSerial: SERIAL, ontRx: -18.25, ontModel: null, upsSerial: null },
  cause: 'third_party',
  component: null,
  causeDetails: 'Trench cut by roadworks',
  paperwork: false,
  weeklyNote: null,
  followUpOf: null,
  assignment: null,
  stepOverrides: {},
  sourceCreatedAt: null,
  stepIds: STEP_KEYS.map((key) => `step-${key}`),
  ...said,
})

export const ok = <T>(decided: E.Either<TicketRefusal, readonly [T, unknown]>): T => {
  if (E.isLeft(decided)) throw new Error(`refused: ${JSON.stringify(decided.left)}`)
  return decided.right[0]
}

export const refused = (decided: E.Either<TicketRefusal, unknown>): TicketRefusal => {
  if (E.isRight(decided)) throw new Error('was not refused')
  return decided.left
}

export const eventsOf = <X>(
  decided: E.Either<TicketRefusal, readonly [unknown, ReadonlyArray<X>]>,
): ReadonlyArray<X> => {
  if (E.isLeft(decided)) throw new Error(`refused: ${JSON.stringify(decided.left)}`)
  return decided.right[1]
}

/** The ticket as it stands, when it stands in that state. */
export const as = <S extends TicketStatus>(status: S, ticket: Ticket): In<S> => {
  if (ticket.status !== status) throw new Error(`is ${ticket.status}, not ${status}`)
  return ticket as In<S>
}

export const begin = (said: Partial<NewTicket> = {}, by: string = MANAGER, byAPerson = true): Ticket =>
  ok(createTicket({ ...stamp(by), byAPerson, ticket: newTicket(said) }))

/** Photos that nothing speaks against; each id has its own bytes. */
export const photo = (step: StepKey, id = `photo-${step}`): AddPhoto['photo'] => ({
  id,
  step,
  filename: `${id}.jpg`,
  mime: 'image/jpeg',
  width: 1200,
  height: 900,
  object: {
    bucket: 'evidence',
    name: `evidence/${id}.jpg`,
    generation: '1',
    size: 1000,
    sha256: `sha-of-${id}`,
    stored: null,
  },
  copies: null,
  capturedAt: null,
  doneAt: null,
  verdicts: verdicts('pass'),
})

export const verdicts = (reuse: 'pass' | 'block', size: 'pass' | 'block' = 'pass', at = AT): Photo['verdicts'] =>
  blockingChecks.map((check) => ({
    check,
    outcome: check === 'reuse' ? reuse : check === 'size' ? size : 'pass',
    checker: 'basic',
    version: '1',
    at,
    reason: `${check} was looked at`,
    evidence: {},
  }))

/** A command on the ticket that must not be refused. */
export type Step = (ticket: Ticket) => Decided
export const through = (ticket: Ticket, ...steps: ReadonlyArray<Step>): Ticket =>
  steps.reduce((before, step) => ok(step(before)), ticket)

export const adding = (
  picture: AddPhoto['photo'],
  by: string = TECHNICIAN,
  at: string = AT,
  known: ProjectFacts = facts(),
): Step => addPhoto({ ...stamp(by, at), photo: picture, limitBytes: 300_000_000, usedBytes: 0 }, known)

const valueFor = (step: StepKey): string | undefined => {
  switch (stepList[step].value) {
    case 'ont_serial':
      return SERIAL
    case 'ups_serial':
      return UPS
    case 'dbm':
      return '-18.25'
    case 'name':
      return 'Client Name'
    case 'none':
      return undefined
  }
}

export const versionOf = (ticket: Pick<Common, 'steps'>, key: StepKey): number =>
  ticket.steps.find((step) => step.key === key)?.version ?? 0

export const recording =
  (
    step: StepKey,
    said: { complete?: boolean; value?: string | null; notes?: string | null } = {},
    by = TECHNICIAN,
    at = AT,
  ): Step =>
  (ticket) =>
    recordStep({ ...stamp(by, at), step, version: versionOf(ticket, step), ...said }, facts())(ticket)

/** Everything the work itself must prove, in the order a technician would do it. */
export const evidence = (
  ticket: Ticket,
  by: string = TECHNICIAN,
  at: string = AT,
  known = facts(),
): ReadonlyArray<Step> =>
  requiredSteps(ticket).flatMap((step): ReadonlyArray<Step> => {
    const value = valueFor(step)
    const has = ticket.photos.some(
      (one) => one.step === step && one.current && one.verdicts.every((v) => v.outcome === 'pass'),
    )
    return [
      ...(has ? [] : [adding(photo(step, `photo-${step}-${ticket.photos.length}`), by, at, known)]),
      (now) =>
        recordStep(
          {
            ...stamp(by, at),
            step,
            version: versionOf(now, step),
            complete: true,
            ...(value === undefined ? {} : { value }),
          },
          known,
        )(now),
    ]
  })

/** Whatever the readiness check would still miss: place, serial, reading, cause and evidence. */
export const makingReady = (
  ticket: Ticket,
  by: string = TECHNICIAN,
  at: string = AT,
  known = facts(),
): ReadonlyArray<Step> => [
  editTicket(
    {
      ...stamp(by, at),
      edit: isAboutAHome(ticket) ? { place: PLACE, ontSerial: SERIAL, ontRx: -18.25 } : { place: { pole: PLACE.pole } },
    },
    known,
  ),
  ...(needsAttribution(ticket)
    ? [
        attributeFault(
          { ...stamp(by, at), cause: 'unknown', component: null, details: 'No trace found', reason: 'Site visit' },
          known,
        ),
      ]
    : []),
  ...evidence(ticket, by, at, known),
]

/** What storage and directory answer when all is well. */
export const gateFacts = (ticket: Pick<Common, 'photos'>, changed: Partial<GateFacts> = {}): GateFacts => ({
  project: facts(),
  archive: ticket.photos.map(({ id, object }) => ({
    photoId: id,
    state: 'stored',
    found: object.sha256,
    retention: 'hold',
  })),
  assignment: { contractorKnown: true, technicianIsOurOwn: false, teamIsOurOwn: false },
  ...changed,
})

export const later = (minutes: number): string => plusMs(AT, minutes * 60_000)

export const TYPES_OF_WORK: ReadonlyArray<Partial<NewTicket> & { readonly type: TicketType }> = [
  { type: 'maintenance' },
  { type: 'new_installation', cause: null, causeDetails: null },
  { type: 'modification', cause: null, causeDetails: null },
  { type: 'ont_swap', cause: null, causeDetails: null },
  { type: 'incident' },
  { type: 'incident', place: { dr: null, pole: PLACE.pole, pon: null, zone: null } },
  {
    type: 'infrastructure',
    source: 'system',
    cause: null,
    causeDetails: null,
    place: { ...PLACE, dr: null, zone: null },
  },
  { type: 'maintenance', source: 'weekly_report', paperwork: true, weeklyNote: 2, cause: null, causeDetails: null },
  { type: 'maintenance', source: 'weekly_report', paperwork: true, weeklyNote: 4, cause: null, causeDetails: null },
  { type: 'maintenance', source: 'system', cause: 'unknown', causeDetails: 'Risk of ticket FT1000009' },
]
