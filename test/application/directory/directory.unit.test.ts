import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryDirectory } from '../../../src/adapters/memory/directory.ts'
import { changeDirectory } from '../../../src/application/directory/change-directory.ts'
import { importDirectory, uploadDirectory } from '../../../src/application/directory/import-directory.ts'
import { knowsProject } from '../../../src/application/directory/knows-project.ts'
import { parsePhone } from '../../../src/application/directory/phone.ts'
import { readDirectory } from '../../../src/application/directory/read-directory.ts'
import type { Contractor, Directory, Known, Person, Project, Team } from '../../../src/application/ports/directory.ts'
import type { WorkbookReader } from '../../../src/application/ports/workbook-reader.ts'
import type { Cell } from '../../../src/domain/shared/sheet.ts'
import { principal } from '../../support/principals.ts'

const company = (id: string, more: Partial<Contractor> = {}): Contractor => ({
  id,
  name: id,
  phone: '+27821110000',
  groupId: 'c@g.us',
  isOwn: false,
  ...more,
})
const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  name: id,
  role: 'technician',
  contractorId: 'plannet',
  phone: '+27820000001',
  email: `${id}@example.test`,
  ...more,
})
const team = (id: string, more: Partial<Team> = {}): Team => ({
  id,
  name: id,
  contractorId: 'plannet',
  memberIds: ['thandi'],
  phone: '+27820000009',
  groupId: 't@g.us',
  ...more,
})
const project = (id: string, more: Partial<Project> = {}): Project => ({
  id,
  code: 'LAW',
  name: id,
  managerId: 'thandi',
  groupId: 'p@g.us',
  ...more,
})
const everyone: Known = {
  people: [person('sipho', { contractorId: 'other' }), person('thandi')],
  contractors: [company('other'), company('plannet')],
  teams: [team('law1'), team('moh5', { contractorId: 'other', memberIds: [] })],
  projects: [project('lawley')],
}
const manager = principal('manager')

describe('The directory', () => {
  let directory: Directory
  beforeEach(() => {
    directory = memoryDirectory(everyone)
  })
  const seenBy = async (who = manager): Promise<Known> => {
    const known = await readDirectory({ directory })(who)()
    if (E.isLeft(known)) throw new Error(known.left.type)
    return known.right
  }

  it('shows everything to who keeps it', async () => expect(await seenBy()).toEqual(everyone))

  it.each(['technician', 'qa', 'qa_lead', 'viewer', 'service'] as const)(
    'shows a %s names, and nobody’s numbers',
    async (role) => {
      const known = await seenBy(principal(role, 'plannet'))
      expect(known.people.map(({ name }) => name)).toEqual(['sipho', 'thandi'])
      expect(JSON.stringify(known)).not.toMatch(/\+27|@/)
    },
  )

  it('shows a contractor the numbers of its own people and teams', async () => {
    const { people, contractors, teams } = await seenBy(principal('contractor', 'plannet'))
    expect(people.map(({ id, phone }) => [id, phone])).toEqual([
      ['sipho', null],
      ['thandi', '+27820000001'],
    ])
    expect(contractors.map(({ phone }) => phone)).toEqual([null, '+27821110000'])
    expect(teams.map(({ groupId }) => groupId)).toEqual(['t@g.us', null])
  })

  it('knows its projects, and the one of tickets without a project', async () => {
    expect(await knowsProject(directory, 'lawley')()).toEqual(E.right(true))
    expect(await knowsProject(directory, 'unassigned')()).toEqual(E.right(true))
    expect(await knowsProject(directory, 'nowhere')()).toEqual(E.right(false))
  })

  const change = (incoming: Partial<Known>, who = manager) => changeDirectory({ directory })(who, incoming)()

  it('takes entries that name each other', async () => {
    const incoming = {
      contractors: [company('new')],
      people: [person('zola', { contractorId: 'new', role: 'contractor' })],
      teams: [team('new1', { contractorId: 'new', memberIds: ['zola', 'thandi'] })],
      projects: [project('mohadin', { code: 'MOH', managerId: 'zola' })],
    }
    expect(await change(incoming)).toEqual(E.right(undefined))
    expect((await seenBy()).projects.map(({ id }) => id)).toEqual(['lawley', 'mohadin'])
  })

  it.each<readonly [string, Partial<Known>, string]>([
    ['a person who would be the system', { people: [person('system')] }, 'id'],
    ['a person of a company nobody knows', { people: [person('zola', { contractorId: 'nowhere' })] }, 'contractor_id'],
    [
      'a contractor’s user without a company',
      { people: [person('zola', { contractorId: null, role: 'contractor' })] },
      'contractor_id',
    ],
    ['a team of a company nobody knows', { teams: [team('t', { contractorId: 'nowhere' })] }, 'contractor_id'],
    ['a team of people nobody knows', { teams: [team('t', { memberIds: ['thandi', 'ghost'] })] }, 'member_ids'],
    ['a project led by nobody known', { projects: [project('p', { code: 'PPP', managerId: 'ghost' })] }, 'manager_id'],
    ['a project with a code in small letters', { projects: [project('p', { code: 'law x' })] }, 'code'],
    ['a project with a taken code', { projects: [project('p')] }, 'code'],
    [
      'two projects whose report numbers would be the same',
      { projects: [project('p', { code: 'MAMELO-1' }), project('q', { code: 'MAMELO-2' })] },
      'code',
    ],
  ])('refuses %s', async (_, incoming, field) => {
    expect(await change(incoming)).toMatchObject(E.left({ type: 'FieldInvalid', field }))
    expect(await seenBy()).toEqual(everyone)
  })

  it('is kept by managers and admins', async () => {
    expect(await change({}, principal('qa_lead'))).toEqual(
      E.left({ type: 'NotAllowed', action: 'change_directory', role: 'qa_lead' }),
    )
    expect(await change({}, principal('admin'))).toEqual(E.right(undefined))
  })
})

