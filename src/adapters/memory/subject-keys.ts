import { randomBytes } from 'node:crypto'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SubjectKey, SubjectKeys } from '../../application/ports/subject-keys.ts'
import type { MemoryState } from './ticket-state.ts'

const KEY_BYTES = 32

/** The keys of tickets in memory. */
export const memorySubjectKeys = (state: Pick<MemoryState, 'subjectKeys'>): SubjectKeys => ({
  keyOf: (ticketId) =>
    TE.fromIO(() => {
      const held: SubjectKey = state.subjectKeys.get(ticketId) ?? {
        state: 'held',
        key: new Uint8Array(randomBytes(KEY_BYTES)),
      }
      state.subjectKeys.set(ticketId, held)
      return held
    }),
})
