import * as E from 'fp-ts/lib/Either.js'
import type { Json } from '../shared/json.ts'
import type { Instant } from '../shared/time.ts'

/** One chain per project: every snapshot is bound to the one before it, without gaps, from 1. Hashes are 64 lower-case hexadecimal digits. */
export type ChainHead = { readonly seq: number; readonly chainHash: string }

export type ChainLink = ChainHead & {
  readonly formatVersion: number
  readonly prevHash: string
  readonly sha256: string
}

/** `value` is base64 of 64 bytes (Ed25519, RFC 8032); `keyId` says by which key. */
export type Signature = { readonly keyId: string; readonly value: string; readonly signedAt: Instant }

/** A snapshot as stored: the exact `bytes` that were hashed, and the copy kept for queries; null when only the bytes were exported. */
export type ChainEntry = ChainLink & {
  readonly projectId: string
  readonly bytes: Uint8Array
  readonly jsonCopy: Json
  /** Null in format 1, which was not signed yet. */
  readonly signature: Signature | null
}

export type Sha256 = (bytes: Uint8Array) => string

export type ChainTools = {
  readonly sha256: Sha256
  readonly canonicalBytes: (value: Json) => E.Either<unknown, Uint8Array>
}

/** What is wrong and where; `seq` is the number the entry itself claims. */
export type ChainFinding =
  /** The bytes are not those that were sealed. */
  | { readonly type: 'BytesChanged'; readonly seq: number }
  /** Number, previous hash or content hash are not those that were sealed. */
  | { readonly type: 'HashMismatch'; readonly seq: number; readonly expected: string; readonly actual: string }
  /** The entry does not follow the one before it. */
  | { readonly type: 'ChainBroken'; readonly seq: number; readonly expected: string; readonly actual: string }
  | { readonly type: 'SeqGap'; readonly after: number; readonly found: number }
  /** The copy for queries is not what was sealed, even if the bytes are. */
  | { readonly type: 'CopyDiffers'; readonly seq: number }
  | { readonly type: 'OtherProject'; readonly seq: number; readonly expected: string; readonly actual: string }
  /** Formats never fall: whoever writes an older one behind a newer one leaves out what the newer one asks for. */
  | { readonly type: 'FormatFell'; readonly seq: number; readonly before: number; readonly formatVersion: number }
  /** Written by a later build, or the version itself was changed. */
  | { readonly type: 'UnknownFormat'; readonly seq: number; readonly formatVersion: number }

/** What an entry follows, with the format of that; 0 where none is known. */
export type Before = ChainHead & { readonly formatVersion: number }

export const GENESIS: Before = { seq: 0, chainHash: '0'.repeat(64), formatVersion: 0 }

/** The format that new snapshots are written in. */
export const FORMAT_VERSION = 2

type Sealed = Pick<ChainLink, 'seq' | 'prevHash' | 'sha256'>

const sealedBytes =
  (mark: number) =>
  ({ seq, prevHash, sha256 }: Sealed): Uint8Array | null => {
    const [prev, content] = [hashBytes(prevHash), hashBytes(sha256)]
    if (prev === null || content === null || !Number.isSafeInteger(seq) || seq < 1) return null
    const bytes = new Uint8Array(1 + 8 + 32 + 32)
    bytes[0] = mark
    new DataView(bytes.buffer).setBigUint64(1, BigInt(seq))
    bytes.set(prev, 9)
    bytes.set(content, 41)
    return bytes
  }

/** Every format ever written, for ever: what exactly goes into the hash that links an entry, its format's mark first. */
const sealedBytesOf: Readonly<Record<number, (sealed: Sealed) => Uint8Array | null>> = {
  1: sealedBytes(0),
  2: sealedBytes(2),
}

/** From this format on every entry is signed. */
export const FIRST_SIGNED_FORMAT = 2

