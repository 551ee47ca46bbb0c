import type { ChangeDeps } from '../change.ts'
import type { Reaction, Schedule } from '../ports/job-queue.ts'
import {
  askSync,
  type DeskDeps,
  listConflicts,
  readLog,
  readRun,
  readStanding,
  resolveConflict,
  viewConflict,
} from './desk.ts'
import { followCases } from './follow-cases.ts'
import { runAskedSync, syncSchedules } from './list-cases.ts'
import { type HintDeps, receiveHint } from './receive-hint.ts'

/** Everything about QContact that HTTP and the command line ask for. */
export const syncUses = (deps: DeskDeps & HintDeps & Pick<ChangeDeps, 'now'>) => ({
  askSync: askSync(deps),
  readSyncStanding: readStanding(deps),
  readSyncRun: readRun(deps),
  readSyncLog: readLog(deps),
  listSyncConflicts: listConflicts(deps),
  viewSyncConflict: viewConflict(deps),
  resolveSyncConflict: resolveConflict(deps),
  receiveQContact: receiveHint(deps),
})

export type SyncReactionDeps = Pick<DeskDeps, 'sync'>

/** What is done by itself; nothing where no QContact is configured. */
export const syncReactions = ({ sync }: SyncReactionDeps): ReadonlyArray<Reaction> =>
  sync == null ? [] : [followCases(sync), runAskedSync(sync)]

export const qcontactSchedules = ({ sync }: SyncReactionDeps): ReadonlyArray<Schedule> =>
  sync == null ? [] : syncSchedules(sync)
