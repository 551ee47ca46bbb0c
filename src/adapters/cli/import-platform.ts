import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { Platform } from '../../domain/readiness/readiness.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { progress } from './progress.ts'
import { type Explain, refuse } from './refusal.ts'
import { duration, grouped, type Terminal, table } from './terminal.ts'

export type ImportPlatformWorkbook = { readonly platform: Platform; readonly file: string; readonly project: string }

const PROBLEMS_SHOWN = 10

/** A SOW, SharePoint or tracker workbook takes the place of the former one. */
export const importPlatformWorkbook =
  ({
    terminal,
    explain,
    signal,
  }: {
    readonly terminal: Terminal
    readonly explain: Explain
    readonly signal: AbortSignal
  }) =>
  async ({ platform, file, project }: ImportPlatformWorkbook, application: Application): Promise<Exit> => {
    const { say } = terminal
    const began = performance.now()
    const hash = createHash('sha256')
    await pipeline(createReadStream(file), hash)
    const shown = progress(terminal, 'Reading', 'rows')
    const imported = await application.importPlatform(application.principal, {
      platform,
      projectId: project,
      file: { path: file, name: basename(file), sha256: hash.digest('hex') },
      signal,
      onRows: (rows) => shown.at(rows, null),
    })()
    shown.end()
    if (signal.aborted) return EXIT.interrupted
    if (E.isLeft(imported)) return refuse(terminal, explain(imported.left))
    const { sameFile, standing } = imported.right
    if (sameFile) {
      say(
        `This very workbook stands already, imported ${standing.importedAt} by ${standing.importedBy}; nothing was changed.`,
      )
      return EXIT.ok
    }
    say(`${platform} of project ${project}, read in ${duration(performance.now() - began)}:`)
    const { rowsRead, rowsKept, drops, repeatedDrops, spares, problemCount, problems, carries, touched } = standing
    for (const line of table([
      ['  rows read', grouped(rowsRead)],
      ['  rows kept', grouped(rowsKept)],
      ['  drops', `${grouped(drops)}, ${grouped(repeatedDrops)} of them in several rows, ${grouped(spares)} spares`],
      ['  compared with tickets', ['dr', ...carries].join(', ')],
      [
        '  tickets',
        `${touched.rechecked} checked again, ${touched.fellBack} fell back, ${touched.reset} no longer ready`,
      ],
      ['  values not understood', grouped(problemCount)],
    ]))
      say(line)
    for (const { row, field, value } of problems.slice(0, PROBLEMS_SHOWN))
      say(`    row ${row}: ${field} ${JSON.stringify(value)}`)
    if (problemCount > PROBLEMS_SHOWN) say(`    … and ${grouped(problemCount - PROBLEMS_SHOWN)} more`)
    return EXIT.ok
  }
