import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { z } from 'zod'
import type { uploadPlatform } from '../../application/platform/import-platform.ts'
import type { Replaced } from '../../application/ports/platform-store.ts'
import { PLATFORMS, type Platform } from '../../domain/readiness/readiness.ts'
import { inSnakeCase } from '../contract/snake-case.ts'
import { body } from './answer.ts'
import { hostId } from './fields.ts'
import { type Route, route } from './route.ts'
import { touchedShape } from './settings-shapes.ts'

export type PlatformRoutesDeps = { readonly uploadPlatform: ReturnType<typeof uploadPlatform> }

const importShape = z
  .object({
    id: z.string(),
    project_id: z.string(),
    platform: z.enum(PLATFORMS),
    filename: z.string(),
    sha256: z.string(),
    same_file: z.boolean(),
    carries: z.array(z.string()),
    rows_read: z.int(),
    rows_kept: z.int(),
    drops: z.int(),
    repeated_drops: z.int(),
    spares: z.int(),
    problem_count: z.int(),
    problems: z.array(z.object({ row: z.int(), field: z.string(), value: z.string() })),
    imported_by: z.string(),
    imported_at: z.string(),
    touched: touchedShape,
  })
  .meta({ id: 'PlatformImport' })

const importView = ({ sameFile, standing: { layout: _, ...standing } }: Replaced): unknown =>
  inSnakeCase({ ...standing, sameFile })

const WORDS: { readonly [P in Platform]: string } = { sow: 'SOW', sharepoint: 'SharePoint', tracker: 'tracker' }

/** The workbooks that stand for SOW, SharePoint and tracker. */
export const platformRoutes = (deps: PlatformRoutesDeps): ReadonlyArray<Route> =>
  PLATFORMS.map((platform) =>
    route({
      method: 'post',
      path: `/platforms/${platform}/import`,
      name: `import${platform[0]?.toUpperCase()}${platform.slice(1)}`,
      tag: 'Platforms',
      summary: `A ${WORDS[platform]} workbook takes the place of the project's former one; the same file again changes nothing`,
      may: 'import_platforms',
      upload: { field: 'file', description: 'The workbook (.xlsx), at most 50 MiB' },
      body: z.strictObject({ project_id: hostId }),
      status: 200,
      answers: { type: 'body', schema: importShape },
      handle: ({ upload: { filename, content }, body: said }, principal, { signal }) =>
        pipe(
          deps.uploadPlatform(principal, { platform, projectId: said.project_id, filename, content, signal }),
          TE.map((replaced) =>
            body(importView(replaced), {
              message: replaced.sameFile ? 'This very workbook stands already; nothing was changed' : null,
            }),
          ),
        ),
    }),
  )
