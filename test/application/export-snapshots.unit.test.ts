import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { type BundleRecord, type ExportDeps, exportSnapshots } from '../../src/application/handover/export-snapshots.ts'
import { listKeys, rotateKey } from '../../src/application/handover/rotate-key.ts'
import type { ChainPart } from '../../src/application/ports/snapshot-queries.ts'
import { GENESIS } from '../../src/domain/handover/chain.ts'
import type { StoredSnapshot } from '../../src/domain/handover/stored-snapshot.ts'
import { principal } from '../support/principals.ts'
import { aSigner } from '../support/proof.ts'

const AT = '2026-03-03T08:00:00.000Z'
const away = { type: 'Unavailable', what: 'database' } as const
const full = { type: 'StorageUnavailable', reason: 'ENOSPC' } as const

const entry = (seq: number) => ({ seq, chainHash: String(seq).padStart(64, '0'), jsonCopy: {} }) as StoredSnapshot
const headOf = (length: number) => (length === 0 ? null : { seq: length, chainHash: entry(length).chainHash })

/** A chain of that length; `later` handovers come while it is exported; the look or the record of that number fails. */
const exporting = async ({
  length = 2,
  later = 0,
  failingLook = 0,
  failingRecord = 0,
  without = {} as Partial<ExportDeps>,
}) => {
  const written: BundleRecord[] = []
  let looks = 0
  const deps = {
    now: () => AT,
    anchorStore: { of: () => TE.right([]) },
    proofRecords: { keys: () => TE.right([]) },
    snapshotQueries: {
      part: (_: string, after: number, limit: number) => {
        looks += 1
        if (looks === failingLook) return TE.left(away)
        const count = looks === 1 ? length : length + later
        const part: ChainPart = {
          head: headOf(count),
          entries: Array.from({ length: Math.min(limit, count - after) }, (_, n) => entry(after + n + 1)),
        }
        return TE.right(part)
      },
    },
    ...without,
  } as unknown as ExportDeps
  const exported = await exportSnapshots(deps)({
    principal: principal('manager'),
    projectId: 'lawley',
    write: (record) => {
      if (written.length + 1 === failingRecord) return TE.left(full)
      written.push(record)
      return TE.right(undefined)
    },
  })()
  return { exported, written, looks }
}
const kinds = (written: ReadonlyArray<BundleRecord>) => written.map(({ type }) => type)

describe('Exporting the handovers of a project', () => {
  it('writes its head, each snapshot and an end that counts them', async () => {
    const { exported, written } = await exporting({})
    expect(exported).toEqual(E.right({ snapshots: 2, anchors: 0, keys: 0 }))
    expect(kinds(written)).toEqual(['bundle', 'head', 'snapshot', 'snapshot', 'end'])
    expect(written.at(-1)).toEqual({ type: 'end', snapshots: 2 })
  })

  it('of a project without any writes that there are none', async () => {
    const { written } = await exporting({ length: 0 })
    expect(written.slice(1)).toEqual([
      { type: 'head', head: GENESIS },
      { type: 'end', snapshots: 0 },
    ])
  })

  it.each([
    [499, 2],
    [500, 3],
    [501, 3],
  ])('of %i is read in parts of 500, in %i looks', async (length, looks) => {
    const done = await exporting({ length })
    expect(done.exported).toMatchObject(E.right({ snapshots: length }))
    expect(done.looks).toBe(looks)
  })

  it('leaves handovers that come meanwhile to the next export', async () => {
    const { exported, written } = await exporting({ later: 3 })
    expect(exported).toMatchObject(E.right({ snapshots: 2 }))
    expect(kinds(written).filter((type) => type === 'snapshot')).toHaveLength(2)
  })

  it.each<[string, Parameters<typeof exporting>[0]]>([
    ['its anchors', { without: { anchorStore: { of: () => TE.left(full) } as never } }],
    ['its head', { failingLook: 1 }],
    ['its keys', { without: { proofRecords: { keys: () => TE.left(away) } as never } }],
  ])('writes nothing when %s cannot be read', async (_, fault) => {
    const { exported, written } = await exporting(fault)
    expect(E.isLeft(exported)).toBe(true)
    expect(written).toEqual([])
  })

  it('never writes an end when a part of the chain cannot be read or written', async () => {
    const unread = await exporting({ length: 501, failingLook: 3 })
    expect(unread.exported).toEqual(E.left(away))
    expect(unread.written).toHaveLength(502)
    for (const failingRecord of [1, 2, 3, 4, 5]) {
      const { exported, written } = await exporting({ failingRecord })
      expect(exported).toEqual(E.left(full))
      expect(kinds(written)).not.toContain('end')
    }
  })

  it('is not for technicians', async () => {
    const refused = await exportSnapshots({} as ExportDeps)({
      principal: principal('technician'),
      projectId: 'lawley',
      write: () => TE.right(undefined),
    })()
    expect(refused).toMatchObject(E.left({ type: 'NotAllowed', action: 'verify_snapshots' }))
  })
})

describe('The signing keys', () => {
  const deps = (signer = aSigner()) => ({ signer, proofRecords: { keys: () => TE.right([]) } as never })

  it('are listed for those who verify, with the one that signs now, if any', async () => {
    const signer = aSigner()
    const { key } = signer.sign(() => new Uint8Array())
    expect(await listKeys(deps(signer))(principal('manager'))()).toEqual(E.right({ keys: [], current: key.keyId }))
    const none = { ...signer, current: () => null }
    expect(await listKeys(deps(none))(principal('manager'))()).toEqual(E.right({ keys: [], current: null }))
    expect(await listKeys(deps())(principal('viewer'))()).toMatchObject(
      E.left({ type: 'NotAllowed', action: 'verify_snapshots' }),
    )
  })

  it('are changed by those who change settings alone', async () => {
    expect(await rotateKey(deps())(principal('qa_lead'))()).toMatchObject(
      E.left({ type: 'NotAllowed', action: 'change_settings' }),
    )
  })
})
