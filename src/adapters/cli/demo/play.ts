import type { Queryable } from '../../contract/pool.ts'
import type { Terminal } from '../terminal.ts'
import { arrival } from './act-arrival.ts'
import { ending } from './act-ending.ts'
import { field } from './act-field.ts'
import { handover } from './act-handover.ts'
import { qcontact, whatsapp } from './act-outside.ts'
import { quality } from './act-quality.ts'
import { repeatFaults } from './act-repeat.ts'
import { seal } from './act-seal.ts'
import { callerAt } from './caller.ts'
import type { Outside } from './outside.ts'
import type { Stage } from './stage.ts'
import { story } from './story.ts'
import type { Workbooks } from './workbooks.ts'

/** Plays the whole main job over HTTP against a running server and gives what is worth a look; throws, saying why, at the first step that is not as told. */
export const play = async (on: {
  readonly terminal: Terminal
  /** Where the API is, without a slash at its end. */
  readonly root: string
  readonly project: Stage['project']
  readonly workbooks: Workbooks
  readonly owner: Queryable
  readonly verify: Stage['verify']
  /** null: what is outside is the operator's own, and not played with. */
  readonly outside: Outside | null
  readonly between: () => Promise<unknown>
  readonly signal: AbortSignal
}): Promise<{ readonly repairId: string; readonly escalationId: string }> => {
  const began = performance.now()
  const { terminal, project, workbooks, owner, verify } = on
  const stage: Stage = {
    story: story(terminal, on.between),
    terminal,
    as: callerAt(on.root, on.signal),
    project,
    workbooks,
    owner,
    verify,
    now: () => new Date(),
    seed: Date.now() % 1_000_000_007,
  }
  const arrived = await arrival(stage)
  const called = on.outside === null ? null : await qcontact(stage, on.outside, arrived.spareDrops[0])
  const install = await field(stage, arrived)
  await quality(stage, arrived.repair.id, install.id)
  const history = await handover(stage, arrived.repair.id, install.id)
  await seal(stage, history)
  const escalation = await repeatFaults(stage, arrived.spareDrops[1])
  if (on.outside !== null && called !== null) await whatsapp(stage, on.outside, called)
  await ending(
    stage,
    [
      [arrived.repair.id, 'from the weekly report to closed'],
      [install.id, 'a new installation, handed over'],
      [arrived.paperwork.id, 'missing paperwork, waits for QA'],
      [escalation.ticket.id, 'made by itself, three faults of one drop'],
      ...(called === null ? [] : [[called.id, 'a case of QContact, in step with it'] as const]),
    ],
    performance.now() - began,
  )
  return { repairId: arrived.repair.id, escalationId: escalation.id }
}
