import type { SnapshotFault } from '../../domain/handover/snapshot-fault.ts'
import type { StoredSnapshot } from '../../domain/handover/stored-snapshot.ts'

/** How many findings are told; more are only counted. */
export const MAX_TOLD = 1_000

export type SnapshotFinding = {
  readonly project_id: string
  /** Null when it is the chain that is wrong, not one entry of it. */
  readonly seq: number | null
  readonly ticket_uid: string | null
  readonly what: SnapshotFault
}
/** How far one project's chain goes, and how far it is proved outside the database. */
export type ChainState = {
  readonly project_id: string
  readonly snapshots: number
  /** The newest anchored number; null when nothing is anchored. */
  readonly anchored_to: number | null
  readonly not_yet_anchored: number
}
export type Verification = {
  readonly snapshots: number
  readonly faults: number
  /** The first thousand. */
  readonly findings: ReadonlyArray<SnapshotFinding>
  /** Newer than the newest anchor. No fault: the next hour anchors them. */
  readonly not_yet_anchored: number
  /** Empty for one ticket. */
  readonly chains: ReadonlyArray<ChainState>
}

export const NOTHING: Verification = { snapshots: 0, faults: 0, findings: [], not_yet_anchored: 0, chains: [] }

/** With these findings more: told up to a thousand, then only counted. */
export const told = (found: Verification, findings: ReadonlyArray<SnapshotFinding>): Verification =>
  findings.length === 0
    ? found
    : {
        ...found,
        faults: found.faults + findings.length,
        findings: [...found.findings, ...findings].slice(0, MAX_TOLD),
      }

/** Findings that are of the chain or its anchors, not of a snapshot that is there. */
export const inProject = (projectId: string, faults: ReadonlyArray<SnapshotFault>): ReadonlyArray<SnapshotFinding> =>
  faults.map((what) => ({
    project_id: projectId,
    seq: what.type === 'SeqGap' ? what.found : 'seq' in what ? what.seq : null,
    ticket_uid: null,
    what,
  }))

/** With one snapshot more, and what is wrong with it. */
export const withFaults = (
  found: Verification,
  entry: StoredSnapshot,
  faults: ReadonlyArray<SnapshotFault>,
  anchored: boolean,
): Verification =>
  told(
    {
      ...found,
      snapshots: found.snapshots + 1,
      not_yet_anchored: found.not_yet_anchored + (anchored ? 0 : 1),
    },
    faults.map((what) => ({ project_id: entry.projectId, seq: entry.seq, ticket_uid: entry.ticketUid, what })),
  )
