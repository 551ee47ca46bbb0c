import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findPrograms } from '../test/support/postgres-server.ts'
import { installOutside } from './outside.ts'

// Tests want a real PostgreSQL. On Debian as root its server programs are installed here; elsewhere the test run itself looks
// for TEST_DATABASE_URL or a container, and names what it leaves out.
const wanted = !process.env.TEST_DATABASE_URL && findPrograms() === null

if (wanted && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.log('PostgreSQL is not installed: installing the Debian package for the tests.')
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  try {
    execFileSync('apt-get', ['update', '-q'], options)
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'postgresql'], options)
  } catch (error) {
    console.error(`PostgreSQL could not be installed: ${String(error)}`)
  }
}

installOutside()
