import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { ObjectAddress } from '../../../src/application/ports/evidence-store.ts'
import type { Subject } from '../../../src/application/ports/subject-records.ts'
import {
  type EraseDeps,
  eraseCopies,
  eraseCopiesDaily,
  eraseSubject,
} from '../../../src/application/subject/erase-subject.ts'
import { principal } from '../../support/principals.ts'

const NOW = '2026-03-04T12:00:00.000Z'
const TICKET = '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a001'
const OTHER = '5f0c1a52-8c1e-4a0e-9f43-1c51b0a7a002'
const SHA = 'a'.repeat(64)
const nameOf = (step: string, sha = SHA, ticketId = TICKET): string => `evidence/${ticketId}/${step}/${sha}.jpg`
const copy = (name: string): ObjectAddress => ({ bucket: 'b', name })

const away = TE.left({ type: 'Unavailable', what: 'database' } as const)
const unreachable = TE.left({ type: 'StorageUnavailable', reason: 'HTTP_503' } as const)

type World = {
  readonly tickets?: ReadonlyArray<string>
  readonly beside?: number
  readonly copies?: ReadonlyArray<string>
  readonly stored?: ReadonlyArray<string>
  readonly page?: number
  readonly held?: ReadonlyArray<string>
  readonly broken?: object
}
const world = ({
  tickets = [TICKET],
  beside = 0,
  copies = [],
  stored = [],
  page = 100,
  held = [],
  broken = {},
}: World = {}) => {
  const done = { erased: [] as unknown[], removed: [] as string[], struck: [] as string[], since: [] as string[] }
  const deps = {
    now: () => NOW,
    newId: () => 'erasure-1',
    subjectRecords: {
      erase: (about: { readonly by: string }, why: string) => {
        done.erased.push([about.by, why])
        const rows = { rowsBeside: beside, rowsCleared: beside }
        return TE.right({ tickets, newlyErased: tickets.length, ...rows, plainOriginals: 0 })
      },
      copiesToErase: (since: string) => {
        done.since.push(since)
        return TE.right({ copies: copies.map(copy), ticketIds: tickets })
      },
      copyErased: ({ name }: ObjectAddress) => TE.fromIO(() => void done.struck.push(name)),
      ...(broken as { readonly subjectRecords?: object }).subjectRecords,
    },
    evidence: {
      list: (after: string) =>
        TE.right(
          stored
            .toSorted()
            .filter((name) => name > after)
            .slice(0, page)
            .map(copy),
        ),
      remove: ({ name }: ObjectAddress) =>
        held.includes(name) ? unreachable : TE.fromIO(() => void done.removed.push(name)),
      ...(broken as { readonly evidence?: object }).evidence,
    },
  } as unknown as EraseDeps
  return { deps, done }
}
const drop: Subject = { type: 'drop', projectId: 'lawley', dr: 'DR1729500' }
const erase = (
  deps: EraseDeps,
  reason = 'The client asked',
  role: 'admin' | 'manager' = 'admin',
  subject: Subject = drop,
) => eraseSubject(deps)(principal(role), { subject, reason })()

