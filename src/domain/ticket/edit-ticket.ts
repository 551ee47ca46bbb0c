import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ProjectFacts } from '../readiness/readiness.ts'
import type { Step } from '../verification/steps.ts'
import { voidAsBuilt } from './confirm-as-built.ts'
import type { FieldChange, TicketEvent } from './events.ts'
import { changingFacts, frozen, isOpenToFacts } from './recheck.ts'
import type { TicketRefusal } from './refusals.ts'
import type { Common, Place, PlaceConfirmation, Priority, Ticket, TicketType } from './ticket.ts'
import { type Decided, refuseIf, requireText, type Stamp } from './transition.ts'

/** What may be edited. A field left out stays as it is. */
export type Edit = {
  readonly title?: string
  readonly description?: string | null
  readonly address?: string | null
  readonly gps?: Common['gps']
  readonly priority?: Priority
  readonly type?: TicketType
  readonly place?: Partial<Place>
  readonly ontSerial?: string | null
  readonly ontRx?: number | null
  readonly ontModel?: string | null
  readonly upsSerial?: string | null
  readonly externalId?: string | null
  /** A manager's reason for a place the connected SOW does not know. */
  readonly confirmPlace?: string
}
export type EditTicket = Stamp & { readonly edit: Edit }

/** Personal text stays correctable in every state and is named in the history, never copied into it. */
const personal = { title: 'title', description: 'description', address: 'address', gps: 'gps_coordinates' } as const
const placeFields = { dr: 'dr_number', pole: 'pole_number', pon: 'pon_number', zone: 'zone_no' } as const
const equipmentFields = {
  ontSerial: 'ont_serial',
  ontRx: 'ont_rx_level',
  ontModel: 'ont_model',
  upsSerial: 'ups_serial',
} as const

/** Corrects what is written on a ticket. Facts only before QA; title, address and other personal text always. */
export const editTicket =
  (command: EditTicket, facts: ProjectFacts) =>
  (ticket: Ticket): Decided =>
    pipe(
      command.edit.title === undefined ? E.right(null) : E.map(() => null)(requireText('title', command.edit.title)),
      E.flatMap(() => typeRefusal(ticket, command.edit)),
      E.flatMap(() => confirmationRefusal(ticket, command.edit)),
      E.flatMap(() => {
        const [next, changes, events] = apply(ticket, command)
        if (changes.length === 0 && events.length === 0) return E.right([ticket, []] as const)
        const happened: ReadonlyArray<TicketEvent> = [
          ...(changes.length === 0 ? [] : [{ type: 'FactsChanged', changes, at: command.at, by: command.by } as const]),
          ...events,
        ]
        const onlyPersonal = events.length === 0 && changes.every((change) => isPersonal(change.field))
        if (onlyPersonal) return E.right([next, happened] as const)
        const onlyWorkflow = changes.every(
          (change) => isPersonal(change.field) || change.field === 'priority' || change.field === 'external_id',
        )
        if (onlyWorkflow && events.length === 0)
          return isFinished(ticket) ? E.left(frozen(ticket)) : E.right([next, happened] as const)
        return changingFacts(facts, command, 'edited facts', () => E.right([next, happened]))(ticket)
      }),
    )

const isPersonal = (field: string): boolean => (Object.values(personal) as ReadonlyArray<string>).includes(field)
const isFinished = (ticket: Ticket): boolean => ['handed_to_maintenance', 'closed', 'cancelled'].includes(ticket.status)

const typeRefusal = (ticket: Ticket, { type, place }: Edit): E.Either<TicketRefusal, null> => {
  const to = type ?? ticket.type
  const dr = place?.dr === undefined ? ticket.place.dr : place.dr
  return pipe(
    refuseIf(to !== ticket.type && (to === 'infrastructure' || ticket.type === 'infrastructure'), {
      type: 'TypeIsFixed',
      from: ticket.type,
      to,
      why: 'infrastructure',
    }),
    E.flatMap(() =>
      refuseIf(to !== ticket.type && wasStarted(ticket), {
        type: 'TypeIsFixed',
        from: ticket.type,
        to,
        why: 'work_started',
      }),
    ),
    E.flatMap(() =>
      refuseIf(
        dr === null &&
          (ticket.place.dr !== null || (ticket.type === 'incident' && to !== 'incident')) &&
          to !== 'incident' &&
          to !== 'infrastructure' &&
          isOpenToFacts(ticket),
        { type: 'DrRequired', ticketType: to },
      ),
    ),
  )
}

