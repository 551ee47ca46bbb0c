import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromOutside } from './outside.ts'

type Emulator = { readonly stop: () => Promise<void> }
type EmulatorClass = {
  new (options: object): Emulator
  readonly prototype: { getPersistenceTmpDir: () => string }
}
type Runtime = { readonly prototype: Record<string, unknown> }

/**
 * The storage emulator of firebase-tools in this process. Its security rules are a Java program of their own that only
 * the `/v0` API for browsers asks; it is left out, and the JSON API that servers speak never misses it.
 */
export const startStorageEmulator = async (): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> => {
  const { StorageEmulator } = fromOutside('firebase-tools/lib/emulator/storage') as { StorageEmulator: EmulatorClass }
  const { StorageRulesRuntime } = fromOutside('firebase-tools/lib/emulator/storage/rules/runtime') as {
    StorageRulesRuntime: Runtime
  }
  const { EmulatorRegistry } = fromOutside('firebase-tools/lib/emulator/registry') as {
    EmulatorRegistry: { start: (emulator: Emulator) => Promise<void> }
  }
  const folder = await mkdtemp(join(tmpdir(), 'storage-emulator-'))
  const nothing = async (): Promise<object> => ({ ruleset: {}, issues: { all: [], errors: [], warnings: [] } })
  Object.assign(StorageRulesRuntime.prototype, { start: nothing, stop: nothing, loadRuleset: nothing })
  StorageEmulator.prototype.getPersistenceTmpDir = () => folder
  const port = await freePort()
  const rules = { name: 'storage.rules', content: '' }
  const emulator = new StorageEmulator({ projectId: 'tests', host: '127.0.0.1', port, rules, auto_download: false })
  await EmulatorRegistry.start(emulator)
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await emulator.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
