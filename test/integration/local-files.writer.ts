import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { encryptedEvidenceStore } from '../../src/adapters/encryption/evidence-store.ts'
import { localEvidenceStore } from '../../src/adapters/local-files/evidence-store.ts'

/** Run as a process of its own: stores random files for ever, and prints each one only once it is acknowledged. */
const [, , root = '', key] = process.argv
const files = localEvidenceStore(root)
/** With a key (hex) they are encrypted. */
const store =
  key === undefined
    ? files
    : encryptedEvidenceStore({
        store: files,
        keys: { keyOf: () => TE.right({ state: 'held', key: Buffer.from(key, 'hex') }) },
        keepsAll: TE.right(false),
      })
const MB = 1024 * 1024

/** Random, but each says that it is plain. */
const part = (size: number): Uint8Array => {
  const bytes = randomBytes(size)
  bytes.write('PLAIN PLAIN PLAIN')
  return bytes
}

async function* photo() {
  const size = Math.floor(Math.random() * MB)
  for (let sent = 0; sent < size; sent += 16_384) yield part(Math.min(16_384, size - sent))
}

const storeForEver = async () => {
  for (let i = 0; ; i += 1) {
    const staged = await store.stage(photo(), MB)()
    if (E.isLeft(staged)) throw new Error(JSON.stringify(staged.left))
    const place = { ticketId: `ticket-${process.pid}-${i % 7}`, stepKey: 'house_front', extension: 'jpg' }
    const object = await store.commit(staged.right, place)()
    if (E.isLeft(object)) throw new Error(JSON.stringify(object.left))
    writeSync(1, `${JSON.stringify(object.right)}\n`)
  }
}

await Promise.all([storeForEver(), storeForEver(), storeForEver()])
