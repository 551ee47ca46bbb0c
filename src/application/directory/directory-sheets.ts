import * as E from 'fp-ts/lib/Either.js'
import { withoutDeviceLogin } from '../../domain/shared/drop.ts'
import type { Cell, SheetRow } from '../../domain/shared/sheet.ts'
import { cellText, headerWords, isEmptyRow } from '../../domain/shared/sheet.ts'
import type { Known } from '../ports/directory.ts'
import { ROLES, type Role } from '../principal.ts'
import type { Kind } from './check-entries.ts'
import { parsePhone } from './phone.ts'

export type SheetProblem = {
  readonly sheet: string
  readonly row: number
  readonly field: string
  readonly rule: string
}
type Field =
  | 'id'
  | 'name'
  | 'role'
  | 'contractorId'
  | 'phone'
  | 'email'
  | 'groupId'
  | 'isOwn'
  | 'memberIds'
  | 'code'
  | 'managerId'

export const SHEET_NAMES: { readonly [K in Kind]: string } = {
  contractors: 'Contractors',
  people: 'People',
  teams: 'Teams',
  projects: 'Projects',
}

const SPELLINGS: { readonly [F in Field]: string } = {
  id: 'id|user id|staff id|person id|contractor id|team id|project id|number|key',
  name: 'name|full name|name and surname|person|contractor|contractor name|company|team|team name|project|project name',
  role: 'role|function|access',
  contractorId: 'contractor id|contractor|company|company id|works for',
  phone: 'phone|phone no|phone number|cell|cell no|cell number|cellphone|mobile|telephone|whatsapp|lead phone',
  email: 'email|e mail|email address',
  groupId: 'group id|group|whatsapp group|group jid',
  isOwn: 'own|is own|own company|our own',
  memberIds: 'members|member ids|people|technicians|staff',
  code: 'code|project code|short name',
  managerId: 'manager|manager id|project manager',
}

/** What each sheet holds, in the order in which a header that could mean two things is taken. */
const FIELDS: { readonly [K in Kind]: ReadonlyArray<Field> } = {
  contractors: ['id', 'name', 'phone', 'groupId', 'isOwn'],
  people: ['id', 'name', 'role', 'contractorId', 'phone', 'email'],
  teams: ['id', 'name', 'contractorId', 'memberIds', 'phone', 'groupId'],
  projects: ['id', 'name', 'code', 'managerId', 'groupId'],
}

/** A header that ends in "id" of the sheet's own kind is the key; of another kind it names one. */
const OWN_ID: { readonly [K in Kind]: string } = {
  contractors: 'contractor id',
  people: 'person id',
  teams: 'team id',
  projects: 'project id',
}
const OWN_NAME: { readonly [K in Kind]: ReadonlyArray<string> } = {
  contractors: ['contractor', 'contractor name', 'company'],
  people: ['person'],
  teams: ['team', 'team name'],
  projects: ['project', 'project name'],
}

const meaning = (kind: Kind, header: string): Field | null => {
  const words = headerWords(header)
  if (words === OWN_ID[kind]) return 'id'
  if (OWN_NAME[kind].includes(words)) return 'name'
  const others = Object.values(OWN_ID).includes(words) || Object.values(OWN_NAME).flat().includes(words)
  return (
    FIELDS[kind].find(
      (field) => !(others && (field === 'id' || field === 'name')) && SPELLINGS[field].split('|').includes(words),
    ) ?? null
  )
}

type Columns = ReadonlyMap<Field, number>
const columnsOf = (kind: Kind, cells: ReadonlyArray<Cell>): Columns => {
  const columns = new Map<Field, number>()
  for (const [column, cell] of cells.entries()) {
    const field = meaning(kind, cellText(cell))
    if (field !== null && !columns.has(field)) columns.set(field, column)
  }
  return columns
}

type Taken = { readonly entry: Known[Kind][number] | null; readonly problems: ReadonlyArray<SheetProblem> }
const LONGEST = 255

const entryOf = (kind: Kind, columns: Columns, row: SheetRow): Taken => {
  const problems: SheetProblem[] = []
  const refuse = (field: string, rule: string): null => {
    problems.push({ sheet: row.sheet, row: row.row, field, rule })
    return null
  }
  const text = (field: Field): string | null =>
    withoutDeviceLogin(cellText(row.cells[columns.get(field) ?? -1])).slice(0, LONGEST) || null
  const needed = (field: Field): string => text(field) ?? refuse(field, 'must be filled in') ?? ''
  const phone = (): string | null => {
    const said = text('phone')
    const parsed = said === null ? null : parsePhone(said)
    if (parsed === null) return null
    return E.isRight(parsed) ? parsed.right : refuse('phone', 'must be a telephone number')
  }
  const role = (): Role => {
    const said = headerWords(text('role') ?? '').replaceAll(' ', '_')
    return ROLES.find((known) => known === said) ?? refuse('role', `must be one of ${ROLES.join(', ')}`) ?? 'viewer'
  }
  const same = { id: needed('id'), name: needed('name') }
  const entries = {
    contractors: () => ({
      ...same,
      phone: phone(),
      groupId: text('groupId'),
      isOwn: /^(yes|y|true|own|x|1)$/i.test(text('isOwn') ?? ''),
    }),
    people: () => ({ ...same, role: role(), contractorId: text('contractorId'), phone: phone(), email: text('email') }),
    teams: () => ({
      ...same,
      contractorId: text('contractorId'),
      memberIds: [...new Set((text('memberIds') ?? '').split(/[,;|]/).map((id) => id.trim()))].filter(
        (id) => id !== '',
      ),
      phone: phone(),
      groupId: text('groupId'),
    }),
    projects: () => ({
      ...same,
      code: needed('code').toUpperCase(),
      managerId: text('managerId'),
      groupId: text('groupId'),
    }),
  } satisfies { readonly [K in Kind]: () => Known[K][number] }
  const entry = entries[kind]()
  return { entry: problems.length === 0 ? entry : null, problems }
}

/** An entry remembers its row, so that what is wrong with it can be found. */
export type RowEntry = Known[Kind][number] & { readonly row: number }
export type SheetRead = { readonly entries: ReadonlyArray<RowEntry>; readonly problems: ReadonlyArray<SheetProblem> }

/** One sheet of a directory workbook: its first row is the header, every further row an entry or a problem with its reason. */
export const readDirectorySheet = (kind: Kind, rows: ReadonlyArray<SheetRow>): SheetRead => {
  const [header, ...rest] = rows.filter((row) => !isEmptyRow(row))
  if (header === undefined) return { entries: [], problems: [] }
  const columns = columnsOf(kind, header.cells)
  const taken = rest.map((row) => ({ row: row.row, ...entryOf(kind, columns, row) }))
  return {
    entries: taken.flatMap(({ row, entry }) => (entry === null ? [] : [{ ...entry, row }])),
    problems: taken.flatMap(({ problems }) => problems),
  }
}
