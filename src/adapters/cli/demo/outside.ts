/** QContact and WhatsApp as the demo plays them: servers of this machine, which reach nobody. */
export type Outside = {
  /** Somebody calls QContact; gives the number of the case. */
  readonly newCase: (said: {
    readonly reference: string
    readonly dr: string
    readonly description: string
    readonly contact: string
    readonly phone: string
  }) => string
  readonly caseNow: (id: string) => {
    readonly status: string
    readonly assignee: string | null
    readonly publicNotes: ReadonlyArray<string>
  }
  /** From now on every call is answered with an error, or no longer. */
  readonly qcontactFails: (fails: boolean) => void
  /** QContact writes no status any more, or again. */
  readonly lockStatus: (locked: boolean) => void
  /** The connection breaks while WhatsApp takes the next message. */
  readonly loseNextReply: () => void
  /** What reached phones. */
  readonly phones: () => ReadonlyArray<{ readonly to: string; readonly text: string }>
  /** How often a reply was lost. */
  readonly lostReplies: () => number
}

/** Whoever of the examples is played has a number of this kind, which only the stand-in is told. */
export const PLAYED_PHONE = '+27825550123'
