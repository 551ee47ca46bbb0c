import { hash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { inProject, MAX_TOLD, type SnapshotFinding } from '../../application/handover/verification.ts'
import { anchorFindings } from '../../domain/handover/anchor.ts'
import { type Before, type ChainLink, contentFindings, GENESIS, placeFindings } from '../../domain/handover/chain.ts'
import { type KnownKey, signatureFindings } from '../../domain/handover/signature.ts'
import type { SnapshotFault } from '../../domain/handover/snapshot-fault.ts'
import { recordIn } from './bundle-lines.ts'
import { ed25519 } from './ed25519.ts'
import { linesOf } from './file-lines.ts'

/** A part of a bundle's snapshots, and all that is needed to verify it. */
export type Range = {
  readonly file: string
  readonly start: number
  readonly end: number
  readonly projectId: string
  readonly keys: ReadonlyArray<KnownKey>
  readonly anchors: ReadonlyArray<readonly [number, ReadonlyArray<string>]>
  /** How far the chain is anchored; 0 when nowhere. */
  readonly newest: number
  /** Entries up to this number need no signature, being older than the first anchor. */
  readonly unsignedUpTo: number
  /** Whether it begins the chain; otherwise its first entry's place is for whoever has the range before it. */
  readonly isFirst: boolean
}

export type RangeVerified = {
  readonly lines: number
  readonly snapshots: number
  readonly faults: number
  /** The first thousand; `LineUnreadable` counts from the range's own first line. */
  readonly findings: ReadonlyArray<SnapshotFinding>
  readonly first: Pick<ChainLink, 'seq' | 'prevHash' | 'formatVersion'> | null
  readonly last: Before | null
  /** Anchored numbers that were met. */
  readonly met: ReadonlyArray<number>
  readonly notYetAnchored: number
  /** What the last line of the bundle says, where it is in this range. */
  readonly saidToBe: number | null
}

const tools = {
  sha256: (bytes: Uint8Array): string => hash('sha256', bytes, 'hex'),
  canonicalBytes: () => E.left('no copy is in a bundle'),
}

/** Verifies the snapshots of one range, a line at a time. */
export const verifyRange = (range: Range): RangeVerified => {
  const { projectId, newest } = range
  const bySeq = new Map(range.anchors)
  const signed = signatureFindings(ed25519, new Map(range.keys.map((key) => [key.keyId, key])), range.unsignedUpTo)
  const met: number[] = []
  const findings: SnapshotFinding[] = []
  let [lines, snapshots, faults, notYetAnchored] = [0, 0, 0, 0]
  let first: RangeVerified['first'] = null
  let last: Before | null = range.isFirst ? GENESIS : null
  let saidToBe: number | null = null
  const tell = (found: ReadonlyArray<SnapshotFault>): void => {
    faults += found.length
    if (findings.length < MAX_TOLD) findings.push(...inProject(projectId, found))
  }
  const fd = openSync(range.file, 'r')
  try {
    for (const { text } of linesOf(fd, range.start, range.end)) {
      lines += 1
      const record = text === null ? null : recordIn(text)
      if (record?.type === 'end' && saidToBe === null) saidToBe = record.snapshots
      else if (record?.type !== 'snapshot' || saidToBe !== null) tell([{ type: 'LineUnreadable', line: lines }])
      else {
        const entry = { ...record.entry, jsonCopy: null }
        const { seq, chainHash, formatVersion } = entry
        snapshots += 1
        if (seq > newest) notYetAnchored += 1
        if (bySeq.has(seq)) met.push(seq)
        first ??= { seq, prevHash: entry.prevHash, formatVersion }
        const found: ReadonlyArray<SnapshotFault> = [
          ...(entry.projectId === projectId
            ? []
            : [{ type: 'OtherProject', seq, expected: projectId, actual: entry.projectId } as const]),
          ...(last === null ? [] : placeFindings(last, entry)),
          ...contentFindings(tools, entry),
          ...signed(entry),
          ...anchorFindings({ bySeq }, entry),
        ]
        if (found.length > 0) tell(found)
        last = { seq, chainHash, formatVersion }
      }
    }
  } finally {
    closeSync(fd)
  }
  return { lines, snapshots, faults, findings, first, last, met, notYetAnchored, saidToBe }
}
