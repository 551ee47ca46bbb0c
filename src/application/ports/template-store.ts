import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { TemplateKind } from '../../domain/notification/template-kinds.ts'
import type { Instant } from '../../domain/shared/time.ts'
import type { Stale, Unavailable } from '../errors.ts'

/** What a project says in words of its own; the built-in text stands for every kind that is not there. */
export type OwnTemplates = { readonly [K in TemplateKind]?: string }

/** The templates of a project as they stand; version 0 and nobody's when it has none of its own. */
export type StoredTemplates = {
  readonly projectId: string
  readonly version: number
  readonly own: OwnTemplates
  readonly changedBy: string | null
  readonly changedAt: Instant | null
}

export type TemplatesChange = {
  readonly projectId: string
  /** The version it was read with. */
  readonly version: number
  readonly own: OwnTemplates
  readonly by: string
  readonly at: Instant
}

/** The message templates of each project. */
export type TemplateStore = {
  readonly read: (projectId: string) => TaskEither<Unavailable, StoredTemplates>
  /** Replaces them all; Stale when the version is another by now. */
  readonly save: (change: TemplatesChange) => TaskEither<Stale | Unavailable, StoredTemplates>
}
