import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Lock, missingPackages } from '../../scripts/lock-file.ts'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock

it('the lock file describes the tools of every platform, so that npm ci accepts it everywhere', () => {
  expect(missingPackages(lock)).toEqual([])
})

it('a package that the lock file leaves out is found, with its platform', () => {
  const { 'node_modules/@biomejs/cli-linux-x64-musl': left, ...packages } = lock.packages
  expect(missingPackages({ packages })).toEqual([{ name: '@biomejs/cli-linux-x64-musl', entry: left }])
})
