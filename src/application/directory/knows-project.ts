import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Unavailable } from '../errors.ts'
import type { Directory } from '../ports/directory.ts'

/** Where tickets are whose project nobody knows: always there, in no directory. */
export const UNASSIGNED_PROJECT = 'unassigned'

export const knowsProject = (directory: Directory, projectId: string): TE.TaskEither<Unavailable, boolean> =>
  projectId === UNASSIGNED_PROJECT
    ? TE.right(true)
    : pipe(
        directory.find({ projects: [projectId] }),
        TE.map(({ projects }) => projects.length > 0),
      )
