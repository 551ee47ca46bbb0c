import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type AttributeFault, attributeFault } from '../../domain/fault/attribute-fault.ts'
import type { InstalledOn } from '../../domain/guarantee/guarantee.ts'
import type { Platform } from '../../domain/readiness/readiness.ts'
import { acceptRisk } from '../../domain/risk/accept-risk.ts'
import type { NewRisk } from '../../domain/risk/new-risk.ts'
import { resolveRisk } from '../../domain/risk/resolve-risk.ts'
import { type ReviewRisk, reviewRisk } from '../../domain/risk/review-risk.ts'
import { type ClassifyBilling, classifyBilling } from '../../domain/ticket/classify-billing.ts'
import { completeSteps } from '../../domain/ticket/complete-steps.ts'
import { type Edit, editTicket } from '../../domain/ticket/edit-ticket.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import { clearReuse, overrideVerdict } from '../../domain/ticket/judge-photo.ts'
import { type RecordStep, recordStep } from '../../domain/ticket/record-step.ts'
import { runReadinessCheck } from '../../domain/ticket/run-readiness-check.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import type { Stamp } from '../../domain/ticket/transition.ts'
import { waivePlatform, withdrawWaiver } from '../../domain/ticket/waive-platform.ts'
import { type ChangeDeps, type ChangeOptions, changeTicket, nothingMore, type Target } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Action } from '../permissions.ts'
import type { Client, Stored } from '../ports/ticket-store.ts'

/** The data of a command, without who, when and which id: those come from the caller and the clock. */
type Said<C extends Stamp> = Omit<C, keyof Stamp>
type Decide = ChangeOptions<null>['decide']

const simply = (action: Action, decide: Decide, more: Partial<ChangeOptions<null>> = {}): ChangeOptions<null> => ({
  action,
  gather: nothingMore,
  decide,
  ...more,
})

/** What may be edited, the client's details included. */
export type EditWithClient = Edit & { readonly client?: Partial<Client> }

const nobody: Client = { name: null, phone: null, email: null }

/** That the client's details were corrected, and which; never what they are. */
const clientChanged = (
  known: Client | null,
  client: Partial<Client> | undefined,
  { at, by }: Stamp,
): ReadonlyArray<TicketEvent> => {
  const fields = (['name', 'phone', 'email'] as const).filter(
    (field) => client?.[field] !== undefined && client[field] !== (known?.[field] ?? null),
  )
  const changes = fields.map((field) => ({ field: `client_${field}`, from: null, to: null }))
  return changes.length === 0 ? [] : [{ type: 'FactsChanged', changes, at, by }]
}

/** Changes of one ticket that are no step of its lifecycle, each with the action it needs and the rule that decides it. */
export const ticketChanges = (deps: ChangeDeps) => {
  const change = changeTicket(deps)
  const on = (target: Target, options: ChangeOptions<null>): TE.TaskEither<AppError, Stored> => change(target, options)
  return {
    edit: (target: Target, { client, ...edit }: EditWithClient) =>
      change<InstalledOn | null>(target, {
        action: 'edit_ticket',
        gather: ({ ticket, installed }) => {
          const dr = edit.place?.dr
          return dr === undefined || dr === ticket.place.dr
            ? TE.right(installed)
            : pipe(
                deps.tickets.context(ticket.projectId, dr),
                TE.map((context) => context.installed),
              )
        },
        installed: (found) => found,
        decide: ({ ticket, facts, client: known }, stamp) =>
          pipe(
            editTicket({ ...stamp, edit }, facts)(ticket),
            E.map(([next, events]) => [next, [...events, ...clientChanged(known, client, stamp)]] as const),
          ),
        client: ({ client: known }) => (client === undefined ? null : { ...nobody, ...known, ...client }),
        drs: edit.place?.dr == null ? [] : [edit.place.dr],
      }),
    recordStep: (target: Target, step: Said<RecordStep>) =>
      on(
        target,
        simply('record_step', ({ ticket, facts }, stamp) => recordStep({ ...step, ...stamp }, facts)(ticket)),
      ),
    completeSteps: (target: Target) =>
      on(
        target,
        simply('record_step', ({ ticket, facts }, stamp) => completeSteps(stamp, facts)(ticket)),
      ),
    /** `id` is made by the client: the same run asked for twice is one run, whatever has become of the ticket since. */
    runReadiness: (target: Target, id: string | null) =>
      change<boolean>(target, {
        action: 'run_readiness',
        gather: ({ ticket }) => (id === null ? TE.right(false) : deps.tickets.hasRun(ticket.id, id)),
        decide: ({ ticket, facts }, stamp, isKnown) =>
          isKnown ? E.right([ticket, []]) : runReadinessCheck(stamp, facts)(ticket),
        ...(id === null ? {} : { id }),
      }),
    attributeFault: (target: Target, said: Said<AttributeFault>) =>
      on(target, {
        ...simply('attribute_fault', ({ ticket, facts }, stamp) =>
          attributeFault({ ...said, ...stamp }, facts)(ticket),
        ),
        action: ({ ticket }) => (touchesWorkmanship(ticket, said) ? 'attribute_workmanship' : 'attribute_fault'),
      }),
    acceptRisk: (target: Target, risk: NewRisk) =>
      on(
        target,
        simply('accept_risk', ({ ticket, settings }, stamp) =>
          acceptRisk({ ...stamp, risk, maxRiskDays: settings.maxRiskDays })(ticket),
        ),
      ),
    resolveRisk: (target: Target, riskId: string, notes: string) =>
      on(
        target,
        simply('resolve_risk', ({ ticket }, stamp) => resolveRisk({ ...stamp, riskId, notes })(ticket)),
      ),
    /** `id` is made by the client: the same review sent twice is one review. */
    reviewRisk: (target: Target, { id, ...review }: Said<ReviewRisk> & { readonly id: string | null }) =>
      on(
        target,
        simply(
          'review_risk',
          ({ ticket }, stamp) => reviewRisk({ ...review, ...stamp })(ticket),
          id === null ? {} : { id },
        ),
      ),
    waive: (target: Target, platform: Platform, reason: string) =>
      on(
        target,
        simply('waive_platform', ({ ticket, facts }, stamp) =>
          waivePlatform({ ...stamp, platform, reason }, facts)(ticket),
        ),
      ),
    withdrawWaiver: (target: Target, platform: Platform, reason: string) =>
      on(
        target,
        simply('waive_platform', ({ ticket, facts }, stamp) =>
          withdrawWaiver({ ...stamp, platform, reason }, facts)(ticket),
        ),
      ),
    overrideVerdict: (target: Target, photoId: string, check: string, reason: string) =>
      on(
        target,
        simply('override_verdict', ({ ticket, facts }, stamp) =>
          overrideVerdict({ ...stamp, photoId, check, reason }, facts)(ticket),
        ),
      ),
    clearReuse: (target: Target, photoId: string, reason: string) =>
      on(
        target,
        simply('clear_reuse', ({ ticket, facts }, stamp) => clearReuse({ ...stamp, photoId, reason }, facts)(ticket)),
      ),
    classifyBilling: (target: Target, said: Said<ClassifyBilling>) =>
      on(
        target,
        simply('classify_billing', ({ ticket }, stamp) => classifyBilling({ ...said, ...stamp })(ticket)),
      ),
  }
}
export type TicketChanges = ReturnType<typeof ticketChanges>

/** A technician may say any cause but workmanship, and may not take that one away again. */
const touchesWorkmanship = (ticket: Ticket, { cause }: Pick<AttributeFault, 'cause'>): boolean =>
  cause === 'workmanship' || ticket.fault.cause === 'workmanship'
