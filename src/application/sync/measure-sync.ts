import * as E from 'fp-ts/lib/Either.js'
import type { Measured, Measurement } from '../ports/measurement.ts'
import type { SyncDesk } from '../ports/sync-desk.ts'

/** How far tickets and cases are in step. */
export const measureSync = ({ desk }: { readonly desk: SyncDesk }): Measurement => ({
  measures: [
    { name: 'ticketing_sync_cases', help: 'Cases of QContact that are tickets', labels: [] },
    { name: 'ticketing_sync_cases_in_trouble', help: 'Cases that are not in step just now', labels: [] },
    { name: 'ticketing_sync_conflicts_open', help: 'Conflicts that nobody has decided', labels: [] },
    { name: 'ticketing_sync_notes_waiting', help: 'Notes for the client on their way out', labels: [] },
    { name: 'ticketing_sync_drift', help: 'Fields found to differ by the latest full run', labels: [] },
  ],
  read: async () => {
    const found = await desk.standing()()
    if (E.isLeft(found)) throw new Error(found.left.type)
    const { linked, in_step: inStep, open_conflicts: open, notes_waiting: notes, last_full_run: full } = found.right
    const one = (name: string, value: number): Measured => ({ name, labels: {}, value })
    return [
      one('ticketing_sync_cases', linked),
      one('ticketing_sync_cases_in_trouble', linked - inStep),
      one('ticketing_sync_conflicts_open', open),
      one('ticketing_sync_notes_waiting', notes),
      ...(full === null ? [] : [one('ticketing_sync_drift', full.drift)]),
    ]
  },
})
