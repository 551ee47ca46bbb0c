import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { reconcileDaily, reconcileEvidence } from '../../../src/application/evidence/reconcile.ts'
import { sweepUploadsHourly } from '../../../src/application/evidence/sweep-uploads.ts'
import type { EvidenceRecord } from '../../../src/application/ports/evidence-records.ts'
import type { EvidenceStore, ListedObject } from '../../../src/application/ports/evidence-store.ts'

const NOW = '2026-03-02T12:00:00.000Z'
const OLD = '2026-03-02T10:59:59.999Z'
const YOUNG = '2026-03-02T11:00:00.001Z'

const record = (
  name: string,
  bucket = 'b',
  size: number | null = null,
  hashes: ReadonlyArray<string> = [],
): EvidenceRecord => ({
  size,
  hashes,
  bucket,
  name,
  ticketId: name.split('/')[1] ?? '',
  where: 'attachment',
  id: `row of ${name}`,
})
const object = (name: string, storedAt = OLD): ListedObject => ({ bucket: 'b', name, size: 1, storedAt })

const away = TE.left({ type: 'StorageUnavailable', reason: 'HTTP_503' } as const)

/** Records and storage as lists, read in small pages; `late` comes to be between the two looks. */
const world = (
  records: ReadonlyArray<EvidenceRecord>,
  objects: ReadonlyArray<ListedObject>,
  late: { readonly records?: ReadonlyArray<EvidenceRecord>; readonly objects?: ReadonlyArray<string> } = {},
  page = 2,
) => {
  const tickets = [...new Set(records.map(({ ticketId }) => ticketId))].sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1))
  const stored = objects.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const swept: string[] = []
  return {
    swept,
    deps: {
      now: () => NOW,
      evidenceRecords: {
        after: (last: string | null) => {
          const next = tickets.filter((id) => last === null || `${id}/` > `${last}/`).slice(0, page)
          return TE.right(next.flatMap((id) => records.filter(({ ticketId }) => ticketId === id)))
        },
        of: (id: string) => TE.right([...records, ...(late.records ?? [])].filter(({ ticketId }) => ticketId === id)),
      },
      evidence: {
        list: (after: string | null) =>
          TE.right(stored.filter(({ name }) => after === null || name > after).slice(0, page)),
        verify: (asked: ReadonlyArray<{ readonly bucket: string; readonly name: string }>) =>
          TE.right(
            asked.map(({ bucket, name }) => {
              const present =
                bucket === 'b' && [...stored.map((one) => one.name), ...(late.objects ?? [])].includes(name)
              return {
                bucket,
                name,
                present,
                sha256: present ? 'x' : null,
                retention: present ? ('none' as const) : null,
              }
            }),
          ),
        sweepStaged: (olderThan: string) => TE.fromIO(() => swept.push(olderThan)),
      },
    },
  }
}

const reconciled = async ({ deps }: ReturnType<typeof world>, contents = false) => {
  const done = await reconcileEvidence(deps)({ contents })()
  if (E.isLeft(done)) throw new Error(done.left.type)
  return done.right
}

