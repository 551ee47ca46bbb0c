import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { knownPlaces } from '../../../src/application/evidence/known-places.ts'
import type { SowRow, SowSource } from '../../../src/application/ports/sow-source.ts'

const HERE = { lat: -26.39, lon: 27.81 }
const row = (latitude: number | null, longitude: number | null) => ({ latitude, longitude }) as SowRow
const asking = async (rows: ReadonlyArray<SowRow>, dr: string | null, takenAt: typeof HERE | null) => {
  const asked: unknown[] = []
  const sow: SowSource = {
    rowsOf: (...what) => {
      asked.push(what)
      return TE.right({ rows, connected: ['lawley'] })
    },
  }
  const place = { dr, pole: null, pon: null, zone: null }
  return { places: await knownPlaces(sow, { place, projectId: 'lawley' }, { takenAt })(), asked }
}

describe('Where a photo should have been taken', () => {
  it('is wherever the design of the project has the drop, of the rows that say both coordinates', async () => {
    const rows = [row(HERE.lat, HERE.lon), row(HERE.lat, null), row(null, HERE.lon), row(0, 0)]
    expect(await asking(rows, 'DR1729500', HERE)).toEqual({
      places: E.right([HERE, { lat: 0, lon: 0 }]),
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
    const asked = knownPlaces({ rowsOf: () => TE.left(away) }, { place, projectId: 'lawley' }, { takenAt: HERE })
    expect(await asked()).toEqual(E.left(away))
  })
})
