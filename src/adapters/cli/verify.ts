import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../../application/errors.ts'
import type { SnapshotFinding, Verification } from '../../application/handover/verification.ts'
import type { VerifyScope } from '../../application/handover/verify-snapshots.ts'
import type { SnapshotFault } from '../../domain/handover/snapshot-fault.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import type { Terminal } from './terminal.ts'
import { ticketNamed } from './ticket-named.ts'

const MEANS: {
  readonly [T in SnapshotFault['type']]: (fault: Extract<SnapshotFault, { readonly type: T }>) => string
} = {
  BytesChanged: () => 'the sealed bytes are not those that were sealed',
  HashMismatch: ({ expected, actual }) => `its chain hash should be ${expected}, it is ${actual}`,
  ChainBroken: ({ expected, actual }) => `it should follow ${expected}, it follows ${actual}`,
  SeqGap: ({ after, found }) => `after number ${after} comes number ${found}`,
  CopyDiffers: () => 'the copy kept for queries is not what was sealed',
  OtherProject: ({ expected, actual }) => `it belongs to project ${actual}, not to ${expected}`,
  FormatFell: ({ before, formatVersion }) =>
    `it is of format ${formatVersion} behind one of format ${before}, which no build ever wrote`,
  UnknownFormat: ({ formatVersion }) => `format ${formatVersion} is not known to this version`,
  TicketMissing: ({ ticketId }) => `its ticket ${ticketId} is gone or deleted`,
  ColumnDiffers: ({ column }) => `the column ${column} is not what was sealed`,
  SignatureMissing: () => 'it is not signed',
  SignatureWrong: ({ keyId }) => `its signature is not one of key ${keyId} over this entry`,
  KeyUnknown: ({ keyId }) => `it is signed by key ${keyId}, which is not on record`,
  KeyNotTrusted: ({ keyId }) => `it is signed by key ${keyId}, to which no trusted key leads`,
  KeyNotYetValid: ({ keyId, validFrom, signedAt }) =>
    `it was signed at ${signedAt} by key ${keyId}, which is valid from ${validFrom} on`,
  AnchorContradicts: ({ anchored, actual }) =>
    `when it was anchored its chain hash was ${anchored}, it is ${actual}: the chain was rewritten`,
  AnchoredEntryMissing: ({ chainHash }) => `it was anchored with chain hash ${chainHash}, and is not there`,
  AnchorUnreadable: ({ name }) => `${name} is no anchor any more`,
  AnchorNotGenuine: ({ name }) => `${name} was not written by a trusted key, or not for this place`,
  AnchorGone: ({ chainHash }) => `its anchor with chain hash ${chainHash} is known, and not in anchor storage`,
  TimestampWrong: ({ name, because }) => `the time stamp of ${name} is not good (${because})`,
  OpeningDiffers: ({ path }) => `what is kept as ${path} is not what was sealed`,
  OpeningMissing: () => 'what was personal in it is gone, and nobody erased it',
  OpeningRemains: () => 'its client was erased, and what was personal in it is still there',
  SubjectKeyMissing: () => 'the key by which what is personal was sealed is gone, and no erasure is on record',
  ErasureUnrecorded: () => 'what was personal in it is gone as if it was erased, and no erasure is on record',
  LineUnreadable: ({ line }) => `line ${line} of the bundle is none of a bundle's`,
  BundleCutShort: () => 'the last line of the bundle is missing',
  CountDiffers: ({ said, found }) => `the bundle should hold ${said} snapshots, it holds ${found}`,
  HeadDiffers: ({ head, last }) =>
    `the chain ends with number ${last.seq}, but its head says ${head === null ? 'nothing' : `number ${head.seq}`}: entries were taken away or put behind it`,
}

/** One finding in a line: where, and what is wrong there. */
export const findingLine = ({ project_id, seq, ticket_uid, what }: SnapshotFinding): string => {
  const where = seq === null ? 'the chain itself' : `snapshot ${seq}${ticket_uid === null ? '' : ` of ${ticket_uid}`}`
  return `${project_id}, ${where}: ${(MEANS[what.type] as (fault: SnapshotFault) => string)(what)} (${what.type})`
}

export type VerifyOptions = {
  readonly project: string | null
  readonly ticket: string | null
  /** Ids of keys; empty trusts the signing key in use. */
  readonly trusted: ReadonlyArray<string>
}

/** Recomputes every seal, of everything, one project or one ticket, and says exactly what is wrong and where. */
export const verifySeals =
  ({ terminal, explain }: { readonly terminal: Terminal; readonly explain: Explain }) =>
  async ({ project, ticket, trusted }: VerifyOptions, application: Application): Promise<Exit> => {
    const { principal, verify, knowsProject } = application
    if (project !== null) {
      const known = await knowsProject(project)()
      if (E.isLeft(known)) return refuse(terminal, explain(known.left))
      if (!known.right) return refuse(terminal, explain({ type: 'ProjectUnknown', projectId: project }))
    }
    const scope = await scopeOf(application, project, ticket)()
    if (E.isLeft(scope)) return refuse(terminal, explain(scope.left))
    const verified = await verify({ principal, scope: scope.right, trusted })()
    return E.isLeft(verified) ? refuse(terminal, explain(verified.left)) : report(terminal, verified.right)
  }

const scopeOf = (
  application: Application,
  project: string | null,
  ticket: string | null,
): TE.TaskEither<AppError, VerifyScope> => {
  if (project !== null) return TE.right({ type: 'project', projectId: project })
  if (ticket === null) return TE.right({ type: 'all' })
  return pipe(
    ticketNamed(application, ticket),
    TE.map((ticketId) => ({ type: 'ticket', ticketId })),
  )
}

/** Every finding, then what was checked and how far it is anchored. */
export const report = ({ say, complain, style }: Terminal, verified: Verification): Exit => {
  const { snapshots, faults, findings, chains, not_yet_anchored } = verified
  for (const finding of findings) complain(findingLine(finding))
  if (faults > findings.length) complain(`… and ${faults - findings.length} more`)
  const checked = `${snapshots} ${snapshots === 1 ? 'snapshot' : 'snapshots'} checked`
  if (faults === 0) say(`${checked}, ${style('green', 'nothing was touched')}.`)
  else complain(`${checked}, ${style('red', `${faults} ${faults === 1 ? 'fault' : 'faults'} found`)}.`)
  for (const { project_id, anchored_to, not_yet_anchored: left } of chains)
    say(
      `${project_id}: ${anchored_to === null ? 'nothing anchored yet' : `anchored to snapshot ${anchored_to}`}${left === 0 ? '' : `, ${left} not yet anchored`}.`,
    )
  if (chains.length === 0 && not_yet_anchored > 0) say(`${not_yet_anchored} not yet anchored.`)
  return faults === 0 ? EXIT.ok : EXIT.problem
}
