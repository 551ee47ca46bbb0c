import { createHmac } from 'node:crypto'
import type { KeyedTools } from '../../domain/handover/personal.ts'
import { derivedKey } from '../contract/derived-key.ts'

/** Keyed hashes by node:crypto. */
export const keyed: Omit<KeyedTools, 'canonicalBytes'> = {
  derivedKey,
  hmac: (key, bytes) => createHmac('sha256', key).update(bytes).digest('hex'),
}
