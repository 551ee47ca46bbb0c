import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const FOLDER = 'test/outside'
/** npm's lock and a copy of it, written once an install of it came to its end. */
const [LOCK, INSTALLED] = [`${FOLDER}/package-lock.json`, `${FOLDER}/node_modules/.installed-lock.json`]

/**
 * Programs that tests run against and the product never loads (`test/outside/package.json`) are installed beside the tests
 * when they are missing or their lock changed: 0.5 GB that nobody needs who only uses or builds the program.
 */
export const installOutside = (): void => {
  const lock = readFileSync(LOCK, 'utf8')
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lock) return
  console.log('The programs that tests run against are installed into test/outside (0.5 GB, once).')
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { stdio: 'inherit', cwd: FOLDER })
    writeFileSync(INSTALLED, lock)
  } catch (error) {
    console.error(`They could not be installed, so their suites are left out: ${String(error)}`)
  }
}
