import { defineConfig } from 'vitest/config'
import { coverageThresholds } from './scripts/coverage-thresholds.ts'

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(`Tests run on Node 24, this is ${process.versions.node}: start them with npm run or npm exec.`)
}

export default defineConfig({
  test: {
    coverage: {
      provider: 'v8',
      include: ['src/**/*.{ts,tsx}'],
      reporter: ['text-summary', 'html', 'json-summary'],
      thresholds: coverageThresholds,
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.{unit,prop}.test.ts'],
          exclude: ['test/architecture/**'],
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'architecture',
          include: ['test/architecture/**/*.unit.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.int.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
