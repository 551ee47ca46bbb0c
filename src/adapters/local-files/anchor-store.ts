import { randomUUID } from 'node:crypto'
import { link, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { AnchorStore } from '../../application/ports/anchor-store.ts'
import type { StorageUnavailable } from '../../application/ports/evidence-store.ts'
import { type Anchor, anchorFolder, anchorName, type StoredAnchor } from '../../domain/handover/anchor.ts'
import { ANCHOR_FILE, anchorIn, anchorText, MOST_ANCHOR_BYTES, projectOf, TOKEN } from '../contract/anchor-file.ts'
import { flushFolder, foldersUpTo, makeDurableFolderNow, makeFolder } from './durable.ts'
import { storing } from './receive.ts'

const READ_ONLY = 0o440
const READ_AT_ONCE = 8

/** Anchors in a folder: `anchors/{project}/{number}-{hash}.json`, best on a disk that the database's owner cannot write. */
export const localAnchorStore = (folder: string): AnchorStore => {
  const root = resolve(folder)
  const pathOf = (name: string) => join(root, name)

  return {
    keep: (anchor) =>
      storing<StorageUnavailable, Anchor>(async () => {
        const path = pathOf(anchorName(anchor))
        await place(root, path, anchorText(anchor))
        return E.right((await anchorAt(path)) ?? anchor)
      }),
    keepToken: (anchor, token) =>
      storing<StorageUnavailable, void>(async () => {
        await place(root, `${pathOf(anchorName(anchor))}${TOKEN}`, token)
        return E.right(undefined)
      }),
    projects: () =>
      storing<StorageUnavailable, ReadonlyArray<string>>(async () => {
        const folders = (await namesIn(pathOf('anchors'))).map(projectOf).filter((id) => id !== null)
        return E.right(folders.toSorted())
      }),
    of: (projectId) =>
      storing<StorageUnavailable, ReadonlyArray<StoredAnchor>>(async () => {
        const under = anchorFolder(projectId)
        const all = new Set(await namesIn(pathOf(under)))
        const names = [...all].filter((name) => !name.endsWith(TOKEN) && !name.endsWith('.part')).toSorted()
        const found: StoredAnchor[] = []
        const queue = names.entries()
        const work = async (): Promise<void> => {
          for (const [index, name] of queue) {
            const path = pathOf(`${under}/${name}`)
            found[index] = {
              name: `${under}/${name}`,
              anchor: ANCHOR_FILE.test(name) ? await anchorAt(path) : null,
              token: all.has(`${name}${TOKEN}`) ? await readFile(`${path}${TOKEN}`) : null,
            }
          }
        }
        await Promise.all(Array.from({ length: READ_AT_ONCE }, work))
        return E.right(found)
      }),
  }
}

/** Whole or not at all, and never over what is there. */
const place = async (root: string, path: string, content: string | Uint8Array): Promise<void> => {
  const folder = dirname(path)
  makeDurableFolderNow(root)
  await makeFolder(folder)
  const part = `${path}.${randomUUID()}.part`
  const file = await open(part, 'wx', READ_ONLY)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(part, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    await rm(part, { force: true })
  }
  // Also when it was there already: another process may have linked it and not flushed yet.
  for (const one of foldersUpTo(root, folder)) await flushFolder(one)
}

const anchorAt = async (path: string): Promise<Anchor | null> => {
  const { size } = await stat(path)
  return size > MOST_ANCHOR_BYTES ? null : anchorIn(await readFile(path, 'utf8'))
}

const namesIn = (folder: string): Promise<ReadonlyArray<string>> =>
  readdir(folder).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  })
