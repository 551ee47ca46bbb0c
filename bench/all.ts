import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Runs the named measurements, or every one, each in a process of its own; what they print is in bench/README.md. */
const PARTS = ['all.ts', 'bare-insert.ts', 'bare-server.ts', 'photo-edits.ts', 'photographs.ts', 'scenes.ts']
const folder = fileURLToPath(new URL('.', import.meta.url))
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !PARTS.includes(name))
  .map((name) => name.replace(/\.ts$/, ''))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`There is no measurement ${unknown.join(', ')}; there are ${known.join(', ')}.`)
  process.exit(2)
}
for (const name of asked.length > 0 ? asked : known) {
  console.log(`\n${name}`)
  const child = spawn(process.execPath, [`${folder}${name}.ts`], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) process.exitCode = 1
}
