import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allowed } from '../allowed.ts'
import type { AppError } from '../errors.ts'
import { reachOf } from '../permissions.ts'
import type { Directory, Project } from '../ports/directory.ts'
import type { SowRow, SowSource } from '../ports/sow-source.ts'
import type { Principal } from '../principal.ts'
import { namedDrop } from './named-drop.ts'

export type LookUpDeps = { readonly sow: SowSource; readonly directory: Directory }

/** The drop says one thing of itself, its pole another: both are shown, and the drop's own word counts. */
export type PoleDisagreement = {
  readonly field: 'pon_number' | 'zone_no'
  readonly drop: string | null
  readonly pole: ReadonlyArray<string>
}

type FoundRow = {
  readonly project_id: string
  readonly project_name: string | null
  readonly project_code: string | null
  readonly dr_number: string
  readonly pole_number: string | null
  readonly pon_number: string | null
  readonly zone_no: string | null
  readonly address: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly status: string | null
  readonly spare: boolean
  readonly source: SowRow['source']
  readonly as_of: string | null
  readonly pole_disagreements: ReadonlyArray<PoleDisagreement>
}

export type DropLookup = {
  readonly dr_number: string
  /** `found`: one row; `spare`: one row, of a drop without a home; `ambiguous`: several; `not_found`: none where a SOW is; `no_sow`: nowhere to look. */
  readonly outcome: 'found' | 'spare' | 'ambiguous' | 'not_found' | 'no_sow'
  readonly sow_connected: boolean
  readonly projects_searched: ReadonlyArray<string>
  readonly rows: ReadonlyArray<FoundRow>
}

/** Where the design has a drop, whatever way its number is spelt. */
export const lookUpDrop =
  ({ sow, directory }: LookUpDeps) =>
  (principal: Principal, drop: string, projectId: string | null): TE.TaskEither<AppError, DropLookup> =>
    pipe(
      TE.fromEither<AppError, null>(allowed(principal, 'lookup_drop')),
      TE.flatMap(() => TE.fromEither(namedDrop(drop))),
      TE.bindTo('dr'),
      TE.bindW('answer', ({ dr }) => sow.rowsOf(dr, projectId)),
      TE.bindW('known', ({ answer }) =>
        directory.find({ projects: [...new Set(answer.rows.map((row) => row.projectId))] }),
      ),
      TE.map(({ dr, answer: { rows, connected }, known }) => ({
        dr_number: dr,
        outcome: outcomeOf(rows, connected),
        sow_connected: connected.length > 0,
        projects_searched: connected,
        rows: rows.map(shownTo(principal, known.projects)),
      })),
    )

const outcomeOf = (rows: ReadonlyArray<SowRow>, connected: ReadonlyArray<string>): DropLookup['outcome'] => {
  const [first] = rows
  if (rows.length > 1) return 'ambiguous'
  if (first !== undefined) return first.spare ? 'spare' : 'found'
  return connected.length > 0 ? 'not_found' : 'no_sow'
}

/** Whoever may not read client data gets neither address nor coordinates. */
const shownTo =
  (principal: Principal, projects: ReadonlyArray<Project>) =>
  (row: SowRow): FoundRow => {
    const project = projects.find(({ id }) => id === row.projectId)
    const mayLocate = reachOf(principal, 'read_client') !== null
    return {
      project_id: row.projectId,
      project_name: project?.name ?? null,
      project_code: project?.code ?? null,
      dr_number: row.dr,
      pole_number: row.pole,
      pon_number: row.pon,
      zone_no: row.zone,
      address: mayLocate ? row.address : null,
      latitude: mayLocate ? row.latitude : null,
      longitude: mayLocate ? row.longitude : null,
      status: row.status,
      spare: row.spare,
      source: row.source,
      as_of: row.asOf,
      pole_disagreements: disagreementsOf(row),
    }
  }

const disagreementsOf = ({ pon, zone, poleSays }: SowRow): ReadonlyArray<PoleDisagreement> =>
  poleSays === null
    ? []
    : [...differing('pon_number', pon, poleSays.pons), ...differing('zone_no', zone, poleSays.zones)]

const differing = (
  field: PoleDisagreement['field'],
  drop: string | null,
  pole: ReadonlyArray<string>,
): ReadonlyArray<PoleDisagreement> => (pole.some((value) => value !== drop) ? [{ field, drop, pole }] : [])
