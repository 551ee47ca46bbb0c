import { hkdfSync } from 'node:crypto'

const KEY_BYTES = 32
const NO_SALT = new Uint8Array()

/** 32 bytes for one purpose out of a ticket's key, by HKDF-SHA-256 (RFC 5869): no purpose's key tells another's. */
export const derivedKey = (key: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, NO_SALT, purpose, KEY_BYTES))
