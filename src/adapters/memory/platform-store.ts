import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { isSameFile } from '../../application/platform/import-platform.ts'
import { touchedDrops, touchesAll } from '../../application/platform/touched-drops.ts'
import type {
  Installation,
  PlatformImport,
  PlatformStore,
  StandingImport,
} from '../../application/ports/platform-store.ts'
import type { Touched } from '../../application/ports/project-store.ts'
import type { SowSource } from '../../application/ports/sow-source.ts'
import type { TicketStore } from '../../application/ports/ticket-store.ts'
import type { Platform, PlatformRow } from '../../domain/readiness/readiness.ts'
import { isCovered, isPendingOrReady, moveFacts, projectIn, touchTickets } from './platform-outside-change.ts'
import type { KeptProject, MemoryState } from './ticket-state.ts'

/** Platforms' workbooks and installation dates in memory, and the design that stands in them. */
export const memoryPlatformStore = (state: MemoryState, tickets: TicketStore): PlatformStore & SowSource => {
  const imported: StandingImport[] = []
  const designs = new Map<string, PlatformImport>()
  const installations = new Map<string, Installation>()
  const key = (projectId: string, dr: string): string => JSON.stringify([projectId, dr])
  const standingOf = (projectId: string, platform: Platform): StandingImport | null =>
    imported.find((one) => one.projectId === projectId && one.platform === platform) ?? null

  return {
    standing: (projectId, platform) => TE.fromIO(() => standingOf(projectId, platform)),
    imports: (projectId) => TE.fromIO(() => imported.filter((one) => one.projectId === projectId).slice(0, 100)),
    replace: (incoming, touch) => async () => {
      const { projectId, platform, sha256, carries } = incoming.summary
      const former = standingOf(projectId, platform)
      if (former !== null && isSameFile(former, sha256, incoming.layout))
        return E.right({ sameFile: true, standing: former })
      const before = projectIn(state, projectId).rows.filter((row) => row.platform === platform)
      moveFacts(state, projectId, replaced(projectIn(state, projectId), incoming))
      const after = projectIn(state, projectId).rows.filter((row) => row.platform === platform)
      const all = touchesAll(former?.carries ?? null, carries)
      const at = imported.length
      const nothing: Touched = { rechecked: 0, fellBack: 0, reset: 0 }
      imported.unshift({ ...incoming.summary, layout: incoming.layout, touched: nothing })
      if (platform === 'sow') designs.set(projectId, incoming)
      const touched = await touchTickets(state, tickets, touch, projectId, 'facts', (ticket) => {
        const { dr } = ticket.place
        return isPendingOrReady(ticket) && dr !== null && (all || touchedDrops([dr], before, after).length > 0)
      })
      if (platform === 'tracker') await touchTickets(state, tickets, touch, projectId, 'guarantee', isCovered)
      const standing = { ...incoming.summary, layout: incoming.layout, touched }
      imported[imported.length - 1 - at] = standing
      return E.right({ sameFile: false, standing })
    },
    installation: (projectId, dr) => TE.fromIO(() => installations.get(key(projectId, dr)) ?? null),
    recordInstallation: (entry, touch) => async () => {
      const { projectId, dr, installedOn, version } = entry
      const standing = installations.get(key(projectId, dr))?.version ?? 0
      if (standing !== version - 1) return E.left({ type: 'Stale', id: dr, version: standing })
      installations.set(key(projectId, dr), entry)
      const others = projectIn(state, projectId).installations.filter(
        (known) => known.dr !== dr || known.source !== 'entered',
      )
      moveFacts(state, projectId, { installations: [...others, { dr, day: installedOn, source: 'entered' }] })
      await touchTickets(state, tickets, touch, projectId, 'guarantee', (ticket) => ticket.place.dr === dr)
      return E.right(entry)
    },
    settle: (projectId, dr, touch) => async () =>
      E.right(await touchTickets(state, tickets, touch, projectId, 'guarantee', (ticket) => ticket.place.dr === dr)),
    placesOfPole: (pole, projectId) =>
      TE.fromIO(() =>
        (designs.get(projectId)?.records ?? []).flatMap(({ pole: own, lat, lon }) =>
          own !== pole || lat === null || lon === null ? [] : [{ lat, lon }],
        ),
      ),
    rowsOf: (dr, projectId) =>
      TE.fromIO(() => {
        const searched = [...designs.values()].filter(
          ({ summary }) => projectId === null || summary.projectId === projectId,
        )
        return {
          connected: searched.map(({ summary }) => summary.projectId).toSorted(),
          rows: searched.flatMap(({ summary, records }) =>
            records
              .filter((record) => record.dr === dr)
              .map((record) => ({
                projectId: summary.projectId,
                dr,
                pole: record.pole,
                pon: record.pon,
                zone: record.zone,
                address: record.address,
                latitude: record.lat,
                longitude: record.lon,
                status: record.status,
                spare: record.spare,
                source: 'workbook' as const,
                asOf: summary.importedAt,
                poleSays: poleSays(records, record.pole),
              })),
          ),
        }
      }),
  }
}

const distinct = (values: ReadonlyArray<string | null>): ReadonlyArray<string> =>
  [...new Set(values.filter((value) => value !== null))].toSorted()

const poleSays = (records: PlatformImport['records'], pole: string | null) => {
  const there = records.filter((record) => pole !== null && record.pole === pole)
  const [pons, zones] = [distinct(there.map(({ pon }) => pon)), distinct(there.map(({ zone }) => zone))]
  return pons.length + zones.length === 0 ? null : { pons, zones }
}

const replaced = (
  project: KeptProject,
  { summary: { platform, carries, importedAt }, records }: PlatformImport,
): Partial<KeptProject> => ({
  platforms: { ...project.platforms, [platform]: { connected: true, carries } },
  rows: [
    ...project.rows.filter((row) => row.platform !== platform),
    ...records.map(
      ({ dr, pole, pon, zone, ontSerial, spare }): PlatformRow => ({
        platform,
        dr,
        pole,
        pon,
        zone,
        ontSerial,
        spare,
        asOf: importedAt,
      }),
    ),
  ],
  ...(platform === 'tracker'
    ? {
        installations: [
          ...project.installations.filter((known) => known.source !== 'tracker'),
          ...records.flatMap(({ dr, installedOn }) =>
            installedOn === null ? [] : [{ dr, day: installedOn, source: 'tracker' as const }],
          ),
        ],
      }
    : {}),
})
