import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { StorageUnavailable } from '../../application/ports/evidence-store.ts'
import type { Signer } from '../../application/ports/signer.ts'
import type { SigningKey } from '../../domain/handover/signature.ts'
import { endorsed, keyIdOf, publicKeyOf, signatureOf } from './ed25519.ts'

export type KeyFileOptions = {
  /** PKCS#8 PEM, mode 0600; what `openssl genpkey -algorithm ed25519` writes. */
  readonly file: string
  /** Whether a first key is made when it is needed; otherwise its absence is an error. */
  readonly makeFirst: boolean
  readonly now: () => Date
}

type Loaded = {
  readonly privateKey: KeyObject
  readonly key: SigningKey
  /** Which file it was, so that a key that another process put there is taken up. */
  readonly seen: string
}

/** The signing key in a file of its owner's alone. Throws, naming the file and never its content, when that cannot be used. */
export const fileSigner = ({ file, makeFirst, now }: KeyFileOptions): Signer => {
  let loaded = read(file)
  if (loaded === null && !makeFirst)
    throw new Error(
      `There is no signing key at ${file}. Make one: openssl genpkey -algorithm ed25519 -out ${file} && chmod 600 ${file}`,
    )

  const current = (): Loaded | null => {
    const seen = identity(file)
    if (seen !== null && seen !== loaded?.seen) loaded = read(file)
    return loaded
  }
  const certain = (): Loaded => {
    const there = current()
    if (there !== null) return there
    make(file)
    loaded = read(file)
    if (loaded === null) throw new Error(`The signing key at ${file} went away`)
    return loaded
  }

  return {
    sign: (statement) => {
      const { key, privateKey } = certain()
      // A key made in this very millisecond, or a clock set back, must not make a signature older than its key.
      const signedAt = new Date(Math.max(now().getTime(), Date.parse(key.validFrom))).toISOString()
      return { key, signature: { keyId: key.keyId, value: signatureOf(privateKey, statement(signedAt)), signedAt } }
    },
    current: () => current()?.key ?? null,
    rotate: (introduce) => async () => {
      const next = `${file}.next`
      const prepared = onDisk(() => {
        const older = certain()
        if (identity(next) === null) make(next)
        const newer = read(next)
        if (newer === null) throw new Error(`The new signing key at ${next} went away`)
        return { older, newer }
      })
      if (E.isLeft(prepared)) return prepared
      const { older, newer } = prepared.right
      const key = endorsed(older.privateKey, newer.privateKey, now().toISOString())
      const kept = await introduce(key, older.key)()
      if (E.isLeft(kept)) return kept
      const placed = onDisk(() => {
        renameSync(next, file)
        flush(dirname(file))
        loaded = read(file)
      })
      return E.isLeft(placed) ? placed : E.right(key)
    },
  }
}

/** Null when there is no file. */
const read = (file: string): Loaded | null => {
  const seen = identity(file)
  if (seen === null) return null
  const fd = openSync(file, 'r')
  try {
    const { mode, mtime } = fstatSync(fd)
    if ((mode & 0o077) !== 0)
      throw new Error(
        `The signing key ${file} is open to others than its owner (mode ${(mode & 0o777).toString(8)}): chmod 600 ${file}`,
      )
    const privateKey = parse(readFileSync(fd, 'utf8'))
    if (privateKey === null) throw new Error(`${file} holds no Ed25519 private key (PKCS#8 PEM)`)
    const publicKey = publicKeyOf(privateKey)
    const validFrom = new Date(Math.floor(mtime.getTime())).toISOString()
    return { privateKey, key: { keyId: keyIdOf(publicKey), publicKey, validFrom, endorsement: null }, seen }
  } finally {
    closeSync(fd)
  }
}

const parse = (pem: string): KeyObject | null => {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    return null
  }
}

const identity = (file: string): string | null => {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.ino}/${found.mtimeMs}/${found.size}`
}

/** Whole or not at all, and never over a key that is there: of two that make it, one is kept. */
const make = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  const { privateKey } = generateKeyPairSync('ed25519')
  const part = `${file}.${process.pid}.part`
  rmSync(part, { force: true })
  const fd = openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    writeFileSync(fd, privateKey.export({ format: 'pem', type: 'pkcs8' }))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  try {
    linkSync(part, file)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    rmSync(part, { force: true })
  }
  flush(dirname(file))
}

const flush = (folder: string): void => {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const onDisk = <A>(work: () => A): E.Either<StorageUnavailable, A> => {
  try {
    return E.right(work())
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw cause
    return E.left({ type: 'StorageUnavailable', reason: code })
  }
}
