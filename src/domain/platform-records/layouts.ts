import type { Platform } from '../readiness/readiness.ts'

export const RECORD_FIELDS = [
  'dr',
  'pole',
  'pon',
  'zone',
  'ontSerial',
  'installedOn',
  'status',
  'address',
  'comments',
  'cableLength',
  'lat',
  'lon',
] as const
export type RecordField = (typeof RECORD_FIELDS)[number]

/** Where a platform's workbook keeps what we compare: configuration of a project. A field without a column is not compared. */
export type PlatformLayout = {
  readonly platform: Platform
  /** The sheet's name; case and outer spaces do not count. */
  readonly sheet: string
  /** The row of the header, 1 is the first. */
  readonly headerRow: number
  /** For each field the headers it may stand under, best first. */
  readonly columns: { readonly [F in RecordField]: ReadonlyArray<string> }
  /** What the comments say of a drop without a home. */
  readonly spareComment: string
}

const NO_COLUMNS: PlatformLayout['columns'] = {
  dr: [],
  pole: [],
  pon: [],
  zone: [],
  ontSerial: [],
  installedOn: [],
  status: [],
  address: [],
  comments: [],
  cableLength: [],
  lat: [],
  lon: [],
}

const DR = ['drop number', 'drop no', 'drop', 'dr number', 'dr no', 'dr']
const POLE = ['pole number', 'pole no', 'pole label', 'pole']
const PON = ['pon no', 'pon number', 'pon']
const ZONE = ['zone no', 'zone number', 'zone']

/** The design: sheet HLD_Home as the network builder's planners export it. */
export const HLD_HOME: PlatformLayout = {
  platform: 'sow',
  sheet: 'HLD_Home',
  headerRow: 1,
  columns: {
    ...NO_COLUMNS,
    dr: ['label', ...DR],
    pole: ['strtfeat', ...POLE],
    pon: PON,
    zone: ZONE,
    status: ['status'],
    address: ['address'],
    comments: ['comments'],
    cableLength: ['dim2'],
    lat: ['lat', 'latitude'],
    lon: ['lon', 'longitude'],
  },
  spareComment: 'Spare',
}

/** The tracker's home sheet; its header stands on row 2. */
export const TRACKER_HOME: PlatformLayout = {
  platform: 'tracker',
  sheet: 'Tracker_Home',
  headerRow: 2,
  columns: {
    ...NO_COLUMNS,
    dr: [...DR, 'label'],
    pole: [...POLE, 'strtfeat'],
    pon: PON,
    zone: ZONE,
    ontSerial: ['ont serial', 'ont serial number', 'ont serial no', 'serial number', 'ont', 'ont barcode'],
    installedOn: [
      'installation date',
      'install date',
      'installed on',
      'date installed',
      'installed',
      'date of installation',
    ],
    status: ['status', 'home installation status', 'installation status'],
    address: ['address'],
    comments: ['comments', 'comment'],
    lat: ['latitude', 'lat'],
    lon: ['longitude', 'lon'],
  },
  spareComment: 'Spare',
}

/** The quality sheet on SharePoint; it names no poles and no serials. Its date is the day of the review, not of the installation. */
export const QA_SHEET: PlatformLayout = {
  platform: 'sharepoint',
  sheet: 'QA',
  headerRow: 1,
  columns: {
    ...NO_COLUMNS,
    dr: DR,
    pon: PON,
    zone: ZONE,
    status: ['completed', 'qa completed'],
    comments: ['comment', 'comments'],
  },
  spareComment: 'Spare',
}

export const DEFAULT_LAYOUTS: { readonly [P in Platform]: PlatformLayout } = {
  sow: HLD_HOME,
  sharepoint: QA_SHEET,
  tracker: TRACKER_HOME,
}
