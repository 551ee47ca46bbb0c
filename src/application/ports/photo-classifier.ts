import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Relevance } from '../../domain/evidence/judge-relevance.ts'
import type { StepKey } from '../../domain/verification/steps.ts'

/** The model could not say: its runtime is missing, its file is another one, it failed. */
export type ClassifierFailed = { readonly type: 'ClassifierFailed'; readonly reason: string }

/** Says how likely a picture shows what its step asks for. Asked with a small JPEG without metadata; right only by its model. */
export type PhotoClassifier = {
  readonly classify: (thumbnail: Uint8Array, step: StepKey) => TaskEither<ClassifierFailed, Relevance>
}
