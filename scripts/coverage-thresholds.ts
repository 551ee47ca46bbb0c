const atLeast = (percent: number) => ({
  lines: percent,
  statements: percent,
  functions: percent,
  branches: percent,
})

/** Adapters that the application drives; held together, because some are killed in the middle by their own tests. */
const DRIVEN = [
  'calendar',
  'canonical',
  'contract',
  'encryption',
  'excel',
  'firebase-storage',
  'imaging',
  'local-auth',
  'local-files',
  'memory',
  'metrics',
  'pglite',
  'postgres',
  'qcontact',
  'queue',
  'signing',
  'timestamp',
  'waha',
]

/** The least part that tests must run, in percent; below it `npm test` fails. The first four are the requirements' own. */
export const coverageThresholds = {
  'src/domain/**': atLeast(95),
  'src/application/**': atLeast(90),
  [`src/adapters/{${DRIVEN.join(',')}}/**`]: atLeast(90),
  'src/adapters/http/**': atLeast(85),
  'src/adapters/cli/**': atLeast(70),
  'src/infrastructure/**': { ...atLeast(70), branches: 60 },
}
