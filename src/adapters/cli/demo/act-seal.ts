import type { Verification } from '../../../application/handover/verification.ts'
import { findingLine } from '../verify.ts'
import type { Stage, View } from './stage.ts'
import { holds } from './story.ts'

const TAMPER = `
update handover_snapshots set
  snapshot_data = jsonb_set(snapshot_data, '{ticket,ont_rx_level}', '"-12.000"'),
  snapshot_bytes = convert_to(replace(convert_from(snapshot_bytes, 'UTF8'), '"ont_rx_level":"-18.420"', '"ont_rx_level":"-12.000"'), 'UTF8'),
  sha256 = encode(sha256(convert_to(replace(convert_from(snapshot_bytes, 'UTF8'), '"ont_rx_level":"-18.420"', '"ont_rx_level":"-12.000"'), 'UTF8')), 'hex')
where id = $1`

const KEEP = 'select snapshot_data, snapshot_bytes, sha256 from handover_snapshots where id = $1'
const PUT_BACK = 'update handover_snapshots set snapshot_data = $2, snapshot_bytes = $3, sha256 = $4 where id = $1'

/** A sealed snapshot resists the application's database role, and tells on the database's owner. */
export const seal = async (stage: Stage, history: ReadonlyArray<View>): Promise<void> => {
  const { story, owner } = stage
  const sealed = history.find(({ handover_type }) => handover_type === 'qa_to_maintenance')

  await story.chapter('Nobody rewrites what was sealed')
  story.does('someone', 'tries an UPDATE of the sealed reading, straight in the database')
  const refusal = await owner.query(TAMPER, [sealed.id]).then(
    () => null,
    (error: Error) => error.message,
  )
  holds(refusal !== null, 'the database refuses the change')
  story.refuses(`${refusal}`)
  await expectWhole(stage, 'verifies every seal of the project')

  story.does(
    'someone',
    'who owns the database switches its triggers off, changes the reading to -12.000 dBm, and mends the hash',
  )
  const { rows } = await owner.query(KEEP, [sealed.id])
  await withoutTriggers(stage, () => owner.query(TAMPER, [sealed.id]))
  const found = await stage.verify()
  holds(found.faults > 0, 'the change is found')
  holds(
    found.findings.every(({ seq }) => seq === sealed.seq),
    'the findings point at the very snapshot',
  )
  story.does('naledi', 'verifies again')
  story.refuses(
    `${found.faults} ${found.faults === 1 ? 'fault' : 'faults'} in ${found.snapshots} snapshots:`,
    found.findings.map(findingLine),
  )
  const [before] = rows
  await withoutTriggers(stage, () =>
    owner.query(PUT_BACK, [sealed.id, JSON.stringify(before.snapshot_data), before.snapshot_bytes, before.sha256]),
  )
  await expectWhole(stage, 'sees it put back, byte by byte')
}

const withoutTriggers = async ({ owner }: Stage, work: () => Promise<unknown>): Promise<void> => {
  await owner.query('alter table handover_snapshots disable trigger user')
  try {
    await work()
  } finally {
    await owner.query('alter table handover_snapshots enable trigger user')
  }
}

const expectWhole = async ({ verify, story }: Stage, what: string): Promise<void> => {
  const found: Verification = await verify()
  holds(found.faults === 0 && found.snapshots > 0, 'nothing is wrong with the seals')
  story.does('naledi', what)
  story.answers(`${found.snapshots} snapshots, nothing was touched`)
}
