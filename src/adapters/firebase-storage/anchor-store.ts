import { createHash } from 'node:crypto'
import type { Bucket, File } from '@google-cloud/storage'
import * as E from 'fp-ts/lib/Either.js'
import type { AnchorStore } from '../../application/ports/anchor-store.ts'
import type { StorageUnavailable } from '../../application/ports/evidence-store.ts'
import { type Anchor, anchorFolder, anchorName, type StoredAnchor } from '../../domain/handover/anchor.ts'
import type { Instant } from '../../domain/shared/time.ts'
import { ANCHOR_FILE, anchorIn, anchorText, MOST_ANCHOR_BYTES, projectOf, TOKEN } from '../contract/anchor-file.ts'
import { asking, statusOf } from './failures.ts'
import { fieldsOf, type RetentionAsked } from './retention.ts'

const READ_AT_ONCE = 8

/** Anchors in the bucket of the evidence, under the same hold or lock: out of reach of whoever owns the database. */
export const firebaseAnchorStore = ({
  bucket,
  retention,
  now,
}: {
  readonly bucket: Bucket
  readonly retention: RetentionAsked
  readonly now: () => Instant
}): AnchorStore => {
  /** Whole or not at all, and never over what is there. */
  const place = async (name: string, content: Buffer, contentType: string): Promise<void> => {
    try {
      await bucket.file(name).save(content, {
        resumable: false,
        preconditionOpts: { ifGenerationMatch: 0 },
        validation: false,
        metadata: {
          ...fieldsOf(retention, now()),
          contentType,
          md5Hash: createHash('md5').update(content).digest('base64'),
        },
      })
    } catch (cause) {
      if (statusOf(cause) !== 412) throw cause
    }
  }

  return {
    keep: (anchor) =>
      asking<StorageUnavailable, Anchor>(async () => {
        const name = anchorName(anchor)
        await place(name, Buffer.from(anchorText(anchor)), 'application/json')
        const [file] = await bucket.file(name).get()
        return E.right((await anchorAt(file)) ?? anchor)
      }),
    keepToken: (anchor, token) =>
      asking<StorageUnavailable, void>(async () => {
        await place(`${anchorName(anchor)}${TOKEN}`, Buffer.from(token), 'application/timestamp-reply')
        return E.right(undefined)
      }),
    projects: () =>
      asking<StorageUnavailable, ReadonlyArray<string>>(async () => {
        const folders = new Set<string>()
        let query: object | null = { prefix: 'anchors/', delimiter: '/', autoPaginate: false }
        while (query !== null) {
          const [, next, answer] = (await bucket.getFiles(query)) as FilesPage
          for (const prefix of answer?.prefixes ?? []) folders.add(prefix.slice('anchors/'.length, -1))
          query = next ?? null
        }
        return E.right(
          [...folders]
            .map(projectOf)
            .filter((id) => id !== null)
            .toSorted(),
        )
      }),
    of: (projectId) =>
      asking<StorageUnavailable, ReadonlyArray<StoredAnchor>>(async () => {
        const folder = `${anchorFolder(projectId)}/`
        const [files] = await bucket.getFiles({ prefix: folder })
        const tokens = new Map(files.filter(({ name }) => name.endsWith(TOKEN)).map((file) => [file.name, file]))
        const others = files.filter(({ name }) => !name.endsWith(TOKEN))
        const found: StoredAnchor[] = []
        const queue = others.entries()
        const work = async (): Promise<void> => {
          for (const [index, file] of queue) {
            const token = tokens.get(`${file.name}${TOKEN}`)
            found[index] = {
              name: file.name,
              anchor: ANCHOR_FILE.test(file.name.slice(folder.length)) ? await anchorAt(file) : null,
              token: token === undefined ? null : new Uint8Array(await bytesOf(token)),
            }
          }
        }
        await Promise.all(Array.from({ length: READ_AT_ONCE }, work))
        return E.right(found)
      }),
  }
}

type FilesPage = readonly [
  ReadonlyArray<File>,
  object | null,
  { readonly prefixes?: ReadonlyArray<string> } | undefined,
]

const anchorAt = async (file: File): Promise<Anchor | null> =>
  Number(file.metadata.size) > MOST_ANCHOR_BYTES ? null : anchorIn((await bytesOf(file)).toString('utf8'))

const bytesOf = async (file: File): Promise<Buffer> => (await file.download())[0]
