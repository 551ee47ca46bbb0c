import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { StoredTemplates, TemplateStore } from '../../application/ports/template-store.ts'

/** The templates of each project, in memory. */
export const memoryTemplateStore = (): TemplateStore => {
  const kept = new Map<string, StoredTemplates>()
  const read = (projectId: string): StoredTemplates =>
    kept.get(projectId) ?? { projectId, version: 0, own: {}, changedBy: null, changedAt: null }
  return {
    read: (projectId) => TE.fromIO(() => read(projectId)),
    save:
      ({ projectId, version, own, by, at }) =>
      async () => {
        const before = read(projectId)
        if (before.version !== version) return E.left({ type: 'Stale', id: projectId, version: before.version })
        const saved = { projectId, version: version + 1, own, changedBy: by, changedAt: at }
        kept.set(projectId, saved)
        return E.right(saved)
      },
  }
}