describe('Reconciling records and storage', () => {
  it('finds exactly what only one of them has, however tickets and pages fall', async () => {
    const name = fc
      .tuple(fc.constantFrom('a', 'a-b', 'a0', 'a_b', 'ab', 'b', 'c'), fc.constantFrom('one', 'two', 'three'))
      .map(([ticket, photo]) => `evidence/${ticket}/${photo}`)
    const names = fc.uniqueArray(name)
    const reached = new Set<string>()
    await fc.assert(
      fc.asyncProperty(names, names, fc.integer({ min: 1, max: 4 }), async (inRecords, inStorage, page) => {
        const found = await reconciled(
          world(
            inRecords.map((one) => record(one)),
            inStorage.map((one) => object(one)),
            {},
            page,
          ),
        )
        const missing = inRecords.filter((one) => !inStorage.includes(one))
        const unnamed = inStorage.filter((one) => !inRecords.includes(one))
        expect(found).toMatchObject({ records: inRecords.length, objects: inStorage.length })
        expect(found.missing.first.map((one) => one.name).sort()).toEqual(missing.sort())
        expect(found.unnamed.first.map((one) => one.name).sort()).toEqual(unnamed.sort())
        for (const [what, list] of Object.entries({
          missing,
          unnamed,
          both: inRecords.filter((one) => inStorage.includes(one)),
        }))
          if (list.length > 0) reached.add(what)
      }),
      { numRuns: 300 },
    )
    expect([...reached].sort()).toEqual(['both', 'missing', 'unnamed'])
  })

  it('leaves out what came to be while it looked, and what is younger than an hour', async () => {
    const names = ['evidence/a/1', 'evidence/a/2', 'evidence/b/3', 'evidence/c/4'] as const
    const found = await reconciled(
      world([record(names[0])], [object(names[1]), object(names[2], YOUNG), object(names[3])], {
        objects: [names[0]],
        records: [record(names[1])],
      }),
    )
    expect(found.missing).toEqual({ count: 0, first: [] })
    expect(found.unnamed).toEqual({ count: 1, first: [object(names[3])] })
  })

  it('misses what lies in a bucket that is not this storage’s', async () => {
    const elsewhere = record('evidence/a/1', 'another')
    const found = await reconciled(world([elsewhere], [object('evidence/a/1')]))
    expect([found.missing.first, found.unnamed.first]).toEqual([[elsewhere], [object('evidence/a/1')]])
  })

  it('finds an object that has become longer or shorter, and says nothing where no size is on record', async () => {
    const names = ['evidence/a/1', 'evidence/a/2', 'evidence/a/3', 'evidence/b/4', 'evidence/b/5'] as const
    const sizes = [0, 1, 2, null, 9]
    const records = names.map((name, index) => record(name, 'b', sizes[index] ?? null))
    const found = await reconciled(
      world(
        records,
        names.slice(0, 4).map((name) => object(name)),
      ),
    )
    expect(found.changed.first.map(({ name }) => name)).toEqual([names[0], names[2]])
    expect(found.missing.first.map(({ name }) => name)).toEqual([names[4]])
  })

  it('reads contents only when asked, and finds those that are not what every record says', async () => {
    const names = [1, 2, 3, 4, 5, 6].map((n) => `evidence/a/${n}`)
    const hashes = [['x'], ['y'], ['x', 'y'], [], ['y'], ['x']]
    const records = names.map((name, index) => record(name, 'b', index === 4 ? 2 : 1, hashes[index] ?? []))
    const stored = world(
      records,
      names.slice(0, 5).map((name) => object(name)),
    )
    expect(await reconciled(stored)).toMatchObject({ contentsRead: null, contentDiffers: { count: 0 } })
    const found = await reconciled(stored, true)
    expect([found.contentsRead, found.contentDiffers.count]).toEqual([5, 2])
    expect(found.contentDiffers.first.map(({ name }) => name)).toEqual([names[1], names[2]])
    expect(found.changed.first.map(({ name }) => name)).toEqual([names[4]])
    expect(found.missing.first.map(({ name }) => name)).toEqual([names[5]])
  })

  it('reads the contents of a ticket with very many files a hundred at a time', async () => {
    const names = Array.from({ length: 205 }, (_, n) => `evidence/a/${String(n).padStart(3, '0')}`)
    const some = world(
      names.map((name) => record(name, 'b', 1, ['x'])),
      names.map((name) => object(name)),
    )
    const asked: number[] = []
    const verify: EvidenceStore['verify'] = (objects) => {
      asked.push(objects.length)
      return some.deps.evidence.verify(objects)
    }
    const read = await reconcileEvidence({ ...some.deps, evidence: { ...some.deps.evidence, verify } })({
      contents: true,
    })()
    expect(read).toMatchObject({ right: { contentsRead: 205, contentDiffers: { count: 0 } } })
    expect(asked).toEqual([100, 100, 5])
    const away = {
      ...some.deps.evidence,
      verify: () => TE.left({ type: 'StorageUnavailable', reason: 'EIO' } as const),
    }
    expect(await reconcileEvidence({ ...some.deps, evidence: away })({ contents: true })()).toMatchObject({
      left: { type: 'StorageUnavailable' },
    })
  })

  it('shows a thousand and counts them all', async () => {
    const many = Array.from({ length: 1_005 }, (_, n) => record(`evidence/t${n}/x`))
    const { missing } = await reconciled(world(many, [], {}, 100))
    expect([missing.count, missing.first.length]).toEqual([1_005, 1_000])
  })

  it('removes nothing but uploads left behind an hour ago', async () => {
    const some = world([], [object('evidence/a/1')])
    await reconciled(some)
    expect(some.swept).toEqual(['2026-03-02T11:00:00.000Z'])
  })

  it('is told every hour to remove uploads of an hour ago, and tries again when the disk is away', async () => {
    const swept: string[] = []
    const sweeping = (sweepStaged: EvidenceStore['sweepStaged']) =>
      sweepUploadsHourly({ now: () => NOW, evidence: { sweepStaged } })
    const hourly = sweeping((olderThan) => TE.fromIO(() => swept.push(olderThan)))
    await hourly.run(new AbortController().signal)
    expect([hourly.everySeconds, swept]).toEqual([3_600, ['2026-03-02T11:00:00.000Z']])
    const away = sweeping(() => TE.left({ type: 'StorageUnavailable', reason: 'EIO' }))
    await expect(away.run(new AbortController().signal)).rejects.toThrow('StorageUnavailable')
  })

  it('runs daily, tells what it found, and is tried again when the storage is away', async () => {
    const { deps } = world([record('evidence/a/1')], [])
    const told: number[] = []
    const daily = reconcileDaily({ ...deps, onReconciled: ({ missing }) => void told.push(missing.count) })
    await daily.run(new AbortController().signal)
    expect([daily.everySeconds, told]).toEqual([86_400, [1]])
    const away = { ...deps.evidence, list: () => TE.left({ type: 'StorageUnavailable', reason: 'HTTP_503' } as const) }
    const broken = reconcileDaily({ ...deps, evidence: away, onReconciled: () => {} })
    await expect(broken.run(new AbortController().signal)).rejects.toThrow('StorageUnavailable')
  })

  it.each<[string, (deps: ReturnType<typeof world>['deps']) => object]>([
    ['the records', ({ evidenceRecords }) => ({ evidenceRecords: { ...evidenceRecords, after: () => away } })],
    [
      'the records of one ticket',
      ({ evidenceRecords }) => ({ evidenceRecords: { ...evidenceRecords, of: () => away } }),
    ],
    ['the objects', ({ evidence }) => ({ evidence: { ...evidence, list: () => away } })],
    ['one object again', ({ evidence }) => ({ evidence: { ...evidence, verify: () => away } })],
    ['what a crash left', ({ evidence }) => ({ evidence: { ...evidence, sweepStaged: () => away } })],
  ])('finds nothing rather than half of it when %s cannot be looked at', async (_, broken) => {
    const { deps } = world([record('evidence/a/1')], [object('evidence/a/2')])
    expect(await reconcileEvidence({ ...deps, ...broken(deps) } as typeof deps)({ contents: false })()).toEqual(
      await away(),
    )
  })
})