describe('Erasing a client', () => {
  it('is for an administrator, who says why', async () => {
    const { deps, done } = world()
    expect(await erase(deps, 'The client asked', 'manager')).toMatchObject(
      E.left({ type: 'NotAllowed', action: 'erase_subject' }),
    )
    expect(await erase(deps, ' \n ')).toEqual(E.left({ type: 'TextMissing', field: 'reason' }))
    expect(done.erased).toEqual([])
    expect(await erase(deps, '  The client asked ')).toMatchObject(E.right({ at: NOW, copiesLeft: 0 }))
    expect(done.erased).toEqual([['admin-1', 'The client asked']])
  })

  it('of whom nothing is held is refused by name, and touches no file', async () => {
    const { deps, done } = world({ tickets: [], copies: [nameOf('view')] })
    expect(await erase(deps)).toMatchObject(E.left({ type: 'NotFound', id: 'lawley DR1729500' }))
    expect(await erase(deps, 'why', 'admin', { type: 'ticket', projectId: 'lawley', ticketId: TICKET })).toMatchObject(
      E.left({ type: 'NotFound', id: TICKET }),
    )
    expect(done.removed).toEqual([])
  })

  it('who has rows of the drop and no ticket is erased just the same', async () => {
    const { deps } = world({ tickets: [], beside: 1 })
    expect(await erase(deps)).toMatchObject(E.right({ tickets: [], rowsBeside: 1, rowsCleared: 1 }))
  })

  it('does not count as left what the storage keeps past reading', async () => {
    const [view, thumbnail] = [nameOf('view'), nameOf('thumbnail')]
    const remove = ({ name }: ObjectAddress) => TE.right(name === view ? 'kept' : 'removed')
    const { deps, done } = world({ copies: [view, thumbnail], broken: { evidence: { remove } } })
    expect(await erase(deps)).toMatchObject(E.right({ copiesLeft: 0, copiesKept: 1 }))
    expect(done.struck).toEqual([view, thumbnail])
  })

  it('counts the copies that the storage did not let go', async () => {
    const [view, thumbnail] = [nameOf('view'), nameOf('thumbnail')]
    const { deps, done } = world({ copies: [view, thumbnail], held: [view] })
    expect(await erase(deps)).toMatchObject(E.right({ copiesLeft: 1 }))
    expect([done.removed, done.struck]).toEqual([[thumbnail], [thumbnail]])
  })
})

describe('The viewing copies of an erased client', () => {
  it('are removed also where no record names them, of that ticket alone, and originals never', async () => {
    const stored = [
      nameOf('view'),
      nameOf('thumbnail'),
      nameOf('house_front'),
      nameOf('document'),
      nameOf('view', SHA, OTHER),
      'anchors/lawley/1.json',
    ]
    const { deps, done } = world({ stored })
    expect(await eraseCopies(deps)()).toEqual(E.right({ removed: 2, left: 0, kept: 0 }))
    expect(done.removed.toSorted()).toEqual([nameOf('thumbnail'), nameOf('view')])
    expect(done.since).toEqual(['2026-03-02T12:00:00.000Z'])
  })

  it.each([1, 2, 3, 4])('are found however the storage lists them, %i at once', async (page) => {
    const stored = ['0', '1', '2', '3'].map((digit) => nameOf('view', digit.repeat(64)))
    const { deps, done } = world({ stored: [...stored, nameOf('view', SHA, OTHER)], page })
    expect(await eraseCopies(deps)()).toEqual(E.right({ removed: 4, left: 0, kept: 0 }))
    expect(done.removed).toEqual(stored)
  })

  it('wait for the next run while the storage cannot be listed', async () => {
    const { deps, done } = world({ copies: [nameOf('view')], broken: { evidence: { list: () => unreachable } } })
    expect(await eraseCopies(deps)()).toEqual(E.right({ removed: 0, left: 1, kept: 0 }))
    expect(done.removed).toEqual([])
  })

  it('are taken daily; the run is tried again while the records are away', async () => {
    const told: unknown[] = []
    const daily = (made: ReturnType<typeof world>) =>
      eraseCopiesDaily({ ...made.deps, onErased: (one) => void told.push(one) })
    const run = daily(world({ copies: [nameOf('view')] }))
    await run.run(new AbortController().signal)
    expect([run.name, run.everySeconds, told]).toEqual(['erase_copies', 86_400, [{ removed: 1, left: 0, kept: 0 }]])
    for (const broken of [{ copiesToErase: () => away }, { copyErased: () => away }]) {
      const failing = daily(world({ copies: [nameOf('view')], broken: { subjectRecords: broken } }))
      await expect(failing.run(new AbortController().signal)).rejects.toThrow('Unavailable')
    }
    expect(told).toHaveLength(1)
  })
})
