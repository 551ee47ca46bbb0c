/** What a command ends with; scripts may rely on the numbers. */
export const EXIT = {
  ok: 0,
  /** Something is wrong, or was refused, and the output says what. */
  problem: 1,
  /** The command line itself was not understood. */
  usage: 2,
  /** The database or another part this needs is away, or is in use by another process. */
  unavailable: 69,
  /** A defect of this program. */
  fault: 70,
  /** A setting of the environment cannot be used. */
  configuration: 78,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** The lines under every help page. */
export const EXIT_HELP = `Exit codes:
  0    done
  1    a problem was found, or the request was refused; the output says which
  2    the command line was not understood
  69   the database is away or in use by another process
  70   a defect of this program
  78   a setting of the environment cannot be used
  130  stopped with Ctrl-C`
