import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ed25519 } from '../../../src/adapters/signing/ed25519.ts'
import { fileSigner } from '../../../src/adapters/signing/key-file.ts'
import { keyIdNamed } from '../../../src/adapters/signing/named-key.ts'
import { knownKeys, type SigningKey } from '../../../src/domain/handover/signature.ts'
import { itWithOpenssl, openssl } from '../../support/openssl.ts'

const said = (text: string) => new TextEncoder().encode(text)

describe('The signing key', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'key-'))
    file = join(folder, 'made', 'signing-key.pem')
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const signer = (path = file, makeFirst = true) => fileSigner({ file: path, makeFirst, now: () => new Date() })

  it('is made when it is first needed, for its owner only, and is the same ever after', () => {
    const one = signer()
    expect(one.current()).toBeNull()
    expect(existsSync(file)).toBe(false)
    const { key, signature } = one.sign((at) => said(`it was ${at}`))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'made'))).toEqual(['signing-key.pem'])
    expect(ed25519.verifySignature(key.publicKey, said(`it was ${signature.signedAt}`), signature.value)).toBe(true)
    expect(ed25519.verifySignature(key.publicKey, said('it was never'), signature.value)).toBe(false)
    expect(signature.signedAt >= key.validFrom).toBe(true)
    expect(signer().current()).toEqual(key)
    expect(one.current()?.keyId).toBe(signature.keyId)
  })

  itWithOpenssl('may be one of openssl, and is known by id, public key or file', () => {
    const pem = join(folder, 'own.pem')
    openssl(folder, ['genpkey', '-algorithm', 'ed25519', '-out', pem])
    chmodSync(pem, 0o600)
    const publicPem = join(folder, 'public.pem')
    openssl(folder, ['pkey', '-in', pem, '-pubout', '-out', publicPem])
    const { key } = signer(pem, false).sign(() => said('x'))
    expect([key.keyId, key.publicKey, publicPem].map(keyIdNamed)).toEqual([key.keyId, key.keyId, key.keyId])
    expect(['', 'nobody', join(folder, 'none.pem'), folder].map(keyIdNamed)).toEqual([null, null, null, null])
  })

  it.each([0o640, 0o604, 0o660, 0o644])('is refused when others may touch it (%o)', (mode) => {
    signer().sign(() => said('x'))
    chmodSync(file, mode)
    expect(() => signer()).toThrow(`${file} is open to others than its owner`)
  })

  it('is refused when it is missing, or is none, by the path and never by its content', () => {
    expect(() => signer(join(folder, 'none.pem'), false)).toThrow(/no signing key at .*none\.pem/)
    const wrong = join(folder, 'wrong.pem')
    writeFileSync(wrong, 'secret words', { mode: 0o600 })
    expect(() => signer(wrong)).toThrow(`${wrong} holds no Ed25519 private key`)
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(wrong, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    expect(() => signer(wrong)).toThrow('holds no Ed25519 private key')
  })

  it('gives way to a new one that it vouches for, also for a process that runs already', async () => {
    const [running, command] = [signer(), signer()]
    const first = running.sign(() => said('x')).key
    const kept: SigningKey[] = []
    const rotated = await command.rotate((newer, older) => TE.fromIO(() => void kept.push(older, newer)))()
    if (E.isLeft(rotated)) throw new Error('not rotated')
    const newer = rotated.right
    expect(kept).toEqual([first, newer])
    expect(running.sign(() => said('y')).signature.keyId).toBe(newer.keyId)
    expect(readdirSync(join(folder, 'made'))).toEqual(['signing-key.pem'])
    expect([...knownKeys(ed25519)(kept, [first.keyId]).values()].map(({ trusted }) => trusted)).toEqual([true, true])
    const forged = {
      ...newer,
      endorsement: { ...(newer.endorsement ?? { by: '', byOlder: '' }), byNewer: 'A'.repeat(86) },
    }
    expect(knownKeys(ed25519)([first, forged], [first.keyId]).get(newer.keyId)?.trusted).toBe(false)
  })

  it('stays when the new one could not be kept, and the same new one is kept next time', async () => {
    const one = signer()
    const { key } = one.sign(() => said('x'))
    const before = readFileSync(file, 'utf8')
    const seen: string[] = []
    const refused = await one.rotate((newer) => {
      seen.push(newer.keyId)
      return TE.left({ type: 'Unavailable', what: 'database' } as const)
    })()
    expect(refused).toMatchObject({ left: { type: 'Unavailable' } })
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(one.current()).toEqual(key)
    const rotated = await one.rotate(() => TE.right(undefined))()
    expect(rotated).toMatchObject({ right: { keyId: seen[0] } })
  })
  it('stays when the disk refuses the new one, before or after that is kept', async () => {
    const one = signer()
    const { key } = one.sign(() => said('x'))
    mkdirSync(`${file}.next`, { mode: 0o700 })
    const kept: string[] = []
    const keep = (newer: SigningKey) => TE.fromIO(() => void kept.push(newer.keyId))
    expect(await one.rotate(keep)()).toEqual(E.left({ type: 'StorageUnavailable', reason: 'EISDIR' }))
    expect(kept).toEqual([])
    rmSync(`${file}.next`, { recursive: true })
    const lost = await one.rotate(() => TE.fromIO(() => rmSync(`${file}.next`)))()
    expect(lost).toEqual(E.left({ type: 'StorageUnavailable', reason: 'ENOENT' }))
    expect(one.current()).toEqual(key)
    expect(signer().current()).toEqual(key)
  })

  it('is not followed by a file that holds no key', async () => {
    const one = signer()
    const { key } = one.sign(() => said('x'))
    writeFileSync(`${file}.next`, 'secret words', { mode: 0o600 })
    await expect(one.rotate(() => TE.right(undefined))()).rejects.toThrow('holds no Ed25519 private key')
    expect(signer().current()).toEqual(key)
  })

  it('cannot be made where its folder cannot be, and says so by the path', () => {
    writeFileSync(join(folder, 'made'), 'a file where the folder should be')
    expect(() => signer().sign(() => said('x'))).toThrow(/ENOTDIR|EEXIST/)
  })
})