describe('A telephone number', () => {
  it.each([
    ['082 123 4567', '+27821234567'],
    ['+27 (82) 123-4567', '+27821234567'],
    ['0027821234567', '+27821234567'],
    ['+441234567890', '+441234567890'],
  ])('%s is %s', (said, number) => expect(parsePhone(said)).toEqual(E.right(number)))
  it.each(['', '12345', '082 123 456', '+27 82 123 4567 ext 2', 'none'])('"%s" is none', (said) =>
    expect(E.isLeft(parsePhone(said))).toBe(true),
  )
})

describe('A directory workbook', () => {
  type Rows = ReadonlyArray<ReadonlyArray<Cell>>
  const workbookOf = (sheets: Readonly<Record<string, Rows>>): WorkbookReader => ({
    read:
      ({ sheet }, onRows) =>
      async () => {
        const name = sheet.type === 'named' ? sheet.name : ''
        const rows = sheets[name]
        if (rows === undefined) return E.left({ type: 'SheetNotFound', wanted: name, found: Object.keys(sheets) })
        await onRows(rows.map((cells, at) => ({ sheet: name, row: at + 1, cells, faults: [] })))
        return E.right({ sheet: name, sheets: [], rows: rows.length })
      },
  })
  let directory: Directory
  beforeEach(() => {
    directory = memoryDirectory()
  })
  const run = (sheets: Readonly<Record<string, Rows>>, who = manager) =>
    importDirectory({ directory, workbooks: workbookOf(sheets) })(who, '/nowhere.xlsx', null)()

  it('brings all four sheets, whatever their headers are called', async () => {
    const imported = await run({
      Projects: [
        ['Project ID', 'Project Name', 'Short name', 'Project Manager'],
        ['lawley', 'Lawley', 'law', 'anna'],
      ],
      People: [
        ['User ID', 'Full Name', 'Role', 'Company', 'Cell', 'E-mail'],
        ['anna', 'Anna', 'Manager', null, null, 'anna@example.test'],
        ['lead', 'Lead', 'QA lead', null, null, null],
        ['thandi', 'Thandi', 'technician', 'plannet', '082 000 0001', null],
      ],
      Contractors: [
        ['Contractor ID', 'Company', 'Phone', 'Own'],
        ['plannet', 'PlanNet', '0821110000', 'no'],
        ['vel', 'Velocity', null, 'Yes'],
      ],
      Teams: [
        ['Team', 'ID', 'Contractor', 'Members', 'WhatsApp group'],
        ['Lawley 1', 'law1', 'plannet', 'thandi; anna', 'law1@g.us'],
      ],
    })
    expect(imported).toEqual(E.right({ people: 3, contractors: 2, teams: 1, projects: 1, problems: [] }))
    expect(await directory.all()()).toMatchObject(
      E.right({
        people: [
          { id: 'anna', role: 'manager' },
          { id: 'lead', role: 'qa_lead' },
          { id: 'thandi', contractorId: 'plannet', phone: '+27820000001' },
        ],
        contractors: [
          { id: 'plannet', isOwn: false, phone: '+27821110000' },
          { id: 'vel', isOwn: true },
        ],
        teams: [{ id: 'law1', name: 'Lawley 1', memberIds: ['thandi', 'anna'], groupId: 'law1@g.us' }],
        projects: [{ id: 'lawley', code: 'LAW', managerId: 'anna' }],
      }),
    )
  })

  it('names each row it cannot take, and takes the others', async () => {
    const imported = await run({
      People: [
        ['id', 'name', 'role', 'contractor', 'phone'],
        ['thandi', 'Thandi', 'technician', null, null],
        ['', 'Nobody', 'technician', null, null],
        ['x', 'X', 'wizard', null, 'call me'],
        [null, null, null, null, null],
        ['y', 'Y', 'technician', 'nowhere', null],
      ],
    })
    expect(imported).toEqual(
      E.right({
        people: 1,
        contractors: 0,
        teams: 0,
        projects: 0,
        problems: [
          { sheet: 'People', row: 3, field: 'id', rule: 'must be filled in' },
          { sheet: 'People', row: 4, field: 'role', rule: expect.stringContaining('must be one of technician') },
          { sheet: 'People', row: 4, field: 'phone', rule: 'must be a telephone number' },
          { sheet: 'People', row: 6, field: 'contractor_id', rule: 'must be a contractor of the directory' },
        ],
      }),
    )
  })

  it('with some of the sheets brings those, and a row with cells left out or a column without a name is read as it is', async () => {
    const contractors: Rows = [
      ['id', 'name', 'Remarks', null, 'name', 'own'],
      ['vel', 'Velocity', 'nice', 'x', 'Another name', null],
    ]
    expect(await run({ Contractors: contractors })).toEqual(
      E.right({ people: 0, contractors: 1, teams: 0, projects: 0, problems: [] }),
    )
    expect(
      await run({
        Teams: [
          ['id', 'name', 'contractor', 'members'],
          ['v1', 'V 1', 'vel', null],
        ],
      }),
    ).toEqual(E.right({ people: 0, contractors: 0, teams: 1, projects: 0, problems: [] }))
    expect(
      await run({
        Projects: [
          ['id', 'name', 'code'],
          ['lawley', 'Lawley', 'LAW'],
        ],
      }),
    ).toMatchObject(E.right({ people: 0, projects: 1, problems: [] }))
    expect(
      await run({
        People: [
          ['id', 'name', 'role'],
          ['x', 'X', null],
        ],
      }),
    ).toMatchObject(E.right({ people: 0, problems: [{ row: 2, field: 'role' }] }))
    expect(await directory.all()()).toMatchObject(
      E.right({ contractors: [{ id: 'vel', name: 'Velocity', isOwn: false }], teams: [{ id: 'v1', memberIds: [] }] }),
    )
  })

  it('without any of the sheets is refused, and only who keeps the directory imports it', async () => {
    expect(await run({ Other: [] })).toMatchObject(
      E.left({ type: 'SheetNotFound', wanted: 'Contractors, People, Teams, Projects' }),
    )
    expect(await run({ People: [] }, principal('qa'))).toMatchObject(E.left({ type: 'NotAllowed' }))
    expect(await run({ People: [] })).toMatchObject(E.right({ people: 0 }))
  })

  it('that is encrypted is refused, and an uploaded one is not kept', async () => {
    const gone: string[] = []
    const reportFiles = {
      receive: (id: string) => TE.right({ id, path: '/x', sha256: 'a'.repeat(64), size: 1 }),
      discard: ({ id }: { readonly id: string }) => TE.fromIO(() => void gone.push(id)),
    }
    const workbooks: WorkbookReader = { read: () => TE.left({ type: 'EncryptedWorkbook' }) }
    const deps = { directory, workbooks, reportFiles, newId: () => 'upload-1' }
    expect(await uploadDirectory(deps)(manager, (async function* () {})(), null)()).toEqual(
      E.left({ type: 'EncryptedWorkbook' }),
    )
    expect(gone).toEqual(['upload-1'])
  })
})
