import { createHash, createVerify, type KeyLike } from 'node:crypto'
import type { Refused } from './strict-objects.ts'

const LONGEST_S = 604_800
const TIMES = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

const strictly = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * The check production makes of a V4 signed URL, from the published algorithm
 * (https://cloud.google.com/storage/docs/authentication/canonical-requests): signature, headers and time.
 */
export const checkSignedUrl = (
  method: string,
  url: URL,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  publicKey: KeyLike,
): Refused | null => {
  const asked = (name: string): string => url.searchParams.get(name) ?? ''
  const signature = asked('X-Goog-Signature')
  if (signature === '') return { status: 401, message: 'Anonymous caller does not have storage.objects.get access.' }
  const [algorithm, date] = [asked('X-Goog-Algorithm'), asked('X-Goog-Date')]
  const begins = Date.parse(date.replace(TIMES, '$1-$2-$3T$4:$5:$6Z'))
  const seconds = Number(asked('X-Goog-Expires'))
  if (algorithm !== 'GOOG4-RSA-SHA256' || !(seconds > 0 && seconds <= LONGEST_S) || Number.isNaN(begins))
    return { status: 400, message: 'Malformed signed URL.' }
  if (Date.now() > begins + seconds * 1_000)
    return { status: 400, message: 'ExpiredToken: the signed URL has expired.' }
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => `${strictly(name)}=${strictly(value)}`)
    .sort()
    .join('&')
  const signed = asked('X-Goog-SignedHeaders').split(';')
  // The client signs the host without its port, which production never has.
  const valueOfHeader = (name: string): string => (name === 'host' ? url.hostname : String(headers[name] ?? ''))
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.map((name) => `${name}:${valueOfHeader(name).trim()}`),
    '',
    signed.join(';'),
    String(headers['x-goog-content-sha256'] ?? 'UNSIGNED-PAYLOAD'),
  ].join('\n')
  const scope = asked('X-Goog-Credential').split('/').slice(1).join('/')
  const hash = createHash('sha256').update(canonical).digest('hex')
  const verified = createVerify('RSA-SHA256')
    .update([algorithm, date, scope, hash].join('\n'))
    .verify(publicKey, signature, 'hex')
  return verified ? null : { status: 403, message: 'SignatureDoesNotMatch.' }
}
