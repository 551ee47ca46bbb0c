import { createCipheriv, createDecipheriv } from 'node:crypto'

/** Bytes of content in each frame but the last, which has what is left. */
export const FRAME_BYTES = 65_536
const TAG_BYTES = 16
const NONCE_BYTES = 12
/** Begins each encrypted file, names the format, and is authenticated with each frame. */
const HEADER = Buffer.from('FFTENC\0\u0001', 'latin1')

/** Whether it begins as an encrypted file does; reads no more than that. */
export const beginsEncrypted = async (content: AsyncIterable<Uint8Array>): Promise<boolean> => {
  let first = Buffer.alloc(0)
  for await (const chunk of content) {
    first = Buffer.concat([first, chunk])
    if (first.byteLength >= HEADER.byteLength) break
  }
  return first.subarray(0, HEADER.byteLength).equals(HEADER)
}

/** Thrown by a stream whose bytes are not those that were encrypted with this key, whole and in order. */
export const DAMAGED = new Error('an encrypted file is not what was stored')

/** How many bytes so much content becomes. */
export const encryptedBytes = (contentBytes: number): number =>
  HEADER.byteLength + contentBytes + TAG_BYTES * Math.max(1, Math.ceil(contentBytes / FRAME_BYTES))

/**
 * AES-256-GCM in frames, each numbered and the last one marked in its nonce, so that none can be dropped, doubled, moved or
 * cut off (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015, https://eprint.iacr.org/2015/189). The same content under the
 * same key is the same bytes, therefore a key must never be used for another content.
 */
export async function* encrypted(key: Uint8Array, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield HEADER
  let number = 0
  for await (const { bytes, isLast } of inFrames(content, FRAME_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast)).setAAD(HEADER)
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
    number += 1
  }
}

/** The content again, frame by frame, none of it given before it is authenticated; throws `DAMAGED` at the first that is not. */
export async function* decrypted(key: Uint8Array, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let number = 0
  for await (const { bytes, isLast } of inFrames(withoutHeader(content), FRAME_BYTES + TAG_BYTES)) {
    const opened = openFrame(key, nonceOf(number, isLast), bytes)
    if (opened === null) throw DAMAGED
    if (opened.byteLength > 0) yield opened
    number += 1
  }
}

const openFrame = (key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array | null => {
  const end = bytes.byteLength - TAG_BYTES
  if (end < 0) return null
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(HEADER)
    .setAuthTag(bytes.subarray(end))
  const opened = decipher.update(bytes.subarray(0, end))
  try {
    decipher.final()
  } catch {
    return null
  }
  return opened
}

const nonceOf = (number: number, isLast: boolean): Uint8Array => {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt32BE(number, NONCE_BYTES - 5)
  nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 1)
  return nonce
}

/** `bytes` is good until the next frame is asked for. There is always a last frame, be it empty. */
async function* inFrames(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly isLast: boolean }> {
  const frame = Buffer.allocUnsafe(size)
  let filled = 0
  for await (const chunk of content)
    for (let from = 0; from < chunk.byteLength; ) {
      if (filled === size) {
        yield { bytes: frame, isLast: false }
        filled = 0
      }
      const part = chunk.subarray(from, from + size - filled)
      frame.set(part, filled)
      filled += part.byteLength
      from += part.byteLength
    }
  yield { bytes: frame.subarray(0, filled), isLast: true }
}

async function* withoutHeader(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const chunk of content) {
    const part = chunk.subarray(0, Math.max(0, HEADER.byteLength - seen))
    if (!HEADER.subarray(seen, seen + part.byteLength).equals(part)) throw DAMAGED
    seen += part.byteLength
    if (part.byteLength < chunk.byteLength) yield chunk.subarray(part.byteLength)
  }
  if (seen < HEADER.byteLength) throw DAMAGED
}
