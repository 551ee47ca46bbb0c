import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AnchorStore } from '../../application/ports/anchor-store.ts'
import { anchorFolder, anchorName, type StoredAnchor } from '../../domain/handover/anchor.ts'
import { compare } from './queries-sight.ts'

/** For tests: `anchors` is the storage itself, by name, so that a test can damage it. */
export const memoryAnchorStore = (anchors: Map<string, StoredAnchor> = new Map()): AnchorStore => ({
  keep: (anchor) =>
    TE.fromIO(() => {
      const name = anchorName(anchor)
      const there = anchors.get(name) ?? { name, anchor, token: null }
      anchors.set(name, there)
      return there.anchor ?? anchor
    }),
  keepToken: (anchor, token) =>
    TE.fromIO(() => {
      const name = anchorName(anchor)
      const there = anchors.get(name)
      if (there !== undefined) anchors.set(name, { ...there, token: there.token ?? token })
    }),
  projects: () =>
    TE.fromIO(() =>
      [...new Set([...anchors.values()].flatMap(({ anchor }) => anchor?.projectId ?? []))].toSorted(compare),
    ),
  of: (projectId) =>
    TE.fromIO(() =>
      [...anchors.values()]
        .filter(({ name }) => name.startsWith(`${anchorFolder(projectId)}/`))
        .toSorted((a, b) => compare(a.name, b.name)),
    ),
})
