import { createHash } from 'node:crypto'

/** What a bucket was made with: may objects carry a retention of their own, and does it keep all of them for some time. */
export type BucketRules = {
  readonly objectRetention: boolean
  readonly policy: { readonly retentionPeriod: number; readonly isLocked: boolean } | null
  /** Puts every new object under an event-based hold that does not say otherwise. */
  readonly defaultHold?: boolean
}

export type ObjectRetention = { readonly mode: 'Locked' | 'Unlocked'; readonly retainUntilTime: string }

/** What production knows of an object and the emulator does not. */
export type Kept = {
  readonly generation: number
  readonly metageneration: number
  readonly custom: Readonly<Record<string, string>>
  readonly eventBasedHold: boolean
  readonly temporaryHold: boolean
  readonly retention: ObjectRetention | null
  /** When the bucket's own retention began to count; an event-based hold stops it. */
  readonly retainedFrom: number | null
}

export type ObjectFields = {
  readonly name?: string
  readonly contentType?: string
  readonly md5Hash?: string
  readonly crc32c?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly eventBasedHold?: boolean
  readonly temporaryHold?: boolean
  readonly retention?: ObjectRetention | null
}

export type Refused = { readonly status: 400 | 401 | 403 | 404 | 412; readonly message: string }

const CONDITIONS = [
  ['ifGenerationMatch', 'generation', true],
  ['ifGenerationNotMatch', 'generation', false],
  ['ifMetagenerationMatch', 'metageneration', true],
  ['ifMetagenerationNotMatch', 'metageneration', false],
] as const

/** https://cloud.google.com/storage/docs/request-preconditions: 0 stands for an object that is not there. */
export const unmet = (query: URLSearchParams, kept: Kept | undefined): Refused | null => {
  const broken = CONDITIONS.some(([name, field, equal]) => {
    const asked = query.get(name)
    return asked !== null && (asked === String(kept?.[field] ?? 0)) !== equal
  })
  return broken ? { status: 412, message: 'At least one of the pre-conditions you specified did not hold.' } : null
}

export const retentionEnd = (kept: Kept, { policy }: BucketRules): number | null =>
  policy === null || kept.retainedFrom === null ? null : kept.retainedFrom + policy.retentionPeriod * 1_000

/** https://cloud.google.com/storage/docs/object-holds and …/bucket-lock: neither deleted nor replaced. */
export const isProtected = (kept: Kept | undefined, rules: BucketRules): Refused | null => {
  if (kept === undefined) return null
  const now = Date.now()
  const held = kept.eventBasedHold || kept.temporaryHold
  const until = Math.max(Date.parse(kept.retention?.retainUntilTime ?? '') || 0, retentionEnd(kept, rules) ?? 0)
  return held || until > now ? { status: 403, message: 'Object is under active hold or retention.' } : null
}

const badRetention = (retention: ObjectRetention | null, held: boolean, rules: BucketRules): Refused | null => {
  if (retention === null) return null
  if (!rules.objectRetention) return { status: 400, message: 'Object retention is not enabled on this bucket.' }
  if (held) return { status: 400, message: 'Object retention and an event-based hold exclude each other.' }
  return Date.parse(retention.retainUntilTime) > Date.now()
    ? null
    : { status: 400, message: 'The retain-until time must be in the future.' }
}

/** What may be stored: the bytes are those that were announced, and what shall keep them fits the bucket. */
export const badUpload = (fields: ObjectFields, bytes: Uint8Array, rules: BucketRules): Refused | null => {
  const md5 = createHash('md5').update(bytes).digest('base64')
  if (fields.md5Hash !== undefined && fields.md5Hash !== md5)
    return { status: 400, message: `Provided MD5 hash "${fields.md5Hash}" doesn't match calculated MD5 hash "${md5}".` }
  return badRetention(fields.retention ?? null, fields.eventBasedHold === true, rules)
}

/** A change of what is known about an object; locked retention only ever grows. */
export const changed = (kept: Kept, fields: ObjectFields, rules: BucketRules): Kept | Refused => {
  const eventBasedHold = fields.eventBasedHold ?? kept.eventBasedHold
  const retention = fields.retention === undefined ? kept.retention : fields.retention
  const bad = badRetention(fields.retention ?? null, eventBasedHold, rules)
  if (bad !== null) return bad
  if (kept.retention?.mode === 'Locked') {
    const later = retention !== null && retention.retainUntilTime >= kept.retention.retainUntilTime
    if (!later || retention?.mode !== 'Locked')
      return { status: 403, message: 'Locked retention cannot be shortened or removed.' }
  }
  return {
    ...kept,
    metageneration: kept.metageneration + 1,
    custom: { ...kept.custom, ...fields.metadata },
    eventBasedHold,
    temporaryHold: fields.temporaryHold ?? kept.temporaryHold,
    retention,
    retainedFrom: eventBasedHold ? null : (kept.retainedFrom ?? Date.now()),
  }
}
