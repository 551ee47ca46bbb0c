import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import {
  keyIdOf as keyIdOfBytes,
  type PublicKey,
  rotationStatement,
  type SignatureTools,
  type SigningKey,
} from '../../domain/handover/signature.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const parsed = new Map<PublicKey, KeyObject | null>()
const MOST_REMEMBERED = 1_000

/** Null unless it is an Ed25519 public key. Parsing costs as much as a verification, so it is remembered. */
const keyObject = (publicKey: PublicKey): KeyObject | null => {
  const known = parsed.get(publicKey)
  if (known !== undefined) return known
  if (parsed.size >= MOST_REMEMBERED) parsed.clear()
  const key = parse(publicKey)
  parsed.set(publicKey, key)
  return key
}

const parse = (publicKey: PublicKey): KeyObject | null => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ed25519' && publicKeyOf(key) === publicKey ? key : null
  } catch {
    return null
  }
}

/** The one text that stands for a key; private keys give that of their public half. */
export const publicKeyOf = (key: KeyObject): PublicKey =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' }).toString('base64')

export const keyIdOf = (publicKey: PublicKey): string => keyIdOfBytes(sha256)(Buffer.from(publicKey, 'base64'))

const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/

/** Ed25519 by node:crypto. */
export const ed25519: SignatureTools = {
  keyIdOf,
  verifySignature: (publicKey, statement, signature) => {
    const key = keyObject(publicKey)
    return key !== null && SIGNATURE.test(signature) && verify(null, statement, key, Buffer.from(signature, 'base64'))
  },
}

/** Base64 of the 64 bytes. */
export const signatureOf = (privateKey: KeyObject, statement: Uint8Array): string =>
  sign(null, statement, privateKey).toString('base64')

/** The newer key as it is kept, with the change signed by both. */
export const endorsed = (older: KeyObject, newer: KeyObject, validFrom: string): SigningKey => {
  const publicKey = publicKeyOf(newer)
  const key = { keyId: keyIdOf(publicKey), publicKey, validFrom }
  const by = keyIdOf(publicKeyOf(older))
  const said = rotationStatement(by, key)
  return { ...key, endorsement: { by, byOlder: signatureOf(older, said), byNewer: signatureOf(newer, said) } }
}
