// 100,000 snapshots of 20 kB, exported as one bundle, verified offline on two worker threads: under a minute, in bounded
// memory. `node bench/verify-snapshots.ts [snapshots] [bytes each] [threads]`; the bundle is made first, and not measured.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/lib/Either.js'
import { sha256 } from '../src/adapters/canonical/sha256.ts'
import { bundleFile } from '../src/adapters/signing/bundle-file.ts'
import { fileSigner } from '../src/adapters/signing/key-file.ts'
import { verifyBundle } from '../src/adapters/signing/verify-bundle.ts'
import { readTimestamp } from '../src/adapters/timestamp/token.ts'
import type { BundleRecord } from '../src/application/handover/export-snapshots.ts'
import { type Anchor, anchorName, anchorStatement } from '../src/domain/handover/anchor.ts'
import { type ChainEntry, type ChainHead, GENESIS, nextLink } from '../src/domain/handover/chain.ts'
import { snapshotStatement } from '../src/domain/handover/signature.ts'

const [count = 100_000, size = 20_000, workers = 2] = process.argv.slice(2).map(Number)
const ANCHOR_EVERY = 100
const LIMIT_S = 60

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'verify-snapshots-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'bundle.ndjson')
const signer = fileSigner({ file: join(folder, 'key.pem'), makeFirst: true, now: () => new Date() })
const projectId = 'lawley'

const contentOf = (seq: number): Uint8Array => {
  const start = `{"seq":${seq},"filler":"`
  return new TextEncoder().encode(`${start}${String(seq).padEnd(size - start.length - 2, 'x')}"}`)
}

const follow = (head: ChainHead): Omit<ChainEntry, 'jsonCopy'> => {
  const bytes = contentOf(head.seq + 1)
  const link = nextLink(sha256)(head, bytes)
  const { signature } = signer.sign((at) => snapshotStatement(projectId, link.chainHash, at))
  return { ...link, projectId, bytes, signature }
}

const anchorAt = (head: ChainHead): BundleRecord => {
  const { seq, chainHash } = head
  const { signature } = signer.sign((at) => anchorStatement({ projectId, seq, chainHash }, at))
  const anchor: Anchor = { projectId, seq, chainHash, signature }
  return { type: 'anchor', stored: { name: anchorName(anchor), anchor, token: null } }
}

const made = await bundleFile(file)((write) => async () => {
  const put = async (record: BundleRecord): Promise<void> => {
    const written = await write(record)()
    if (E.isLeft(written)) throw new Error(written.left.reason)
  }
  const { key } = signer.sign(() => new Uint8Array())
  await put({ type: 'bundle', version: 1, projectId, exportedAt: new Date().toISOString() })
  await put({ type: 'key', key })
  // Links do not depend on signatures, so the chain is walked once for its anchors and once for its entries.
  let head: ChainHead = GENESIS
  for (let n = 1; n <= count; n += 1) {
    head = nextLink(sha256)(head, contentOf(n))
    if (n % ANCHOR_EVERY === 0) await put(anchorAt(head))
  }
  await put({ type: 'head', head: { seq: head.seq, chainHash: head.chainHash } })
  let last: ChainHead = GENESIS
  for (let n = 1; n <= count; n += 1) {
    const entry = follow(last)
    last = entry
    await put({ type: 'snapshot', entry })
  }
  await put({ type: 'end', snapshots: count })
  return E.right(null)
})()
if (E.isLeft(made)) throw new Error(made.left.type)

const keyId = signer.current()?.keyId ?? ''
let highest = 0
const watch = setInterval(() => {
  highest = Math.max(highest, process.memoryUsage.rss())
}, 50)
const idle = process.memoryUsage.rss()
const from = performance.now()
const verified = await verifyBundle({
  file,
  trusted: [keyId],
  anchorsOf: async () => [],
  readTimestamp: readTimestamp([]),
  workers,
})
const seconds = (performance.now() - from) / 1_000
clearInterval(watch)
if (E.isLeft(verified)) throw new Error('the bundle was not read')
const { snapshots, faults, chains } = verified.right
console.log(
  `${snapshots} snapshots of ${size} bytes (${(statSync(file).size / 1e9).toFixed(2)} GB) on ${workers} threads: ` +
    `${seconds.toFixed(1)} s, ${faults} faults, anchored to ${chains[0]?.anchored_to}; ` +
    `memory ${(idle / 1e6).toFixed(0)} MB before, ${(highest / 1e6).toFixed(0)} MB at most`,
)
process.exitCode = faults === 0 && snapshots === count && seconds < LIMIT_S ? 0 : 1
