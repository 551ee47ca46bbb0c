import type { Either } from 'fp-ts/lib/Either.js'
import type { Verification } from '../../application/handover/verification.ts'
import type { Application } from './application.ts'
import type { DemoOptions } from './demo/demo.ts'
import type { Exit } from './exit.ts'
import type { Explain } from './refusal.ts'
import type { Terminal } from './terminal.ts'

/** What the commands need from the program they are part of. */
export type CommandLine = {
  readonly version: string
  readonly terminal: Terminal
  readonly explain: Explain
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Runs `work` with the application open and closes it after; or says why it cannot be opened. `background` reacts to events meanwhile. */
  readonly withApplication: (
    how: { readonly background: boolean },
    work: (application: Application) => Promise<Exit>,
  ) => Promise<Exit>
  readonly serve: () => Promise<Exit>
  /** Reacts to events and keeps the schedules until `signal`. */
  readonly worker: () => Promise<Exit>
  readonly migrate: () => Promise<Exit>
  /** Offline; `anchors` and `tsaCa` are a folder and a PEM file of one's own, or null. */
  readonly verifyBundle: (request: {
    readonly file: string
    readonly trusted: ReadonlyArray<string>
    readonly anchors: string | null
    readonly tsaCa: string | null
  }) => Promise<Either<{ readonly type: 'NotABundle'; readonly line: number }, Verification>>
  /** The id of a key as people name it; null when it names none. */
  readonly keyIdNamed: (text: string) => string | null
  readonly demo: (options: DemoOptions) => Promise<Exit>
}
