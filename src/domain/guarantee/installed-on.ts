import type { Day, Instant } from '../shared/time.ts'
import { dayInJohannesburg } from '../shared/time.ts'
import type { InstallationSource, InstalledOn } from './guarantee.ts'
import { INSTALLATION_SOURCES } from './guarantee.ts'

export type KnownInstallation = {
  /** Dates found for the drop; of several from one source the latest counts, a drop being built again starts anew. */
  readonly dates: ReadonlyArray<{
    readonly day: Day
    readonly source: Exclude<InstallationSource, 'installation_handover'>
  }>
  /** When the drop's new_installation ticket went to maintenance. */
  readonly handedOverAt: Instant | null
}

/** The day the guarantee starts: the installation date, else the hand over of the installation, else null. */
export const installedOn = ({ dates, handedOverAt }: KnownInstallation): InstalledOn | null => {
  for (const source of INSTALLATION_SOURCES) {
    const day = dates
      .filter((date) => date.source === source)
      .map((date) => date.day)
      .toSorted()
      .at(-1)
    if (day !== undefined) return { day, source }
  }
  return handedOverAt === null ? null : { day: dayInJohannesburg(handedOverAt), source: 'installation_handover' }
}
