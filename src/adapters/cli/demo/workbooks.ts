import { join } from 'node:path'
import exceljs from 'exceljs'
import { serialOf } from './serials.ts'

/** The two workbooks the story begins with. */
export type Workbooks = {
  readonly sow: string
  readonly weekly: string
  /** Where they come from, for the reader of the story. */
  readonly from: string
}

type Row = ReadonlyArray<string | number | null>

const DROPS = 480
const FIRST_DROP = 1_729_500
const drop = (n: number): string => `DR${FIRST_DROP + n}`
const team = (n: number): string => ['law1', 'law2', 'law5', 'moh3'][n % 4] ?? 'law1'
const olt = (n: number): string => `law.olt.01:1-1-${(n % 8) + 1}-${(n % 16) + 1}`
const times = (count: number, make: (n: number) => Row): ReadonlyArray<Row> =>
  Array.from({ length: count }, (_, n) => make(n))

/** A design in the shape of HLD_Home: eight drops a pole, some spare, one drop on two poles. */
const designRows = (): ReadonlyArray<Row> => {
  const pole = (n: number) => `LAW.P.A${String(Math.floor(n / 8) + 1).padStart(3, '0')}`
  const row = (n: number): Row => {
    const spare = n % 97 === 96
    const home = spare ? null : `LAW.ONT.${drop(n)}`
    return [drop(n), 'Cable', '40m', pole(n), home, Math.floor(n / 112) + 1, 1, null, spare ? 'Spare' : null]
  }
  return [
    ['label', 'type', 'dim2', 'strtfeat', 'endfeat', 'pon_no', 'zone_no', 'address', 'comments'],
    ...times(DROPS, row),
    [drop(DROPS - 1), 'Cable', '50m', 'LAW.P.C698', null, 137, 11, null, null],
  ]
}

/** The client's "Notes" layout with 93 items, and the usual slips: a drop nobody knows, one item twice, one half a number. */
const weeklyRows = (): ReadonlyArray<Row> => [
  ['Lawley WE251114 - non invoiceable'],
  [],
  ['Note 1: ONT RX signal lower than -26 dB'],
  ['Drop number', 'Serial number', 'OLT address', 'ONT RX (dBm)', 'Team', 'Date'],
  ...times(30, (n) => [drop(n), serialOf(n), olt(n), Number((-26.1 - n / 10).toFixed(3)), team(n), 45_969 + (n % 7)]),
  ['DR9999999', serialOf(31), olt(31), -27.5, team(31), 45_970],
  [],
  ['Note 2: No entry / no submission on Field App'],
  ['DR', 'Serial', 'Team', 'Reason'],
  ...times(23, (n) => [drop(100 + n), serialOf(100 + n), team(n), 'No entry on field app']),
  [drop(100), serialOf(100), team(0), 'No entry on field app'],
  [],
  ['Note 3: Signal degraded by more than 2 dB (monitoring)'],
  ...times(12, (n) => [drop(200 + n), olt(n), Number((-20.5 - n / 10).toFixed(3))]),
  [],
  ['Note 4: Drop number and ONT serial number do not match'],
  [null, 'Drop', 'ONT serial (OLT)', 'ONT serial (Field App)', 'Team'],
  ...times(14, (n) => [null, drop(300 + n), serialOf(300 + n), serialOf(500 + n), team(n)]),
  [],
  ['Note 5: Fibre break / device not active'],
  ...times(11, (n) => [drop(400 + n), 'Fibre break between pole and home', team(n)]),
  ['DR17', 'Device not active', team(3)],
]

const write = async (path: string, sheet: string, rows: ReadonlyArray<Row>): Promise<string> => {
  const workbook = new exceljs.Workbook()
  workbook.addWorksheet(sheet).addRows(rows.map((row) => [...row]))
  await workbook.xlsx.writeFile(path)
  return path
}

/** Writes a made-up design and weekly report of the shape of real ones. */
export const syntheticWorkbooks = async (folder: string): Promise<Workbooks> => ({
  sow: await write(join(folder, 'Drops_Lawley.xlsx'), 'HLD_Home', designRows()),
  weekly: await write(join(folder, 'Lawley WE251114.xlsx'), 'Notes', weeklyRows()),
  from: 'made up for this demo, in the shape of real ones',
})
