import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { ProjectSettings } from '../../domain/settings/settings.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { Stale, Unavailable } from '../errors.ts'
import type { Change, Stored } from './ticket-store.ts'

/** What a change outside the tickets does to one of them, decided on the facts as they stand after it; null for nothing. */
export type Touch = (stored: Stored, why: TouchedBy) => Change | null

/** `facts`: what readiness depends on moved. `guarantee`: the terms or the installation date of its drop did. */
export type TouchedBy = 'facts' | 'guarantee'

/** How many tickets an outside change touched: pending ones checked again, those of them that fell back, others no longer ready. */
export type Touched = { readonly rechecked: number; readonly fellBack: number; readonly reset: number }

/** A project's settings as they stand; version 0 and nobody's when it has the defaults. */
export type StoredSettings = {
  readonly projectId: string
  readonly version: number
  readonly settings: ProjectSettings
  readonly changedBy: string | null
  readonly changedAt: Instant | null
}

export type SettingsChange = {
  readonly projectId: string
  /** The version it was read with. */
  readonly version: number
  readonly settings: ProjectSettings
  readonly by: string
  readonly at: Instant
}

/** What each project has set for itself. */
export type ProjectStore = {
  readonly read: (projectId: string) => TaskEither<Unavailable, StoredSettings>
  /** Every version there was, newest first. */
  readonly history: (projectId: string) => TaskEither<Unavailable, ReadonlyArray<StoredSettings>>
  /** Writes the settings, moves the project's facts and touches its pending and ready tickets, all or none. */
  readonly save: (
    change: SettingsChange,
    touch: Touch,
  ) => TaskEither<Stale | Unavailable, { readonly saved: StoredSettings; readonly touched: Touched }>
}
