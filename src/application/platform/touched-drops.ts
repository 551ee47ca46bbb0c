import type { PlatformState } from '../../domain/readiness/readiness.ts'

/** What a platform says of a drop, as far as a ticket's answer rests on it. */
export type Said = {
  readonly dr: string
  readonly pole: string | null
  readonly pon: string | null
  readonly zone: string | null
  readonly ontSerial: string | null
  readonly spare: boolean
}

const sayings = (rows: Iterable<Said>): ReadonlyMap<string, string> => {
  const byDrop = new Map<string, string[]>()
  for (const { dr, pole, pon, zone, ontSerial, spare } of rows) {
    const said = JSON.stringify([pole, pon, zone, ontSerial, spare])
    const earlier = byDrop.get(dr)
    if (earlier === undefined) byDrop.set(dr, [said])
    else earlier.push(said)
  }
  return new Map([...byDrop].map(([dr, said]) => [dr, said.toSorted().join()]))
}

/** Of these drops the ones of which the platform now says something else; the order of its rows says nothing. */
export const touchedDrops = (
  drops: ReadonlyArray<string>,
  before: Iterable<Said>,
  after: Iterable<Said>,
): ReadonlyArray<string> => {
  const [was, is] = [sayings(before), sayings(after)]
  return drops.filter((dr) => was.get(dr) !== is.get(dr))
}

/** A platform connected for the first time, or by a layout with other fields, may change the answer for every drop. */
export const touchesAll = (before: PlatformState['carries'] | null, after: PlatformState['carries']): boolean =>
  before === null || before.toSorted().join() !== after.toSorted().join()
