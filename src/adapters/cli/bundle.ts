import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Application } from './application.ts'
import type { CommandLine } from './command-line.ts'
import { EXIT, type Exit } from './exit.ts'
import { fileProblem } from './file.ts'
import { refuse } from './refusal.ts'
import { report } from './verify.ts'

/** Writes a project's snapshots, keys and anchors to one file that can be verified anywhere. */
export const exportBundle =
  ({ terminal, explain }: Pick<CommandLine, 'terminal' | 'explain'>) =>
  async (
    { project, out }: { readonly project: string; readonly out: string },
    application: Application,
  ): Promise<Exit> => {
    const known = await application.knowsProject(project)()
    if (E.isLeft(known)) return refuse(terminal, explain(known.left))
    if (!known.right) return refuse(terminal, explain({ type: 'ProjectUnknown', projectId: project }))
    const exported = await application.exportTo(application.principal, project, resolve(out))()
    if (E.isLeft(exported)) {
      const { left } = exported
      return left.type === 'StorageUnavailable'
        ? refuse(terminal, {
            sentence: left.reason === 'EEXIST' ? 'There is such a file already' : 'The file cannot be written',
            details: { out, reason: left.reason },
            isAway: false,
          })
        : refuse(terminal, explain(left))
    }
    const { snapshots, anchors, keys } = exported.right
    terminal.say(`${snapshots} snapshots, ${anchors} anchors and ${keys} keys are in ${out}.`)
    return EXIT.ok
  }

export type BundleOptions = {
  readonly bundle: string
  readonly trusted: ReadonlyArray<string>
  readonly anchors: string | null
  readonly tsaCa: string | null
}

/** Verifies an exported bundle; nothing but the file is needed, and no database is opened. */
export const verifyBundleFile =
  (line: CommandLine) =>
  async ({ bundle, trusted, anchors, tsaCa }: BundleOptions): Promise<Exit> => {
    const { terminal } = line
    for (const file of tsaCa === null ? [bundle] : [bundle, tsaCa]) {
      const missing = await fileProblem(file)
      if (missing !== null) return refuse(terminal, missing)
    }
    const verified = await line.verifyBundle({ file: bundle, trusted, anchors, tsaCa })
    if (E.isLeft(verified))
      return refuse(terminal, {
        sentence: 'The file is no exported bundle, or its head was damaged',
        details: { file: bundle, line: verified.left.line },
        isAway: false,
      })
    if (trusted.length === 0)
      terminal.say('The keys are those the bundle itself names; --trusted-key holds it to one that you know.')
    if (anchors === null)
      terminal.say(
        'The anchors are those in the bundle itself; --anchors holds it to a copy of your own, which shows newer entries left out.',
      )
    return report(terminal, verified.right)
  }
