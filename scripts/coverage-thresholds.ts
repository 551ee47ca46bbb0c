const atLeast = (percent: number) => ({
  lines: percent,
  statements: percent,
  functions: percent,
  branches: percent,
})

/** The least part of each folder that tests must run, in percent; below it `npm test` fails. */
export const coverageThresholds = {
  'src/domain/**': atLeast(95),
  'src/application/**': atLeast(90),
  'src/adapters/calendar/**': atLeast(90),
  'src/adapters/canonical/**': atLeast(90),
  'src/adapters/excel/**': atLeast(90),
  'src/adapters/imaging/**': atLeast(90),
  'src/adapters/local-auth/**': atLeast(90),
  'src/adapters/local-files/**': atLeast(90),
  'src/adapters/memory/**': atLeast(90),
  'src/adapters/pglite/**': atLeast(90),
  'src/adapters/postgres/**': atLeast(90),
  'src/adapters/queue/**': atLeast(90),
  'src/adapters/contract/**': atLeast(85),
  'src/adapters/http/**': atLeast(85),
  'src/adapters/cli/**': atLeast(70),
  'src/infrastructure/**': atLeast(70),
}
