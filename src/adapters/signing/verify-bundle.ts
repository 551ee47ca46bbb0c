import { closeSync, fstatSync, openSync } from 'node:fs'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import * as E from 'fp-ts/lib/Either.js'
import {
  inProject,
  NOTHING,
  type SnapshotFinding,
  told,
  type Verification,
} from '../../application/handover/verification.ts'
import type { ReadTimestamp } from '../../application/ports/timestamp-authority.ts'
import { entriesMissing, type StoredAnchor } from '../../domain/handover/anchor.ts'
import { type Before, type ChainHead, GENESIS, placeFindings } from '../../domain/handover/chain.ts'
import { judgeAnchors } from '../../domain/handover/judge-anchors.ts'
import { knownKeys, type SigningKey } from '../../domain/handover/signature.ts'
import { recordIn } from './bundle-lines.ts'
import { type Range, type RangeVerified, verifyRange } from './bundle-range.ts'
import { ed25519 } from './ed25519.ts'
import { lineStartFrom, linesOf } from './file-lines.ts'

/** Beside this file: bundle-worker.ts from sources, bundle-worker.js once compiled. */
const WORKER = new URL(`./bundle-worker${extname(import.meta.url)}`, import.meta.url)

export type BundleRequest = {
  readonly file: string
  /** Ids of keys known from elsewhere; with none the bundle is taken at its word for who signs. */
  readonly trusted: ReadonlyArray<string>
  /** Anchors fetched by oneself, which count beside those in the bundle. */
  readonly anchorsOf: (projectId: string) => Promise<ReadonlyArray<StoredAnchor>>
  readonly readTimestamp: ReadTimestamp
  /** Threads; 1 is this very thread. */
  readonly workers?: number
}

/** The file is no bundle: its head cannot be read in this line. */
export type NotABundle = { readonly type: 'NotABundle'; readonly line: number }

/** Recomputes everything in an exported bundle, offline, on some workers at once, in bounded memory. */
export const verifyBundle = async ({
  file,
  trusted,
  anchorsOf,
  readTimestamp,
  workers = 2,
}: BundleRequest): Promise<E.Either<NotABundle, Verification>> => {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    const read = readHead(fd, size)
    if (E.isLeft(read)) return read
    const { projectId, keys: kept, head, lines, bodyFrom } = read.right
    const keys = knownKeys(ed25519)(kept, trusted)
    const stored = [...read.right.anchors, ...(await anchorsOf(projectId))]
    const anchors = judgeAnchors({ tools: ed25519, readTimestamp }, keys)(projectId, stored, [])
    const starts = Array.from({ length: workers }, (_, i) =>
      i === 0
        ? bodyFrom
        : lineStartFrom(fd, Math.max(bodyFrom + 1, bodyFrom + Math.floor(((size - bodyFrom) * i) / workers)), size),
    )
    const ranges = starts.map(
      (start, i): Range => ({
        file,
        start,
        end: starts[i + 1] ?? size,
        projectId,
        keys: [...keys.values()],
        anchors: [...anchors.bySeq],
        newest: anchors.newest,
        unsignedUpTo: anchors.oldest,
        isFirst: i === 0,
      }),
    )
    const parts = workers === 1 ? ranges.map(verifyRange) : await Promise.all(ranges.map(inWorker))
    const met = new Set(parts.flatMap((part) => part.met))
    const before = told(NOTHING, inProject(projectId, anchors.findings))
    const joined = join(projectId, lines, parts, before)
    const { found, last, saidToBe } = joined
    const whole = told(
      found,
      inProject(projectId, [
        ...entriesMissing(anchors, (seq) => met.has(seq)),
        ...(head.seq === last.seq && head.chainHash === last.chainHash
          ? []
          : [{ type: 'HeadDiffers', head, last: { seq: last.seq, chainHash: last.chainHash } } as const]),
        ...(saidToBe === null ? [{ type: 'BundleCutShort' } as const] : []),
        ...(saidToBe === null || saidToBe === found.snapshots
          ? []
          : [{ type: 'CountDiffers', said: saidToBe, found: found.snapshots } as const]),
      ]),
    )
    const { snapshots, not_yet_anchored } = whole
    const anchored_to = anchors.newest === 0 ? null : anchors.newest
    return E.right({ ...whole, chains: [{ project_id: projectId, snapshots, anchored_to, not_yet_anchored }] })
  } finally {
    closeSync(fd)
  }
}

type Head = {
  readonly projectId: string
  readonly keys: ReadonlyArray<SigningKey>
  readonly anchors: ReadonlyArray<StoredAnchor>
  readonly head: ChainHead
  readonly lines: number
  readonly bodyFrom: number
}

/** What comes before the first snapshot: whose bundle it is, keys, anchors, and where the chain ends. */
const readHead = (fd: number, size: number): E.Either<NotABundle, Head> => {
  const keys: SigningKey[] = []
  const anchors: StoredAnchor[] = []
  let projectId: string | null = null
  let lines = 0
  for (const { text, next } of linesOf(fd, 0, size)) {
    lines += 1
    const record = text === null ? null : recordIn(text)
    if (record?.type === 'bundle' && projectId === null) projectId = record.projectId
    else if (projectId === null || record === null) break
    else if (record.type === 'key') keys.push(record.key)
    else if (record.type === 'anchor') anchors.push(record.stored)
    else if (record.type === 'head')
      return E.right({ projectId, keys, anchors, head: record.head, lines, bodyFrom: next })
    else break
  }
  return E.left({ type: 'NotABundle', line: Math.max(lines, 1) })
}

const inWorker = (range: Range): Promise<RangeVerified> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: range })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a verifying thread ended with ${code}`)))
  })

/** The parts one behind the other: where two of them meet, the first entry of the one follows the last of the other. */
const join = (projectId: string, linesBefore: number, parts: ReadonlyArray<RangeVerified>, before: Verification) => {
  let found = before
  let last: Before = GENESIS
  let lines = linesBefore
  let saidToBe: number | null = null
  for (const part of parts) {
    const atMeeting = part === parts[0] || part.first === null ? [] : placeFindings(last, part.first)
    const shifted = part.findings.map((one) => onLine(one, lines))
    found = told(found, inProject(projectId, atMeeting))
    found = told(found, shifted)
    found = {
      ...found,
      snapshots: found.snapshots + part.snapshots,
      faults: found.faults + part.faults - shifted.length,
      not_yet_anchored: found.not_yet_anchored + part.notYetAnchored,
    }
    last = part.last ?? last
    lines += part.lines
    saidToBe = part.saidToBe ?? saidToBe
  }
  return { found, last, saidToBe }
}

const onLine = (finding: SnapshotFinding, before: number): SnapshotFinding =>
  finding.what.type === 'LineUnreadable'
    ? { ...finding, what: { ...finding.what, line: finding.what.line + before } }
    : finding
