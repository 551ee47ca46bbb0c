import { randomUUID } from 'node:crypto'
import { summaryOf } from '../../src/application/platform/summary-of.ts'
import type { ImportSummary, PlatformImport } from '../../src/application/ports/platform-store.ts'
import { DEFAULT_LAYOUTS } from '../../src/domain/platform-records/layouts.ts'
import type { PlatformRecord } from '../../src/domain/platform-records/read-platform-rows.ts'
import { AT, PLACE } from './tickets.ts'

type Named = PlatformRecord & { readonly dr: string }

/** What the design says of the usual drop, unless said otherwise. */
export const record = (said: Partial<Named> = {}): Named => ({
  row: 2,
  ...PLACE,
  ontSerial: null,
  installedOn: null,
  status: null,
  address: null,
  cableLengthM: null,
  lat: null,
  lon: null,
  spare: false,
  problems: [],
  ...said,
})

/** A workbook with these rows, numbered from 2 on; every call is another file. */
export const importing = (records: ReadonlyArray<Named>, about: Partial<ImportSummary> = {}): PlatformImport => {
  const rows = records.map((one, index) => ({ ...one, row: index + 2 }))
  const platform = about.platform ?? 'sow'
  return {
    summary: {
      ...summaryOf(rows, {
        id: randomUUID(),
        projectId: 'lawley',
        platform,
        filename: 'Drops_Lawley.xlsx',
        sha256: randomUUID().replaceAll('-', '').repeat(2),
        carries: ['pole', 'pon', 'zone'],
        importedBy: 'mpho',
        importedAt: AT,
      }),
      ...about,
    },
    layout: DEFAULT_LAYOUTS[platform],
    records: rows,
  }
}
