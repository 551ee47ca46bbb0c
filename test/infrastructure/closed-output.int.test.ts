import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { outliveTheReader } from '../../src/infrastructure/closed-output.ts'

const cli = join(import.meta.dirname, '../../src/infrastructure/cli.ts')

describe('The command line', () => {
  it('ends as ever when its reader has had enough', async () => {
    const child = spawn(process.execPath, [cli, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let complained = ''
    child.stderr.on('data', (chunk) => (complained += chunk))
    const [code] = await once(child, 'close')
    expect([code, complained]).toEqual([0, ''])
  })

  it('is an executable of Node when the package is installed', async () => {
    expect(await readFile(cli, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })

  it('outlives a reader that is gone, and no other trouble of its output', () => {
    const stream = new PassThrough()
    outliveTheReader(stream)
    expect(() => stream.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }))).not.toThrow()
    expect(() => stream.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))).toThrow('full')
  })
})
