import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { currentPhoto, keptValue, valueOfStep, valueProblem } from '../verification/complete-step.ts'
import { requiredSteps } from '../verification/required-steps.ts'
import { type Step, type StepKey, stepList } from '../verification/steps.ts'
import { voidAsBuilt } from './confirm-as-built.ts'
import { changingFacts } from './recheck.ts'
import type { TicketRefusal } from './refusals.ts'
import type { Common, FactsOpen, In, Ticket } from './ticket.ts'
import { type Decided, type Outcome, refuseIf, type Stamp, withWorker } from './transition.ts'

export type RecordStep = Stamp & {
  readonly step: StepKey
  /** The version of the step that the caller read. */
  readonly version: number
  readonly complete?: boolean
  /** Scanned serial, name, or the dBm reading as text. */
  readonly value?: string | null
  readonly notes?: string | null
  /** When it was done in the field. */
  readonly doneAt?: string | null
}

/** A technician records one step: its value, its notes, and that it is done; a step is done only with photo and value. */
export const recordStep = (command: RecordStep, facts: ProjectFacts): ((ticket: Ticket) => Decided) =>
  changingFacts(facts, command, `step ${command.step}`, (ticket) => {
    const before = stepOf(ticket, command.step)
    const complete = command.complete ?? before.complete
    return pipe(
      refuseIf(before.version !== command.version, {
        type: 'StepChanged',
        step: command.step,
        currentVersion: before.version,
      }),
      E.tap(() =>
        refuseIf(command.value != null && stepList[command.step].value === 'none', {
          type: 'StepTakesNoValue',
          step: command.step,
        }),
      ),
      E.flatMap(() => valueToKeep(command)),
      E.map((value) => recordValue(ticket, before, value, command.at)),
      E.tap((withValue) => (complete ? completable(withValue, command.step) : E.right(null))),
      E.map((withValue) => settle(ticket, withValue, command, complete)),
    )
  })

const stepOf = (ticket: Common, key: StepKey): Step => {
  const step = ticket.steps.find((candidate) => candidate.key === key)
  if (step === undefined) throw new Error(`ticket ${ticket.id} has no step ${key}`)
  return step
}

const completable = (ticket: Common, step: StepKey): E.Either<TicketRefusal, null> => {
  const needsPhoto = requiredSteps(ticket).includes(step) && currentPhoto(ticket, step) === undefined
  const problem = valueProblem(step, valueOfStep(ticket, step))
  return pipe(
    refuseIf(needsPhoto, { type: 'StepNeedsPhoto', step }),
    E.flatMap(() => refuseIf(problem !== null, { type: 'StepNeedsValue', step, problem: problem ?? '' })),
  )
}

const valueToKeep = ({ step, value }: RecordStep): E.Either<TicketRefusal, string | null | undefined> =>
  value == null
    ? E.right(value)
    : E.mapLeft((problem: string): TicketRefusal => ({ type: 'StepNeedsValue', step, problem }))(keptValue(step, value))

/** The reading of step 10 is the ticket's own; a scanned serial becomes it unless someone typed another one. */
const recordValue = <T extends In<FactsOpen>>(
  ticket: T,
  step: Step,
  value: string | null | undefined,
  at: string,
): T => {
  if (value === undefined) return ticket
  const kind = stepList[step.key].value
  if (kind === 'dbm')
    return { ...ticket, equipment: { ...ticket.equipment, ontRx: value === null ? null : Number(value) } }
  const scanned = { ...ticket, steps: replaced(ticket.steps, { ...step, value }) }
  const followsScan = (typed: string | null): boolean =>
    value !== null && value !== typed && (typed === null || typed === step.value)
  if (kind === 'ont_serial' && followsScan(ticket.equipment.ontSerial))
    return { ...scanned, equipment: { ...ticket.equipment, ontSerial: value, ontSerialAt: at } }
  if (kind === 'ups_serial' && followsScan(ticket.equipment.upsSerial))
    return { ...scanned, equipment: { ...ticket.equipment, upsSerial: value } }
  return scanned
}

const replaced = (steps: ReadonlyArray<Step>, step: Step): ReadonlyArray<Step> =>
  steps.map((known) => (known.key === step.key ? step : known))

const settle = (
  before: In<FactsOpen>,
  ticket: In<FactsOpen>,
  { step: key, at, by, notes, doneAt }: RecordStep,
  complete: boolean,
): Outcome => {
  const old = stepOf(before, key)
  const valueChanged = valueOfStep(before, key) !== valueOfStep(ticket, key)
  const justDone = complete && !old.complete
  const step: Step = {
    ...stepOf(ticket, key),
    complete,
    doneAt: !complete ? null : (doneAt ?? old.doneAt ?? at),
    completedAt: !complete ? null : (old.completedAt ?? at),
    completedBy: !complete ? null : (old.completedBy ?? by),
    notes: notes === undefined ? old.notes : notes,
    verdict: valueChanged || complete !== old.complete ? null : old.verdict,
    version: old.version + 1,
  }
  if (JSON.stringify({ ...step, version: old.version }) === JSON.stringify(old) && !valueChanged) return [before, []]
  const serialSet = before.equipment.ontSerial !== ticket.equipment.ontSerial
  const voided = voidAsBuilt(before, serialSet ? ['ont_serial'] : [], { at, by })
  return [
    {
      ...ticket,
      steps: replaced(ticket.steps, step),
      asBuilt: voided.length > 0 ? null : ticket.asBuilt,
      workedBy: justDone ? withWorker(ticket.workedBy, by) : ticket.workedBy,
    },
    [{ type: 'StepRecorded', step: key, complete, doneAt: step.doneAt, valueChanged, at, by }, ...voided],
  ]
}
