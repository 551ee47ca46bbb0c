import type { Instant } from '../shared/time.ts'
import { type ChainEntry, FIRST_SIGNED_FORMAT, type Sha256 } from './chain.ts'

/** Base64 of an Ed25519 public key as SubjectPublicKeyInfo (DER), the form that openssl and browsers read. */
export type PublicKey = string

/** A change of keys, signed by the older and by the newer one: whoever trusts one of them may trust the other. */
export type Endorsement = { readonly by: string; readonly byOlder: string; readonly byNewer: string }

/** A public key as kept with the record, for ever. */
export type SigningKey = {
  readonly keyId: string
  readonly publicKey: PublicKey
  readonly validFrom: Instant
  /** Null for a first key, and for one whose predecessor was lost. */
  readonly endorsement: Endorsement | null
}

export type SignatureTools = {
  /** Of the key's own bytes, so that a key's id is bound to it. */
  readonly keyIdOf: (publicKey: PublicKey) => string
  /** False also when key or signature are malformed; never throws. */
  readonly verifySignature: (publicKey: PublicKey, statement: Uint8Array, signature: string) => boolean
}

export type SignatureFinding =
  | { readonly type: 'SignatureMissing'; readonly seq: number }
  /** The signature is not that of this entry by that key. */
  | { readonly type: 'SignatureWrong'; readonly seq: number; readonly keyId: string }
  /** No key of this id is kept with the record. */
  | { readonly type: 'KeyUnknown'; readonly seq: number; readonly keyId: string }
  /** The key is kept, but no trusted key leads to it. */
  | { readonly type: 'KeyNotTrusted'; readonly seq: number; readonly keyId: string }
  | {
      readonly type: 'KeyNotYetValid'
      readonly seq: number
      readonly keyId: string
      readonly validFrom: Instant
      readonly signedAt: Instant
    }

/** How many digits of a key's SHA-256 are its id. */
export const KEY_ID_DIGITS = 32

export const keyIdOf =
  (sha256: Sha256) =>
  (keyBytes: Uint8Array): string =>
    sha256(keyBytes).slice(0, KEY_ID_DIGITS)

const statement = (...lines: ReadonlyArray<string>): Uint8Array => new TextEncoder().encode(lines.join('\n'))

/** What a snapshot's signature says: this entry, of this project, at this moment. The first line keeps it apart from all other uses of the key. */
export const snapshotStatement = (projectId: string, chainHash: string, signedAt: Instant): Uint8Array =>
  statement('fibreflow-ticketing/snapshot/1', JSON.stringify(projectId), chainHash, signedAt)

/** What both keys sign when the newer one takes over. */
export const rotationStatement = (olderKeyId: string, newer: Omit<SigningKey, 'endorsement'>): Uint8Array =>
  statement('fibreflow-ticketing/rotation/1', olderKeyId, newer.keyId, newer.publicKey, newer.validFrom)

export type KnownKey = SigningKey & { readonly trusted: boolean }
export type KnownKeys = ReadonlyMap<string, KnownKey>

/**
 * The keys that a record came with, each with whether one of the `roots` (ids) leads to it over rotations that both
 * keys signed. With no roots every key is taken at its word.
 */
export const knownKeys =
  ({ keyIdOf: idOf, verifySignature }: SignatureTools) =>
  (keys: ReadonlyArray<SigningKey>, roots: ReadonlyArray<string>): KnownKeys => {
    const genuine = new Map(keys.filter(({ keyId, publicKey }) => idOf(publicKey) === keyId).map((k) => [k.keyId, k]))
    const edges = [...genuine.values()].flatMap((newer): ReadonlyArray<readonly [string, string]> => {
      const { endorsement } = newer
      const older = endorsement === null ? undefined : genuine.get(endorsement.by)
      if (endorsement === null || older === undefined) return []
      const said = rotationStatement(older.keyId, newer)
      const holds =
        verifySignature(older.publicKey, said, endorsement.byOlder) &&
        verifySignature(newer.publicKey, said, endorsement.byNewer)
      return holds ? [[older.keyId, newer.keyId]] : []
    })
    const trusted = new Set(roots)
    for (let before = -1; before !== trusted.size; ) {
      before = trusted.size
      for (const [older, newer] of edges)
        if (trusted.has(older) || trusted.has(newer)) {
          trusted.add(older)
          trusted.add(newer)
        }
    }
    return new Map(
      [...genuine].map(([id, key]) => [id, { ...key, trusted: roots.length === 0 || trusted.has(id) }] as const),
    )
  }

type Signed = Pick<ChainEntry, 'seq' | 'formatVersion' | 'projectId' | 'chainHash' | 'signature'>

/**
 * What is wrong with the signature of one entry. Entries of earlier builds bear none, which is taken up to number
 * `unsignedUpTo` only: behind it every entry is signed.
 */
export const signatureFindings =
  ({ verifySignature }: Pick<SignatureTools, 'verifySignature'>, keys: KnownKeys, unsignedUpTo: number) =>
  ({ seq, formatVersion, projectId, chainHash, signature }: Signed): ReadonlyArray<SignatureFinding> => {
    if (signature === null)
      return formatVersion < FIRST_SIGNED_FORMAT && seq <= unsignedUpTo ? [] : [{ type: 'SignatureMissing', seq }]
    const { keyId, value, signedAt } = signature
    const key = keys.get(keyId)
    if (key === undefined) return [{ type: 'KeyUnknown', seq, keyId }]
    if (!verifySignature(key.publicKey, snapshotStatement(projectId, chainHash, signedAt), value))
      return [{ type: 'SignatureWrong', seq, keyId }]
    return [
      ...(key.trusted ? [] : [{ type: 'KeyNotTrusted', seq, keyId } as const]),
      ...(signedAt >= key.validFrom
        ? []
        : [{ type: 'KeyNotYetValid', seq, keyId, validFrom: key.validFrom, signedAt } as const]),
    ]
  }
