import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { TicketEvent } from './events.ts'
import type { AsBuilt, Common, To } from './ticket.ts'
import { refuseIf, requireText, type Stamp, transition } from './transition.ts'

export type ConfirmAsBuilt = Stamp & { readonly confirmedAt: string; readonly document: string }

/** Someone stands behind the drawing: what was built is what the records say, by this document. */
export const confirmAsBuilt = ({ at, by, confirmedAt, document }: ConfirmAsBuilt) =>
  transition('confirm_as_built', (ticket) =>
    pipe(
      requireText('document', document),
      E.tap(() => refuseIf(confirmedAt > at, { type: 'AsBuiltInFuture', at: confirmedAt })),
      E.map((name) => {
        const asBuilt = { by, at: confirmedAt, document: name }
        if (sameAs(ticket.asBuilt, asBuilt)) return [ticket, []]
        const next: To<'confirm_as_built'> = { ...ticket, asBuilt }
        return [next, [{ type: 'AsBuiltConfirmed', asBuilt, at, by }]]
      }),
    ),
  )

const sameAs = (a: AsBuilt | null, b: AsBuilt): boolean =>
  a !== null && a.by === b.by && a.at === b.at && a.document === b.document

/** A later change of DR, pole, PON, zone or serial voids the confirmation. */
export const voidAsBuilt = (
  ticket: Common,
  changed: ReadonlyArray<string>,
  { at, by }: Pick<Stamp, 'at' | 'by'>,
): ReadonlyArray<TicketEvent> => {
  const because = changed.filter((field) =>
    ['dr_number', 'pole_number', 'pon_number', 'zone_no', 'ont_serial'].includes(field),
  )
  return ticket.asBuilt !== null && because.length > 0 ? [{ type: 'AsBuiltVoided', because, at, by }] : []
}
