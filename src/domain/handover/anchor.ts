import type { Instant } from '../shared/time.ts'
import type { ChainHead, Signature } from './chain.ts'
import type { KnownKeys, SignatureTools } from './signature.ts'

/** The head of a project's chain at one moment, signed, written where whoever owns the database cannot change it. */
export type Anchor = ChainHead & { readonly projectId: string; readonly signature: Signature }

/** An anchor as it lies in storage; null where the file is no anchor at all. `token`: an RFC 3161 time stamp (DER) of its statement. */
export type StoredAnchor = {
  readonly name: string
  readonly anchor: Anchor | null
  readonly token: Uint8Array | null
}

export type AnchorFinding =
  /** The chain had another entry in this place when it was anchored. */
  | { readonly type: 'AnchorContradicts'; readonly seq: number; readonly anchored: string; readonly actual: string }
  /** The chain reached this far when it was anchored. */
  | { readonly type: 'AnchoredEntryMissing'; readonly seq: number; readonly chainHash: string }
  | { readonly type: 'AnchorUnreadable'; readonly name: string }
  /** Not written by a trusted key of this project, or lying under a name that is not its own. */
  | { readonly type: 'AnchorNotGenuine'; readonly name: string }
  /** The record knows of an anchor that storage does not have any more. */
  | { readonly type: 'AnchorGone'; readonly seq: number; readonly chainHash: string }
  /** Its time stamp is not one of this anchor, or of no trusted authority. */
  | { readonly type: 'TimestampWrong'; readonly name: string; readonly because: string }

/** What an anchor's signature, and its time stamp, say. */
export const anchorStatement = ({ projectId, seq, chainHash }: Omit<Anchor, 'signature'>, at: Instant): Uint8Array =>
  new TextEncoder().encode(
    ['fibreflow-ticketing/anchor/1', JSON.stringify(projectId), String(seq), chainHash, at].join('\n'),
  )

/** A project's folder of anchors: one name whatever a project is called. */
export const anchorFolder = (projectId: string): string =>
  `anchors/${encodeURIComponent(projectId).replaceAll('.', '%2E').replaceAll('*', '%2A')}`

/** Named by what it anchors, so that the same head has one name and another head cannot take it. */
export const anchorName = ({ projectId, seq, chainHash }: Pick<Anchor, 'projectId' | 'seq' | 'chainHash'>): string =>
  `${anchorFolder(projectId)}/${String(seq).padStart(12, '0')}-${chainHash}.json`

export type Anchors = {
  /** By number; several of one number contradict each other, so one of them contradicts the chain. */
  readonly bySeq: ReadonlyMap<number, ReadonlyArray<string>>
  /** How far the chain is anchored; 0 when nowhere. */
  readonly newest: number
  /** Its first anchor: whoever anchors also signs, so behind it every entry is signed; 0 when nowhere. */
  readonly oldest: number
  readonly findings: ReadonlyArray<AnchorFinding>
}

/** The anchors of a project that count: readable, genuine, and by a trusted key. The others are findings. */
export const readAnchors =
  ({ verifySignature }: Pick<SignatureTools, 'verifySignature'>, keys: KnownKeys) =>
  (projectId: string, stored: ReadonlyArray<StoredAnchor>): Anchors => {
    const bySeq = new Map<number, ReadonlyArray<string>>()
    const findings: AnchorFinding[] = []
    for (const { name, anchor } of stored) {
      if (anchor === null) findings.push({ type: 'AnchorUnreadable', name })
      else if (!isGenuine(verifySignature, keys, projectId, name, anchor))
        findings.push({ type: 'AnchorNotGenuine', name })
      else bySeq.set(anchor.seq, [...(bySeq.get(anchor.seq) ?? []), anchor.chainHash])
    }
    const numbers = [...bySeq.keys()].toSorted((a, b) => a - b)
    return { bySeq, newest: numbers.at(-1) ?? 0, oldest: numbers[0] ?? 0, findings }
  }

const isGenuine = (
  verify: SignatureTools['verifySignature'],
  keys: KnownKeys,
  projectId: string,
  name: string,
  anchor: Anchor,
): boolean =>
  anchor.projectId === projectId &&
  anchorName(anchor) === name &&
  keys.get(anchor.signature.keyId)?.trusted === true &&
  isSigned(verify, keys, anchor)

/** Whether it was signed by a key on record, trusted or not. */
const isSigned = (verify: SignatureTools['verifySignature'], keys: KnownKeys, anchor: Anchor): boolean => {
  const { signature } = anchor
  const key = keys.get(signature.keyId)
  return (
    key !== undefined &&
    signature.signedAt >= key.validFrom &&
    verify(key.publicKey, anchorStatement(anchor, signature.signedAt), signature.value)
  )
}

/** Whether an anchor that lies beside the record, where its owner may write, is one that a trusted key signed. */
export const isTrustedAnchor = (
  { verifySignature }: Pick<SignatureTools, 'verifySignature'>,
  keys: KnownKeys,
  anchor: Anchor,
): boolean => isGenuine(verifySignature, keys, anchor.projectId, anchorName(anchor), anchor)

/**
 * The newest anchor in storage that some key on record signed. Trusted or not: what lies there was put there by us, and
 * a key that was lost must not stop the next one.
 */
export const newestStored = (
  { verifySignature }: Pick<SignatureTools, 'verifySignature'>,
  keys: KnownKeys,
  projectId: string,
  stored: ReadonlyArray<StoredAnchor>,
): Anchor | null =>
  stored
    .flatMap(({ name, anchor }) =>
      anchor !== null &&
      anchor.projectId === projectId &&
      anchorName(anchor) === name &&
      isSigned(verifySignature, keys, anchor)
        ? [anchor]
        : [],
    )
    .reduce<Anchor | null>((newest, anchor) => (newest === null || anchor.seq > newest.seq ? anchor : newest), null)

/** Where an entry is not what was anchored in its place. */
export const anchorFindings = (
  { bySeq }: Pick<Anchors, 'bySeq'>,
  { seq, chainHash }: ChainHead,
): ReadonlyArray<AnchorFinding> =>
  (bySeq.get(seq) ?? [])
    .filter((anchored) => anchored !== chainHash)
    .map((anchored) => ({ type: 'AnchorContradicts', seq, anchored, actual: chainHash }))

/** Anchored entries that were not met in the whole chain: taken out of it, or cut off its end. */
export const entriesMissing = (
  { bySeq }: Pick<Anchors, 'bySeq'>,
  met: (seq: number) => boolean,
): ReadonlyArray<AnchorFinding> =>
  [...bySeq]
    .filter(([seq]) => !met(seq))
    .toSorted(([a], [b]) => a - b)
    .flatMap(([seq, hashes]) => hashes.map((chainHash) => ({ type: 'AnchoredEntryMissing', seq, chainHash }) as const))
