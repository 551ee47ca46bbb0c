import { openPglite } from '../../src/adapters/pglite/open-pglite.ts'

/** A process of its own for the tests: opens a directory and, when told, writes rows and says each one it was promised. */
const [dataDir, mode] = process.argv.slice(2)
try {
  const { pool, close } = await openPglite({ dataDir: dataDir ?? '' })
  process.stdout.write('open\n')
  if (mode === 'write') {
    await pool.query('create table if not exists written (id int primary key)')
    for (let id = 1; ; id += 1) {
      await pool.query('insert into written values ($1)', [id])
      process.stdout.write(`${id}\n`)
    }
  }
  if (mode === 'hold') await new Promise((resolve) => process.stdin.once('end', resolve).resume())
  await close()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