/** The hash that links an entry to its chain; null when its number or hashes are not of the right form. */
export const chainHash =
  (sha256: Sha256) =>
  (sealed: Sealed, formatVersion: number = FORMAT_VERSION): string | null => {
    const bytes = sealedBytesOf[formatVersion]?.(sealed) ?? null
    return bytes === null ? null : sha256(bytes)
  }

/** The link that seals `bytes` behind `head`; the first of a project goes behind {@link GENESIS}. A malformed head is a bug and throws. */
export const nextLink =
  (sha256: Sha256) =>
  (head: ChainHead, bytes: Uint8Array): ChainLink => {
    const sealed = { seq: head.seq + 1, prevHash: head.chainHash, sha256: sha256(bytes) }
    const hash = chainHash(sha256)(sealed)
    if (hash === null) throw new Error(`The chain has no entry ${head.seq} with hash ${head.chainHash}`)
    return { ...sealed, formatVersion: FORMAT_VERSION, chainHash: hash }
  }

/** All that is wrong with the entries of one project, given in order from the first; empty when nothing was touched. */
export const verifyChain =
  (tools: ChainTools) =>
  (projectId: string, entries: ReadonlyArray<ChainEntry>): ReadonlyArray<ChainFinding> =>
    entries.flatMap((entry, i) => verifyEntry(tools)(projectId, entries[i - 1] ?? GENESIS, entry))

/** What is wrong with one entry behind the one before it, so that long chains are read as a stream. */
export const verifyEntry =
  (tools: ChainTools) =>
  (projectId: string, previous: Before, entry: ChainEntry): ReadonlyArray<ChainFinding> => {
    const { seq } = entry
    return [
      ...(entry.projectId === projectId
        ? []
        : [{ type: 'OtherProject', seq, expected: projectId, actual: entry.projectId } as const]),
      ...placeFindings(previous, entry),
      ...contentFindings(tools, entry),
    ]
  }

/** Whether an entry follows the one before it; the part of {@link verifyEntry} that needs both. */
export const placeFindings = (
  previous: Before,
  { seq, prevHash, formatVersion }: Pick<ChainLink, 'seq' | 'prevHash' | 'formatVersion'>,
): ReadonlyArray<ChainFinding> => [
  ...(seq === previous.seq + 1 ? [] : [{ type: 'SeqGap', after: previous.seq, found: seq } as const]),
  ...(prevHash === previous.chainHash
    ? []
    : [{ type: 'ChainBroken', seq, expected: previous.chainHash, actual: prevHash } as const]),
  ...(formatVersion < previous.formatVersion
    ? [{ type: 'FormatFell', seq, before: previous.formatVersion, formatVersion } as const]
    : []),
]

/** What is wrong with one entry by itself: the part of {@link verifyEntry} that needs no other. */
export const contentFindings = (tools: ChainTools, entry: ChainEntry): ReadonlyArray<ChainFinding> => {
  if (!Object.hasOwn(sealedBytesOf, entry.formatVersion))
    return [{ type: 'UnknownFormat', seq: entry.seq, formatVersion: entry.formatVersion }]
  const { seq, bytes, sha256, jsonCopy } = entry
  const expected = chainHash(tools.sha256)(entry, entry.formatVersion)
  const copy = jsonCopy === null ? null : tools.canonicalBytes(jsonCopy)
  const copyIsSealed = copy === null || (E.isRight(copy) && tools.sha256(copy.right) === sha256)
  return [
    ...(tools.sha256(bytes) === sha256 ? [] : [{ type: 'BytesChanged', seq } as const]),
    ...(expected === entry.chainHash
      ? []
      : [{ type: 'HashMismatch', seq, expected: expected ?? 'not a hash', actual: entry.chainHash } as const]),
    ...(copyIsSealed ? [] : [{ type: 'CopyDiffers', seq } as const]),
  ]
}

const hashBytes = (hash: string): Uint8Array | null =>
  /^[0-9a-f]{64}$/.test(hash)
    ? Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hash.slice(2 * i, 2 * i + 2), 16))
    : null
