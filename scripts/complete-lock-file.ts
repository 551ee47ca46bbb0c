import { readFileSync, writeFileSync } from 'node:fs'
import { type Lock, missingPackages } from './lock-file.ts'

// A registry that does not carry a tool's builds for other platforms makes `npm install` leave them out of the lock file, and
// `npm ci` then refuses it everywhere. Run this after such an install, then `npm install --package-lock-only` to order it.
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock
const missing = missingPackages(lock)
for (const { name, entry } of missing) lock.packages[`node_modules/${name}`] = entry
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
console.log(`Added ${missing.length} packages of other platforms to package-lock.json.`)
