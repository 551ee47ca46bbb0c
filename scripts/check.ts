import { runGates, staticGates } from './gates.ts'

const failed = await runGates([
  { name: 'unit and property tests', command: ['vitest', 'run', '--project', 'unit', '--silent=passed-only'] },
  ...staticGates,
])
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
