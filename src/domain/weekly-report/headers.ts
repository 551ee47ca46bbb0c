import type { Cell, SheetRow } from '../shared/sheet.ts'
import { cellText, headerWords } from '../shared/sheet.ts'
import type { LineField } from './weekly-report.ts'

/** Spellings of each header, in the words `headerWords` makes of them. */
const SPELLINGS: { readonly [F in LineField]: string } = {
  dr: 'dr|drop|dr no|dr nr|dr num|dr number|drop no|drop nr|drop num|drop number|drop nummer|drop id|dr id|label|drop label|drop number dr',
  serial:
    'serial|serial no|serial nr|serial number|sn|s n|ont|ont serial|ont serial no|ont serial nr|ont serial number|ont sn|ont serial olt|serial olt|serial number olt|olt serial|ont serial number olt|serial on olt',
  serial_field_app:
    'ont serial field app|serial field app|field app serial|field app serial number|serial number field app|ont serial number field app|field app ont serial|1map serial|serial 1map|ont serial 1map|serial on field app',
  olt: 'olt|olt address|olt port|port|olt port address|olt addr|ont address',
  rx: 'rx|rx level|rx power|rx dbm|rx db|ont rx|ont rx dbm|ont rx db|ont rx sig dbm|ont rx signal|ont rx signal dbm|ont rx level|ont rx level dbm|ont rx power|signal|signal level|signal dbm|dbm|current ont rx|power|power level',
  team: 'team|team name|team no|installation team|installer|install team|installed by|technician|tech',
  reason:
    'reason|reasons|comment|comments|remark|remarks|finding|findings|notes|feedback|reason for rejection|action|action required',
  description:
    'description|fault description|fault|fault type|fault details|issue|issue description|problem|problem description|details|complaint|symptom|ticket description|subject|summary|issue type',
  reported_on:
    'date|date logged|logged|logged on|log date|date reported|reported|reported on|report date|reported date|date created|created|created on|created at|date opened|opened|timestamp|activation date|date of report|fault date|week ending',
  external_id:
    'ticket|ticket no|ticket nr|ticket num|ticket number|ticket id|ticket ref|ticket reference|ref|ref no|reference|reference no|reference number|case|case no|case number|case id|external id|job no|job number|call no|incident no|incident number|fault no|fault number|fault ref',
  note: 'note|note no|note number|note nr|note type',
  priority: 'priority|prio|urgency|severity|priority level',
  contractor: 'contractor|contractor name|company|assigned contractor|subcontractor|service provider',
  pole: 'pole|pole no|pole nr|pole number|pole id|pole label|strtfeat|start feature',
  pon: 'pon|pon no|pon nr|pon number|pon id',
  zone: 'zone|zone no|zone nr|zone number|zone id',
  address:
    'address|street address|physical address|client address|customer address|site address|location|property address',
  client_name:
    'client|client name|customer|customer name|name|name and surname|resident|resident name|homeowner|subscriber|contact name|contact person',
  client_contact:
    'contact|contact no|contact nr|contact number|phone|phone no|phone number|telephone|tel|cell|cell no|cell number|cellphone|mobile|mobile number|client contact|client contact number|customer contact|customer number|email|e mail',
}

const FIELD_OF: ReadonlyMap<string, LineField> = new Map(
  Object.entries(SPELLINGS).flatMap(([field, spellings]) =>
    spellings.split('|').map((spelling) => [spelling, field as LineField] as const),
  ),
)

/** The column (0 is A) of each field a header row names, and the headers nobody knows. */
export type Header = {
  readonly columns: ReadonlyMap<LineField, number>
  readonly ignored: ReadonlyArray<string>
  /** The column where our own workbook of rejected rows says why; it is no part of the item. */
  readonly verdictColumn: number | null
}

/** The header under which a workbook of rejected rows says what to correct. */
export const REJECTED_BECAUSE = 'Rejected because'

/** `rx` as in "ONT RX (dBm)": what stands in brackets only explains, unless the whole spelling is known. */
const fieldOfHeader = (cell: Cell | undefined): LineField | null => {
  if (typeof cell !== 'string') return null
  const words = headerWords(cell)
  return FIELD_OF.get(words) ?? FIELD_OF.get(headerWords(cell.replaceAll(/\([^)]*\)|\[[^\]]*\]/g, ' '))) ?? null
}

/** Reads a row as a header: of two columns with one meaning the first counts, but a second serial is the field app's. */
export const headerOf = (row: Pick<SheetRow, 'cells'>): Header => {
  const columns = new Map<LineField, number>()
  const ignored: string[] = []
  let verdictColumn: number | null = null
  for (const [column, cell] of row.cells.entries()) {
    const named = fieldOfHeader(cell)
    const field = named === 'serial' && columns.has('serial') ? 'serial_field_app' : named
    if (cell === REJECTED_BECAUSE) verdictColumn = column
    else if (field !== null && !columns.has(field)) columns.set(field, column)
    else if (cellText(cell) !== '') ignored.push(cellText(cell))
  }
  return { columns, ignored, verdictColumn }
}
