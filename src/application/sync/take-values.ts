import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { isFact, type SyncField, type Value, type Values } from '../../domain/sync/fields.ts'
import { type Edit, editTicket } from '../../domain/ticket/edit-ticket.ts'
import type { TicketEvent } from '../../domain/ticket/events.ts'
import type { Place, TicketId } from '../../domain/ticket/ticket.ts'
import { type ChangeDeps, changeTicket } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Client, ProjectContext, Stored } from '../ports/ticket-store.ts'
import type { Principal } from '../principal.ts'
import { filledFromSow } from '../ticket/create-ticket.ts'

const CLIENT = { client_name: 'name', client_phone: 'phone', client_email: 'email' } as const
const isClientField = (field: SyncField): field is keyof typeof CLIENT => field in CLIENT

/**
 * Corrects a ticket by what QContact says of it. A fact that is frozen refuses it; on a pending ticket the check runs
 * again. Another drop brings the place that the design has for it.
 */
export const takeValues =
  (deps: ChangeDeps) =>
  (principal: Principal, ticketId: TicketId, values: Values): TE.TaskEither<AppError, Stored> =>
    changeTicket(deps)<ProjectContext | null>(
      { ticketId, principal, version: null },
      {
        action: 'take_from_qcontact',
        gather: ({ ticket }) =>
          values.dr_number == null ? TE.right(null) : deps.tickets.context(ticket.projectId, values.dr_number),
        decide: (stored, stamp, found) =>
          pipe(
            editTicket({ ...stamp, edit: editOf(values, stored.ticket.place, found) }, stored.facts)(stored.ticket),
            E.map(([next, events]) => [next, [...events, ...clientChanged(stored, values, stamp)]] as const),
          ),
        installed: (found) => found?.installed ?? null,
        client: (stored) => (Object.keys(values).some((field) => field in CLIENT) ? clientWith(stored, values) : null),
        drs: values.dr_number == null ? [] : [values.dr_number],
      },
    )

/** Where it was not known which drop it is, what people said of the place stays; another drop hangs elsewhere. */
const placeOf = (dr: string, before: Place): Place =>
  before.dr === null ? { ...before, dr } : { dr, pole: null, pon: null, zone: null }

const editOf = (values: Values, before: Place, found: ProjectContext | null): Edit => {
  const { address, description, dr_number: dr, ont_serial: ontSerial } = values
  return {
    ...(address === undefined ? {} : { address }),
    ...(description === undefined ? {} : { description }),
    ...(ontSerial === undefined ? {} : { ontSerial }),
    ...(dr == null || found === null ? {} : { place: filledFromSow(placeOf(dr, before), found) }),
  }
}

const nobody: Client = { name: null, phone: null, email: null }

const clientWith = ({ client }: Stored, values: Values): Client => ({
  ...nobody,
  ...client,
  ...Object.fromEntries(
    Object.entries(values).flatMap(([field, value]) =>
      isClientField(field as SyncField) ? [[CLIENT[field as keyof typeof CLIENT], value]] : [],
    ),
  ),
})

/** That the client's details were corrected, and which; never what they are. */
const clientChanged = (
  { client }: Stored,
  values: Values,
  { at, by }: { readonly at: string; readonly by: string },
): ReadonlyArray<TicketEvent> => {
  const changes = Object.keys(values).flatMap((field) =>
    isClientField(field as SyncField) &&
    values[field as SyncField] !== (client?.[CLIENT[field as keyof typeof CLIENT]] ?? null)
      ? [{ field, from: null, to: null }]
      : [],
  )
  return changes.length === 0 ? [] : [{ type: 'FactsChanged', changes, at, by }]
}

/** Facts can be refused one by one; what is personal is taken together. */
export const inPortions = (values: Values): ReadonlyArray<Values> => {
  const entries = Object.entries(values) as ReadonlyArray<readonly [SyncField, Value]>
  const personal = entries.filter(([field]) => !isFact(field))
  const facts = entries.filter(([field]) => isFact(field)).map((entry) => Object.fromEntries([entry]) as Values)
  return personal.length === 0 ? facts : [Object.fromEntries(personal) as Values, ...facts]
}
