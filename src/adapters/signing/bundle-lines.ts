import { z } from 'zod'
import type { BundleRecord } from '../../application/handover/export-snapshots.ts'
import { anchorIn, anchorText } from '../contract/anchor-file.ts'

const moment = z.iso.datetime({ precision: 3 })
const base64 = z.string()

/** One line of a bundle. Hashes and signatures are checked by verification, which says more than "not of the form". */
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('bundle'), version: z.literal(1), project_id: z.string(), exported_at: moment }),
  z.object({
    type: z.literal('key'),
    key_id: z.string(),
    public_key: z.string(),
    valid_from: moment,
    endorsement: z.object({ by: z.string(), by_older: z.string(), by_newer: z.string() }).nullable(),
  }),
  z.object({ type: z.literal('anchor'), name: z.string(), text: z.string().nullable(), token: base64.nullable() }),
  z.object({ type: z.literal('head'), seq: z.int().nonnegative(), chain_hash: z.string() }),
  z.object({
    type: z.literal('snapshot'),
    project_id: z.string(),
    seq: z.number(),
    format_version: z.number(),
    prev_hash: z.string(),
    sha256: z.string(),
    chain_hash: z.string(),
    signature: z.object({ key_id: z.string(), value: z.string(), signed_at: z.string() }).nullable(),
    bytes: base64,
  }),
  z.object({ type: z.literal('end'), snapshots: z.int().nonnegative() }),
])
type Line = z.infer<typeof line>

/** A record as a line of newline-delimited JSON, without its line end; bytes are base64. */
export const lineOf = (record: BundleRecord): string => JSON.stringify(written(record))

const written = (record: BundleRecord): Line => {
  switch (record.type) {
    case 'bundle':
      return { type: 'bundle', version: 1, project_id: record.projectId, exported_at: record.exportedAt }
    case 'key': {
      const { keyId, publicKey, validFrom, endorsement } = record.key
      return {
        type: 'key',
        key_id: keyId,
        public_key: publicKey,
        valid_from: validFrom,
        endorsement:
          endorsement === null
            ? null
            : { by: endorsement.by, by_older: endorsement.byOlder, by_newer: endorsement.byNewer },
      }
    }
    case 'anchor': {
      const { name, anchor, token } = record.stored
      return {
        type: 'anchor',
        name,
        text: anchor === null ? null : anchorText(anchor),
        token: token === null ? null : Buffer.from(token).toString('base64'),
      }
    }
    case 'head':
      return { type: 'head', seq: record.head.seq, chain_hash: record.head.chainHash }
    case 'snapshot': {
      const { projectId, seq, formatVersion, prevHash, sha256, chainHash, signature, bytes } = record.entry
      return {
        type: 'snapshot',
        project_id: projectId,
        seq,
        format_version: formatVersion,
        prev_hash: prevHash,
        sha256,
        chain_hash: chainHash,
        signature:
          signature === null
            ? null
            : { key_id: signature.keyId, value: signature.value, signed_at: signature.signedAt },
        bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
      }
    }
    case 'end':
      return { type: 'end', snapshots: record.snapshots }
  }
}

/** Null when the line is none of a bundle's. */
export const recordIn = (text: string): BundleRecord | null => {
  const found = line.safeParse(orNull(text))
  return found.success ? read(found.data) : null
}

const read = (one: Line): BundleRecord | null => {
  switch (one.type) {
    case 'bundle':
      return { type: 'bundle', version: 1, projectId: one.project_id, exportedAt: one.exported_at }
    case 'key': {
      const { endorsement: e } = one
      return {
        type: 'key',
        key: {
          keyId: one.key_id,
          publicKey: one.public_key,
          validFrom: one.valid_from,
          endorsement: e === null ? null : { by: e.by, byOlder: e.by_older, byNewer: e.by_newer },
        },
      }
    }
    case 'anchor':
      return {
        type: 'anchor',
        stored: {
          name: one.name,
          anchor: one.text === null ? null : anchorIn(one.text),
          token: one.token === null ? null : Buffer.from(one.token, 'base64'),
        },
      }
    case 'head':
      return { type: 'head', head: { seq: one.seq, chainHash: one.chain_hash } }
    case 'snapshot': {
      const bytes = Buffer.from(one.bytes, 'base64')
      // What is not the one base64 of its bytes (a bit changed in its padding) was changed, too.
      if (one.bytes.length !== 4 * Math.ceil(bytes.length / 3) || tailOf(bytes) !== one.bytes.slice(-4)) return null
      const { signature: s } = one
      return {
        type: 'snapshot',
        entry: {
          projectId: one.project_id,
          seq: one.seq,
          formatVersion: one.format_version,
          prevHash: one.prev_hash,
          sha256: one.sha256,
          chainHash: one.chain_hash,
          signature: s === null ? null : { keyId: s.key_id, value: s.value, signedAt: s.signed_at },
          bytes,
        },
      }
    }
    case 'end':
      return { type: 'end', snapshots: one.snapshots }
  }
}

const tailOf = (bytes: Buffer): string =>
  bytes.length === 0 ? '' : bytes.subarray(bytes.length - (bytes.length % 3 || 3)).toString('base64')

const orNull = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
