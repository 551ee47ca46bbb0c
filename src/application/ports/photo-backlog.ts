import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Instant } from '../../domain/shared/time.ts'
import type { TicketId } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'

export type PhotoToJudge = { readonly ticketId: TicketId; readonly photoId: string }

/** A checker by name and version. */
export type Checker = { readonly checker: string; readonly version: string }

/** `hashed`: it is known to later photos already, but its own look-alikes were never told. */
export type PhotoToCompare = PhotoToJudge & { readonly hashed: boolean }

/** Photos that this program has not judged, or not to the end; none of an erased client's, which cannot be opened any more. */
export type PhotoBacklog = {
  /**
   * Current photos, of tickets whose facts may still change, that this checker has not opened or found undecodable: in
   * the order of their ids, those behind `after`.
   */
  readonly notJudgedBy: (
    checker: Checker,
    after: string | null,
    limit: number,
  ) => TaskEither<Unavailable, ReadonlyArray<PhotoToJudge>>
  /**
   * Current photos, of tickets whose facts may still change, whose opening or comparing broke off at `since` or later and
   * has not come to an end: in the order of their ids, those behind `after`.
   */
  readonly unfinishedSince: (
    since: Instant,
    after: string | null,
    limit: number,
  ) => TaskEither<Unavailable, ReadonlyArray<PhotoToJudge>>
  /**
   * Photos of any ticket, deleted or finished too, that were never looked at for their hashes, and current ones of tickets
   * still reviewed whose search for look-alikes never came to an end: in the order of their ids, those behind `after`.
   */
  readonly notCompared: (after: string | null, limit: number) => TaskEither<Unavailable, ReadonlyArray<PhotoToCompare>>
}
