import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Coordinates, PhotoAnalysis } from '../../domain/evidence/evidence.ts'
import type { Ticket } from '../../domain/ticket/ticket.ts'
import type { Unavailable } from '../errors.ts'
import type { SowSource } from '../ports/sow-source.ts'

/** Where the design has the ticket's drop, or, where only its pole is known, the pole; not asked for a photo that does not say where it was taken. */
export const knownPlaces = (
  sow: SowSource,
  { place: { dr, pole }, gps, projectId }: Pick<Ticket, 'place' | 'gps' | 'projectId'>,
  { takenAt }: Pick<PhotoAnalysis, 'takenAt'>,
): TE.TaskEither<Unavailable, ReadonlyArray<Coordinates>> => {
  if (takenAt === null) return TE.right([])
  if (dr === null) return pole === null || gps !== null ? TE.right([]) : sow.placesOfPole(pole, projectId)
  return pipe(
    sow.rowsOf(dr, projectId),
    TE.map(({ rows }) =>
      rows.flatMap(({ latitude, longitude }) =>
        latitude === null || longitude === null ? [] : [{ lat: latitude, lon: longitude }],
      ),
    ),
  )
}
