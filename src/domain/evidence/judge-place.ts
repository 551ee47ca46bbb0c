import type { Coordinates, Judge, Outcome, Verdict } from './evidence.ts'

/** A drop hangs within a few spans of its pole, and a phone's GPS near walls is some 50 m out. */
export const DEFAULT_DISTANCE_METRES = 250

const EARTH_RADIUS_METRES = 6_371_000

/** Metres along the surface between two places (haversine on a sphere: at most 0.5 % off). */
export const metresBetween = (a: Coordinates, b: Coordinates): number => {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2
  const chord = half(a.lat, b.lat) + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * half(a.lon, b.lon)
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(chord)))
}

/** Whether a photo was taken near one of the places the job is about. Keeps how far away that was, never where. */
export const judgePlace = (
  takenAt: Coordinates | null,
  places: ReadonlyArray<Coordinates>,
  judge: Judge,
  limitMetres: number = DEFAULT_DISTANCE_METRES,
): Verdict => {
  const verdict = (outcome: Outcome, reason: string, evidence: Verdict['evidence']): Verdict => ({
    ...judge,
    check: 'place',
    outcome,
    reason,
    evidence,
  })
  if (takenAt === null) return verdict('unverifiable', 'The picture does not say where it was taken', {})
  if (places.length === 0)
    return verdict('unverifiable', 'Nobody knows the coordinates of this drop or pole', { limitMetres })
  const metres = Math.round(Math.min(...places.map((place) => metresBetween(takenAt, place))))
  return metres <= limitMetres
    ? verdict('pass', `It was taken ${metres} m from the place of the job`, { metres, limitMetres })
    : verdict('warn', `It was taken ${metres} m from the place of the job`, { metres, limitMetres })
}
