import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAMAGED, decrypted, encrypted, encryptedBytes, FRAME_BYTES } from '../../../src/adapters/encryption/frames.ts'

const HEADER = 8
const STORED_FRAME = FRAME_BYTES + 16
const key = randomBytes(32)

/** Both sides of each limit: of nothing, and of one, two and three frames. */
const sizes = fc.oneof(
  fc.constantFrom(0, 1, ...[1, 2, 3].flatMap((frames) => [-1, 0, 1].map((more) => frames * FRAME_BYTES + more))),
  fc.nat(4 * FRAME_BYTES),
)
const contents = fc.tuple(sizes, fc.nat()).map(([size, seed]) => bytesOf(size, seed))

describe('An encrypted file', () => {
  it('comes back byte for byte, whatever its length and however it is cut into chunks on the way', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1, max: 100_000 }), async (content, cut) => {
        const stored = await collect(encrypted(key, inChunks(content, cut)))
        expect(stored.byteLength).toBe(encryptedBytes(content.byteLength))
        expect((await collect(decrypted(key, inChunks(stored, cut)))).equals(content)).toBe(true)
        seen.add(content.byteLength === 0 ? 'empty' : content.byteLength % FRAME_BYTES === 0 ? 'whole frames' : 'other')
      }),
      {
        numRuns: 200,
        examples: [
          [bytesOf(0, 1), 1],
          [bytesOf(FRAME_BYTES, 1), 1_000],
        ],
      },
    )
    expect([...seen].sort()).toEqual(['empty', 'other', 'whole frames'])
  })

  it('is the same bytes each time, shows nothing of its content, and is other bytes under another key', async () => {
    const content = Buffer.alloc(3 * FRAME_BYTES, 'the same line again')
    const [once, again, other] = await Promise.all(
      [key, key, randomBytes(32)].map((with_) => collect(encrypted(with_, inChunks(content, 1_000)))),
    )
    expect(once?.equals(again ?? Buffer.alloc(0))).toBe(true)
    expect(once?.includes('the same line')).toBe(false)
    expect(once?.subarray(HEADER, HEADER + 64).equals(other?.subarray(HEADER, HEADER + 64) ?? Buffer.alloc(0))).toBe(
      false,
    )
    const [first, second] = [0, 1].map((n) =>
      once?.subarray(HEADER + n * STORED_FRAME, HEADER + (n + 1) * STORED_FRAME),
    )
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(false)
  })

  it('gives none of a frame in which any one bit was flipped, be it of the header, the content or the tag', async () => {
    const parts = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (content, where) => {
          const stored = await collect(encrypted(key, inChunks(content, 70_000)))
          const bit = Math.floor(where * stored.byteLength * 8)
          const at = Math.floor(bit / 8)
          stored.writeUInt8(stored.readUInt8(at) ^ (1 << (bit % 8)), at)
          const frame = Math.max(0, Math.floor((at - HEADER) / STORED_FRAME))
          await expectDamage(stored, content.subarray(0, at < HEADER ? 0 : frame * FRAME_BYTES))
          parts.add(at < HEADER ? 'header' : frame === 0 ? 'first frame' : 'later frame')
        },
      ),
      {
        numRuns: 300,
        examples: [
          [bytesOf(0, 1), 0],
          [bytesOf(3 * FRAME_BYTES, 1), 0.9],
        ],
      },
    )
    expect([...parts].sort()).toEqual(['first frame', 'header', 'later frame'])
  })

  it('cannot lose, repeat or exchange a frame, nor borrow one from another place or file', async () => {
    const done = new Set<string>()
    const changes = ['dropped', 'doubled', 'swapped', 'of another file', 'put at the end'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 0, max: FRAME_BYTES }),
        fc.constantFrom(...changes),
        fc.nat(3),
        async (whole, rest, change, which) => {
          const content = bytesOf(whole * FRAME_BYTES + rest, 7)
          const [header, ...frames] = await collected(encrypted(key, inChunks(content, 65_536)))
          const [, ...others] = await collected(
            encrypted(randomBytes(32), inChunks(bytesOf(content.byteLength, 8), 65_536)),
          )
          const at = which % frames.length
          const beside = (at + 1) % frames.length
          const changed = frames.flatMap((frame, index) => {
            if (change === 'dropped') return index === at ? [] : [frame]
            if (change === 'doubled') return index === at ? [frame, frame] : [frame]
            if (change === 'swapped') return [index === at ? frames[beside] : index === beside ? frames[at] : frame]
            if (change === 'of another file') return [index === at ? others[at] : frame]
            return index === frames.length - 1 ? [frame, frames[at]] : [frame]
          })
          const stored = Buffer.concat([header, ...changed].map((part) => part ?? Buffer.alloc(0)))
          await expectDamage(stored, null)
          done.add(change)
        },
      ),
      { numRuns: 150 },
    )
    expect(done.size).toBe(changes.length)
  })

  it('cannot be cut off anywhere, not even between two frames, and takes no byte behind its end', async () => {
    const content = bytesOf(2 * FRAME_BYTES + 100, 3)
    const stored = await collect(encrypted(key, inChunks(content, 1_000)))
    const cuts = [0, 1, HEADER - 1, HEADER, HEADER + 1, HEADER + 15, HEADER + 16]
    for (const frames of [1, 2]) for (const more of [-1, 0, 1, 16]) cuts.push(HEADER + frames * STORED_FRAME + more)
    for (const length of [...cuts, stored.byteLength - 1]) await expectDamage(stored.subarray(0, length), null)
    for (const more of [1, 16, STORED_FRAME]) await expectDamage(Buffer.concat([stored, Buffer.alloc(more)]), null)
  })

  it('of no content at all is found damaged as well', async () => {
    const stored = await collect(encrypted(key, inChunks(Buffer.alloc(0), 1)))
    expect(stored.byteLength).toBe(HEADER + 16)
    for (let length = 0; length < stored.byteLength; length += 1) await expectDamage(stored.subarray(0, length), null)
    await expectDamage(Buffer.concat([stored, Buffer.alloc(1)]), null)
  })

  it('is not opened by another key', async () => {
    const stored = await collect(encrypted(randomBytes(32), inChunks(bytesOf(10, 1), 10)))
    await expectDamage(stored, Buffer.alloc(0))
  })

  it('is in the format that was first stored: this very file must be opened for ever', async () => {
    const content = bytesOf(FRAME_BYTES + 5, 42)
    const fixed = createHash('sha256').update('a fixed key').digest()
    const stored = await collect(encrypted(fixed, inChunks(content, 999)))
    expect(createHash('sha256').update(stored).digest('hex')).toBe(
      '488f6169416e6d85eb309927ffaa012fc1be7a3b34449cbf1faf75c480c75e9e',
    )
  })
})

const expectDamage = async (stored: Uint8Array, givenBefore: Uint8Array | null): Promise<void> => {
  const given: Uint8Array[] = []
  const read = async () => {
    for await (const frame of decrypted(key, inChunks(stored, 50_000))) given.push(frame)
  }
  await expect(read()).rejects.toBe(DAMAGED)
  if (givenBefore !== null) expect(Buffer.concat(given).equals(givenBefore)).toBe(true)
}

function bytesOf(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed | 1
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[at] = state >>> 24
  }
  return bytes
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += size) yield bytes.subarray(from, from + size)
}

const collected = async (content: AsyncIterable<Uint8Array>): Promise<ReadonlyArray<Uint8Array>> => {
  const parts: Uint8Array[] = []
  for await (const part of content) parts.push(part)
  return parts
}
const collect = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await collected(content))
