import type { Look, Looked } from './look.ts'

/** One request to the photo process and its answer; `id` tells a late answer from the one that is waited for. */
export type PhotoRequest = Look & { readonly id: number }
/** Sent once, when a process has loaded what it needs and listens. */
export type PhotoReady = { readonly id: null }
export type PhotoReply = {
  readonly id: number
  readonly looked: Looked | { readonly type: 'failed'; readonly code: string }
  /** What the process holds after it, in MiB. */
  readonly residentMiB: number
}
