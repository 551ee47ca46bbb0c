import { createHmac, timingSafeEqual } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { z } from 'zod'
import type { Hint, HintHeaders, HintRefused } from '../../application/sync/receive-hint.ts'

const hint = z.object({ case_id: z.union([z.string().regex(/^\d{1,20}$/), z.int().positive()]).transform(String) })

/** How far a sender's clock may be from ours. */
const TOLERANCE_S = 300

const signs = (secret: string, signed: Uint8Array, given: string): boolean => {
  const ours = createHmac('sha256', secret).update(signed).digest()
  const theirs = Buffer.from(given, 'base64')
  return theirs.length === ours.length && timingSafeEqual(ours, theirs)
}

/**
 * Reads a hint signed as Standard Webhooks has it: `webhook-signature` holds `v1,` and the base64 HMAC-SHA256 of
 * `webhook-id.webhook-timestamp.body`, one for each secret in use, so that secrets can be changed one after another.
 */
export const readHint =
  (secrets: ReadonlyArray<string>) =>
  (raw: Uint8Array, { id, timestamp, signature }: HintHeaders, now: string): E.Either<HintRefused, Hint> => {
    if (id === null || !/^[\w.:-]{1,200}$/.test(id) || timestamp === null || !/^\d{1,12}$/.test(timestamp))
      return E.left({ type: 'SignatureWrong' })
    const given = (signature ?? '').split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []))
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), raw])
    // Every secret is tried against every signature, so that the time it takes tells nothing.
    const right = secrets.flatMap((secret) => given.slice(0, 10).map((one) => signs(secret, signed, one)))
    const off = Math.abs(Date.parse(now) / 1_000 - Number(timestamp))
    if (!right.includes(true) || off > TOLERANCE_S) return E.left({ type: 'SignatureWrong' })
    try {
      const read = hint.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)))
      return read.success ? E.right({ id, caseId: read.data.case_id }) : E.left({ type: 'WebhookUnreadable' })
    } catch {
      return E.left({ type: 'WebhookUnreadable' })
    }
  }
