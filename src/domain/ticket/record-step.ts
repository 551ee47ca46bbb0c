import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import { currentPhoto, valueOfStep, valueProblem } from '../verification/complete-step.ts'
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
    const withValue = recordValue(ticket, before, command)
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
      E.tap(() => (complete ? completable(withValue, command.step) : E.right(null))),
      E.map(() => settle(ticket, withValue, command, complete)),
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

/** The scanned serial of steps 8 and 9 and the reading of step 10 are also the ticket's own when it has none. */
const recordValue = <T extends In<FactsOpen>>(ticket: T, step: Step, { value, at }: RecordStep): T => {
  if (value === undefined) return ticket
  const kind = stepList[step.key].value
  const equipment =
    kind === 'dbm'
      ? { ...ticket.equipment, ontRx: value === null ? null : Number(value) }
      : kind === 'ont_serial' && ticket.equipment.ontSerial === null && value !== null
        ? { ...ticket.equipment, ontSerial: value, ontSerialAt: at }
        : kind === 'ups_serial' && value !== null
          ? { ...ticket.equipment, upsSerial: value }
          : ticket.equipment
  const stored = kind === 'dbm' ? step.value : value
  return { ...ticket, equipment, steps: replaced(ticket.steps, { ...step, value: stored }) }
}

export const replaced = (steps: ReadonlyArray<Step>, step: Step): ReadonlyArray<Step> =>
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
