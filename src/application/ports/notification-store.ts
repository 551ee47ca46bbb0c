import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { NewNotification } from '../../domain/notification/notification.ts'
import type { Unavailable } from '../errors.ts'

/** What was to be told, to whom, and what became of it. Who was told once stays known when the rows themselves are pruned. */
export type NotificationStore = {
  /**
   * Keeps each once: another with the same event, kind and recipient is left out, also after its row was deleted. One
   * without a number, or with one that cannot be dialled, is kept as failed. Gives the ids of those that are new.
   */
  readonly add: (rows: ReadonlyArray<NewNotification>) => TaskEither<Unavailable, ReadonlyArray<string>>
}
