import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wantsExamples } from '../../src/infrastructure/examples.ts'

describe('The examples', () => {
  let dataDir: string
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'examples-'))
  })
  afterEach(() => rm(dataDir, { recursive: true, force: true }))
  const embedded = (examples: 'on' | 'off' | null) => wantsExamples({ examples, databaseUrl: null, dataDir })

  it('belong into an embedded database unless they are refused, which holds until they are asked for', async () => {
    expect(await embedded(null)).toBe(true)
    expect(await embedded('off')).toBe(false)
    expect(await embedded(null)).toBe(false)
    expect(await embedded('on')).toBe(true)
    expect(await embedded(null)).toBe(true)
  })

  it('refused on the very first start, are refused before there is anything to keep that in', async () => {
    await rm(dataDir, { recursive: true })
    expect([await embedded('off'), await embedded(null)]).toEqual([false, false])
  })

  it('belong into a PostgreSQL database only when asked for', async () => {
    const asked = (examples: 'on' | 'off' | null) =>
      wantsExamples({ examples, databaseUrl: 'postgres://localhost/x', dataDir })
    expect([await asked(null), await asked('off'), await asked('on')]).toEqual([false, false, true])
  })
})
