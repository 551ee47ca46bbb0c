import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findPrograms } from '../test/support/postgres-server.ts'
import { installOutside } from './outside.ts'

const isInstalled = (program: string): boolean =>
  spawnSync(program, ['version'], { stdio: 'ignore' }).error === undefined

// Tests want a real PostgreSQL, and openssl as an authority for time stamps. On Debian as root what is missing is installed
// here; elsewhere the test run itself looks for TEST_DATABASE_URL or a container, and names what it leaves out.
const wanted = [
  ...(!process.env.TEST_DATABASE_URL && findPrograms() === null ? ['postgresql'] : []),
  ...(isInstalled('openssl') ? [] : ['openssl']),
]

if (wanted.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.log(`Installing Debian packages for the tests: ${wanted.join(', ')}.`)
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  try {
    execFileSync('apt-get', ['update', '-q'], options)
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...wanted], options)
  } catch (error) {
    console.error(`They could not be installed: ${String(error)}`)
  }
}

installOutside()