/** An assigned ticket can be on hold and never have been started, so the history says it and not the status. */
const wasStarted = (ticket: Ticket): boolean => ticket.history.some((change) => change.status === 'in_progress')

/** A manager's word for a place is a word for all of it, with a reason. */
const confirmationRefusal = (ticket: Ticket, { confirmPlace, place }: Edit): E.Either<TicketRefusal, null> => {
  if (confirmPlace === undefined) return E.right(null)
  const confirmed: Place = { ...ticket.place, ...place }
  const missing = (['dr', 'pole', 'pon', 'zone'] as const).filter((field) => confirmed[field] === null)
  return pipe(
    requireText('confirm_place', confirmPlace),
    E.flatMap(() => refuseIf(missing.length > 0, { type: 'PlaceIncomplete', missing })),
  )
}

/** The differences between two records, field by field; `fields` names each under its column. */
const changed = (
  fields: Readonly<Record<string, string>>,
  before: object,
  after: object,
  silent = false,
): ReadonlyArray<FieldChange> => {
  const was = before as Readonly<Record<string, unknown>>
  const is = after as Readonly<Record<string, unknown>>
  return Object.entries(fields).flatMap(([key, field]) =>
    is[key] === undefined || JSON.stringify(is[key]) === JSON.stringify(was[key])
      ? []
      : [{ field, from: silent ? null : was[key], to: silent ? null : is[key] }],
  )
}

/** A verdict on the power meter's reading says nothing of another reading. */
const withoutReadingVerdict = (step: Step): Step =>
  step.key === 'power_meter_reading' && step.verdict !== null
    ? { ...step, verdict: null, version: step.version + 1 }
    : step

const apply = (
  ticket: Ticket,
  { edit, at, by }: EditTicket,
): readonly [Ticket, ReadonlyArray<FieldChange>, ReadonlyArray<TicketEvent>] => {
  const places = changed(placeFields, ticket.place, edit.place ?? {})
  const equipment = changed(equipmentFields, ticket.equipment, edit)
  const changes = [
    ...changed(personal, ticket, edit, true),
    ...changed({ priority: 'priority', type: 'ticket_type', externalId: 'external_id' }, ticket, edit),
    ...places,
    ...equipment,
  ]
  const voided = voidAsBuilt(
    ticket,
    [...places, ...equipment].map((change) => change.field),
    { at, by },
  )
  const confirmed: PlaceConfirmation | null =
    edit.confirmPlace === undefined ? null : { by, at, reason: edit.confirmPlace.trim() }
  const rxChanged = equipment.some((change) => change.field === 'ont_rx_level')
  const serialChanged = equipment.some((change) => change.field === 'ont_serial')
  const next: Ticket = {
    ...ticket,
    title: edit.title?.trim() ?? ticket.title,
    description: edit.description === undefined ? ticket.description : edit.description,
    address: edit.address === undefined ? ticket.address : edit.address,
    gps: edit.gps === undefined ? ticket.gps : edit.gps,
    priority: edit.priority ?? ticket.priority,
    type: edit.type ?? ticket.type,
    externalId: edit.externalId === undefined ? ticket.externalId : edit.externalId,
    place: { ...ticket.place, ...edit.place },
    placeConfirmed: confirmed ?? (places.length > 0 ? null : ticket.placeConfirmed),
    equipment: {
      ontSerial: edit.ontSerial === undefined ? ticket.equipment.ontSerial : edit.ontSerial,
      ontSerialAt: serialChanged ? at : ticket.equipment.ontSerialAt,
      ontRx: edit.ontRx === undefined ? ticket.equipment.ontRx : edit.ontRx,
      ontModel: edit.ontModel === undefined ? ticket.equipment.ontModel : edit.ontModel,
      upsSerial: edit.upsSerial === undefined ? ticket.equipment.upsSerial : edit.upsSerial,
    },
    steps: rxChanged ? ticket.steps.map(withoutReadingVerdict) : ticket.steps,
    asBuilt: voided.length > 0 ? null : ticket.asBuilt,
  }
  const confirmation: ReadonlyArray<TicketEvent> =
    edit.confirmPlace === undefined ? [] : [{ type: 'PlaceConfirmed', reason: edit.confirmPlace.trim(), at, by }]
  return [next, changes, [...voided, ...confirmation]]
}
