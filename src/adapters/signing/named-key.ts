import { createPublicKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { KEY_ID_DIGITS } from '../../domain/handover/signature.ts'
import { keyIdOf, publicKeyOf } from './ed25519.ts'

const LARGEST_KEY_FILE = 65_536

/** The id of a key that a person names by its id, by its public key (base64), or by a PEM file; null when it is none of them. */
export const keyIdNamed = (text: string): string | null => {
  if (new RegExp(`^[0-9a-f]{${KEY_ID_DIGITS}}$`).test(text)) return text
  try {
    const key = statSync(text, { throwIfNoEntry: false })?.isFile()
      ? createPublicKey(smallFile(text))
      : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ed25519' ? keyIdOf(publicKeyOf(key)) : null
  } catch {
    return null
  }
}

const smallFile = (path: string): string => {
  if (statSync(path).size > LARGEST_KEY_FILE) throw new Error('too large for a key')
  return readFileSync(path, 'utf8')
}
