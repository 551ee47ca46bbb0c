import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { knownPlaces } from '../../../src/application/evidence/known-places.ts'
import type { SowRow, SowSource } from '../../../src/application/ports/sow-source.ts'

const HERE = { lat: -26.39, lon: 27.81 }
const row = (latitude: number | null, longitude: number | null) => ({ latitude, longitude }) as SowRow
const POLE = { lat: -26.4, lon: 27.8 }
const asking = async (
  rows: ReadonlyArray<SowRow>,
  dr: string | null,
  takenAt: typeof HERE | null,
  { pole = null, gps = null }: { readonly pole?: string | null; readonly gps?: typeof HERE | null } = {},
) => {
  const asked: unknown[] = []
  const sow: SowSource = {
    rowsOf: (...what) => {
      asked.push(what)
      return TE.right({ rows, connected: ['lawley'] })
    },
    placesOfPole: (...what) => {
      asked.push(what)
      return TE.right([POLE])
    },
  }
  const place = { dr, pole, pon: null, zone: null }
  return { places: await knownPlaces(sow, { place, gps, projectId: 'lawley' }, { takenAt })(), asked }
}

describe('Where a photo should have been taken', () => {
  it('is wherever the design of the project has the drop, of the rows that say both coordinates', async () => {
    const rows = [row(HERE.lat, HERE.lon), row(HERE.lat, null), row(null, HERE.lon), row(0, 0)]
    expect(await asking(rows, 'DR1729500', HERE)).toEqual({
      places: E.right([HERE, { lat: 0, lon: 0 }]),
      asked: [['DR1729500', 'lawley']],
    })
  })

  it('is the pole where there is no drop and the ticket has no coordinates of its own', async () => {
    const pole = 'LAW.P.A002'
    expect(await asking([], null, HERE, { pole })).toEqual({ places: E.right([POLE]), asked: [[pole, 'lawley']] })
    expect(await asking([], null, HERE, { pole, gps: HERE })).toEqual({ places: E.right([]), asked: [] })
    expect(await asking([], null, null, { pole })).toEqual({ places: E.right([]), asked: [] })
    expect(await asking([row(1, 2)], 'DR1729500', HERE, { pole })).toEqual({
      places: E.right([{ lat: 1, lon: 2 }]),
      asked: [['DR1729500', 'lawley']],
    })
  })

  it('is not asked for a photo without coordinates, nor for a ticket without a drop', async () => {
    expect(await asking([row(1, 1)], 'DR1729500', null)).toEqual({ places: E.right([]), asked: [] })
    expect(await asking([row(1, 1)], null, HERE)).toEqual({ places: E.right([]), asked: [] })
  })

  it('is unknown while the design cannot be read', async () => {
    const away = { type: 'Unavailable', what: 'sow' } as const
    const place = { dr: 'DR1729500', pole: null, pon: null, zone: null }
    const sow: SowSource = { rowsOf: () => TE.left(away), placesOfPole: () => TE.left(away) }
    for (const asked of [place, { ...place, dr: null, pole: 'LAW.P.A002' }])
      expect(await knownPlaces(sow, { place: asked, gps: null, projectId: 'lawley' }, { takenAt: HERE })()).toEqual(
        E.left(away),
      )
  })
})
