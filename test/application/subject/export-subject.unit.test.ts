import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { keyed } from '../../../src/adapters/signing/keyed.ts'
import {
  type ExportSubjectDeps,
  exportSubject,
  type SubjectFolder,
} from '../../../src/application/subject/export-subject.ts'
import { principal } from '../../support/principals.ts'

const NOW = '2026-03-04T12:00:00.000Z'
const full = { type: 'StorageUnavailable', reason: 'ENOSPC' } as const
const away = TE.left({ type: 'Unavailable', what: 'database' } as const)

const held = (key: unknown) => ({
  id: 'ticket-1',
  rows: { tickets: [{ title: 'No light' }] },
  key,
  attachments: ['photo-1', 'document-1'],
  snapshots: [{ id: 'snapshot-1', openings: { '/client/name': 'Mrs Nkosi' } }],
})
const HELD = held({ state: 'held', key: new Uint8Array(32).fill(7) })
const attachment = (id: string) =>
  TE.right({ object: { name: `evidence/t/s/${id}.jpg` }, step: id === 'photo-1' ? 'house_front' : null })

const world = ({
  tickets = [HELD] as ReadonlyArray<unknown>,
  besideTickets = {},
  deps: over = {},
  failing = '',
} = {}) => {
  const written = new Map<string, unknown>()
  const deps = {
    now: () => NOW,
    newId: () => 'export-1',
    keyed,
    subjectRecords: { held: () => TE.right({ tickets, besideTickets }) },
    papers: { attachment },
    evidence: { open: () => TE.right([]) },
    ...over,
  } as unknown as ExportSubjectDeps
  const doing = (name: string, content: unknown) => {
    if (name === failing) return TE.left(full)
    written.set(name, content)
    return TE.right(undefined)
  }
  const folder: SubjectFolder = { make: () => doing('made', null), write: doing }
  const run = (role: 'admin' | 'manager' = 'admin') =>
    exportSubject(deps)(principal(role), { type: 'drop', projectId: 'lawley', dr: 'DR1729500' }, folder)()
  const said = () => JSON.parse(String(written.get('subject.json')))
  return { run, written, said }
}

describe('Exporting what is held about a client', () => {
  it('writes every ticket with the keys of its commitments, and photos and documents apart', async () => {
    const { run, written, said } = world()
    expect(await run()).toEqual(E.right({ tickets: 1, rowsBeside: 0, files: 2, filesNotRead: 0 }))
    expect([...written.keys()]).toEqual(['made', 'photos/photo-1.jpg', 'documents/document-1.jpg', 'subject.json'])
    expect(said()).toMatchObject({ exported_at: NOW, exported_by: 'admin-1', tickets: [{ erased_at: null }] })
    expect(said().tickets[0].snapshots[0].commitment_key).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify(said())).not.toContain('07'.repeat(32))
  })

  it('of an erased client says when, and gives no key', async () => {
    const { run, said } = world({ tickets: [held({ state: 'destroyed', at: NOW }), held(null)] })
    expect(E.isRight(await run())).toBe(true)
    expect(said().tickets.map((one: { erased_at: unknown }) => one.erased_at)).toEqual([NOW, null])
    for (const { snapshots } of said().tickets) expect(snapshots[0].commitment_key).toBeNull()
  })

  it('names a file that cannot be read, and leaves no other out for it', async () => {
    const damaged = {
      open: ({ name }: { name: string }) =>
        name.includes('photo-1') ? TE.left({ type: 'ObjectDamaged', name }) : TE.right([]),
    }
    const one = world({ deps: { evidence: damaged } })
    expect(await one.run()).toEqual(E.right({ tickets: 1, rowsBeside: 0, files: 1, filesNotRead: 1 }))
    expect(one.said().files).toEqual([
      { id: 'photo-1', name: null, not_read: 'ObjectDamaged' },
      { id: 'document-1', name: 'documents/document-1.jpg' },
    ])
    const gone = world({ deps: { papers: { attachment: () => TE.right(null) } } })
    expect(await gone.run()).toEqual(E.right({ tickets: 1, rowsBeside: 0, files: 0, filesNotRead: 2 }))
  })

  it('is for an administrator, and of whom nothing is held no folder is made', async () => {
    const { run, written } = world()
    expect(await run('manager')).toMatchObject(E.left({ type: 'NotAllowed', action: 'export_subject' }))
    const nobody = world({ tickets: [] })
    expect(await nobody.run()).toMatchObject(E.left({ type: 'NotFound', id: 'lawley DR1729500' }))
    expect([written.size, nobody.written.size]).toEqual([0, 0])
    const noRows = world({ tickets: [], besideTickets: { platform_records: [] } })
    expect(await noRows.run()).toMatchObject(E.left({ type: 'NotFound' }))
  })

  it('gives what lies under the name of the drop once, also where there is no ticket', async () => {
    const besideTickets = { platform_records: [{ address: '12 Main Road' }], weekly_report_rows: [] }
    const bare = world({ tickets: [], besideTickets })
    expect(await bare.run()).toEqual(E.right({ tickets: 0, rowsBeside: 1, files: 0, filesNotRead: 0 }))
    expect(bare.said()).toMatchObject({ tickets: [], beside_tickets: besideTickets, files: [] })
    const both = world({ tickets: [HELD, { ...HELD, id: 'ticket-2', attachments: [] }], besideTickets })
    expect(await both.run()).toMatchObject(E.right({ tickets: 2, rowsBeside: 1 }))
    expect(String(both.written.get('subject.json')).match(/Main Road/g)).toHaveLength(1)
  })

  it.each(['made', 'photos/photo-1.jpg', 'subject.json'])(
    'fails as a whole when %s cannot be written',
    async (failing) => {
      const { run, written } = world({ failing })
      expect(await run()).toEqual(E.left(full))
      expect(written.has('subject.json')).toBe(false)
    },
  )

  it.each<[string, object]>([
    ['the records', { subjectRecords: { held: () => away } }],
    ['a record of a file', { papers: { attachment: () => away } }],
  ])('fails as a whole when %s cannot be read', async (_, deps) => {
    const { run, written } = world({ deps })
    expect(await run()).toMatchObject(E.left({ type: 'Unavailable' }))
    expect(written.has('subject.json')).toBe(false)
  })
})
