import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fibreflow-package-'))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')])
  await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'))
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

it('A host finds both stand-ins in the built package by its export map, each on a port of the host’s choice; one that is taken is refused', async () => {
  const script = join(folder, 'host.mjs')
  await writeFile(
    script,
    `import { createServer } from 'node:net'
     import { startStandIn } from 'fibreflow-ticketing/harness/qcontact'
     import { startWahaStandIn } from 'fibreflow-ticketing/harness/waha'
     const freePort = () => new Promise((resolve) => {
       const server = createServer().listen(0, '127.0.0.1', () => {
         const { port } = server.address()
         server.close(() => resolve(port))
       })
     })
     for (const start of [startWahaStandIn, startStandIn]) {
       const port = await freePort()
       const standIn = await start({ port })
       const answer = await fetch(standIn.url)
       const taken = await start({ port }).catch((error) => error.code)
       console.log(new URL(standIn.url).port === String(port), answer.status >= 400, taken)
       await standIn.close()
     }`,
  )
  const { stdout } = await run(process.execPath, [script], { timeout: 60_000 })
  expect(stdout).toBe('true true EADDRINUSE\n'.repeat(2))
}, 120_000)
