import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Directory, Known } from '../../application/ports/directory.ts'

type Entry = { readonly id: string; readonly name: string }

const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1)

/** The directory in memory, with these in it from the start. */
export const memoryDirectory = (initial: Partial<Known> = {}): Directory => {
  const kept: { [K in keyof Known]: Map<string, Known[K][number]> } = {
    people: new Map(),
    contractors: new Map(),
    teams: new Map(),
    projects: new Map(),
  }
  const put = <A extends Entry>(into: Map<string, A>, entries: ReadonlyArray<A> | undefined): void => {
    for (const entry of entries ?? []) into.set(entry.id, entry)
  }
  const putAll = (known: Partial<Known>): void => {
    put(kept.people, known.people)
    put(kept.contractors, known.contractors)
    put(kept.teams, known.teams)
    put(kept.projects, known.projects)
  }
  const these = <A extends Entry>(from: Map<string, A>, ids: ReadonlyArray<string> | null): ReadonlyArray<A> =>
    [...from.values()].filter(({ id }) => ids === null || ids.includes(id)).toSorted(byName)
  putAll(initial)
  return {
    find: ({ people = [], contractors = [], teams = [], projects = [] }) =>
      TE.fromIO(() => ({
        people: these(kept.people, people),
        contractors: these(kept.contractors, contractors),
        teams: these(kept.teams, teams),
        projects: these(kept.projects, projects),
      })),
    all: () =>
      TE.fromIO(() => ({
        people: these(kept.people, null),
        contractors: these(kept.contractors, null),
        teams: these(kept.teams, null),
        projects: these(kept.projects, null),
      })),
    save: (known) => async () => {
      const ids = new Set((known.projects ?? []).map(({ id }) => id))
      const codes = [...kept.projects.values(), ...(known.projects ?? [])]
        .filter((project) => !ids.has(project.id) || known.projects?.includes(project))
        .map(({ code }) => code)
      if (new Set(codes).size < codes.length)
        return E.left({ type: 'AlreadyExists', constraint: 'directory_projects_code_key' })
      return E.right(putAll(known))
    },
  }
}
