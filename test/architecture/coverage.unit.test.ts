import { globSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { coverageThresholds } from '../../scripts/coverage-thresholds.ts'

describe('the coverage thresholds', () => {
  const bounded = Object.keys(coverageThresholds).flatMap((pattern) => {
    const [, start = '', words = '', end = ''] = /^(.*?)(?:\{(.*)\}(.*))?$/.exec(pattern.replace('**', '')) ?? []
    return words === '' ? [start] : words.split(',').map((word) => `${start}${word}${end}`)
  })
  const files = globSync('src/**/*.{ts,tsx}')

  it('bind every file of src', () => {
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((file) => !bounded.some((folder) => file.startsWith(folder)))).toEqual([])
  })

  it('name no folder that is not there', () => {
    expect(bounded.filter((folder) => !files.some((file) => file.startsWith(folder)))).toEqual([])
  })
})
