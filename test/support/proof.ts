import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { ed25519, endorsed, keyIdOf, publicKeyOf, signatureOf } from '../../src/adapters/signing/ed25519.ts'
import { keyed } from '../../src/adapters/signing/keyed.ts'
import { readTimestamp } from '../../src/adapters/timestamp/token.ts'
import type { Signer } from '../../src/application/ports/signer.ts'
import type { SigningKey } from '../../src/domain/handover/signature.ts'

export const tools = { sha256, canonicalBytes, ...ed25519, ...keyed }
export const anyTimestamp = readTimestamp([])

/** A signing key in memory, valid from that moment on; each call makes another one. */
export const aSigner = (now: () => string = () => new Date().toISOString()): Signer => {
  const firstKey = (privateKey: KeyObject): SigningKey => {
    const publicKey = publicKeyOf(privateKey)
    return { keyId: keyIdOf(publicKey), publicKey, validFrom: now(), endorsement: null }
  }
  let privateKey = generateKeyPairSync('ed25519').privateKey
  let key = firstKey(privateKey)
  return {
    sign: (statement) => {
      const signedAt = now()
      return { key, signature: { keyId: key.keyId, value: signatureOf(privateKey, statement(signedAt)), signedAt } }
    },
    current: () => key,
    rotate: (introduce) => {
      const next = generateKeyPairSync('ed25519').privateKey
      const newer = endorsed(privateKey, next, now())
      return pipe(
        introduce(newer, key),
        TE.map(() => {
          privateKey = next
          key = newer
          return newer
        }),
      )
    },
  }
}
