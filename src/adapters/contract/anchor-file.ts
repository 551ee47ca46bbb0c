import { z } from 'zod'
import { type Anchor, anchorFolder } from '../../domain/handover/anchor.ts'

const shape = z.strictObject({
  format_version: z.literal(1),
  project_id: z.string().min(1),
  seq: z.int().positive(),
  chain_hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime({ precision: 3 }),
  key_id: z.string(),
  signature: z.string(),
})

/** An anchor as a file outside the database: readable with any editor, verified with nothing but the public key. */
export const anchorText = ({ projectId, seq, chainHash, signature }: Anchor): string =>
  `${JSON.stringify({
    format_version: 1,
    project_id: projectId,
    seq,
    chain_hash: chainHash,
    at: signature.signedAt,
    key_id: signature.keyId,
    signature: signature.value,
  })}\n`

/** Longer is no anchor. */
export const MOST_ANCHOR_BYTES = 16_384

/** Null when the text is no anchor. */
export const anchorIn = (text: string): Anchor | null => {
  const found = shape.safeParse(orNull(text))
  if (!found.success) return null
  const { project_id, seq, chain_hash, at, key_id, signature } = found.data
  return {
    projectId: project_id,
    seq,
    chainHash: chain_hash,
    signature: { keyId: key_id, value: signature, signedAt: at },
  }
}

/** What an anchor is called inside its project's folder; its time stamp lies beside it under the same name and this ending. */
export const ANCHOR_FILE = /^\d{12}-[0-9a-f]{64}\.json$/
export const TOKEN = '.tsr'

/** The project that a folder of anchors belongs to; null when the folder is none of ours. */
export const projectOf = (folder: string): string | null => {
  try {
    const projectId = decodeURIComponent(folder)
    return anchorFolder(projectId) === `anchors/${folder}` ? projectId : null
  } catch {
    return null
  }
}

const orNull = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
