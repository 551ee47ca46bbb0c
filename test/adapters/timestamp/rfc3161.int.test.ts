import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { httpTimestampAuthority } from '../../../src/adapters/timestamp/authority.ts'
import { certificatesIn, readTimestamp } from '../../../src/adapters/timestamp/token.ts'
import { anchorHeads, anchorHourly } from '../../../src/application/handover/anchor-heads.ts'
import { verifySnapshots } from '../../../src/application/handover/verify-snapshots.ts'
import { describeWithOpenssl, openssl } from '../../support/openssl.ts'
import { aSigner } from '../../support/proof.ts'
import { proofOf, sealedChain } from '../../support/sealed-chain.ts'
import { done } from '../../support/stored-tickets.ts'

const TSA = `
[tsa]
default_tsa = here
[here]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
ess_cert_id_chain = no
`

/** An authority of one's own: openssl answers behind a loopback server. */
const authorityIn = (folder: string, name: string) => {
  const run = (...words: ReadonlyArray<string>) => openssl(folder, words)
  const subject = (who: string) => ['-subj', `/CN=${name} ${who}`, '-nodes', '-newkey', 'rsa:2048']
  run('req', '-x509', ...subject('root'), '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30')
  run('req', ...subject('stamps'), '-keyout', 'tsa.key', '-out', 'tsa.csr')
  writeFileSync(
    join(folder, 'ext'),
    'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=critical,timeStamping\n',
  )
  run(
    'x509',
    '-req',
    '-in',
    'tsa.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-set_serial',
    '7',
    '-days',
    '30',
    '-extfile',
    'ext',
    '-out',
    'tsa.pem',
  )
  writeFileSync(join(folder, 'tsa.cnf'), TSA)
  writeFileSync(join(folder, 'serial'), '01\n')
  const answer = (query: Buffer): Buffer => {
    writeFileSync(join(folder, 'query.tsq'), query)
    run(
      'ts',
      '-reply',
      '-config',
      'tsa.cnf',
      '-queryfile',
      'query.tsq',
      '-inkey',
      'tsa.key',
      '-signer',
      'tsa.pem',
      '-out',
      'reply.tsr',
    )
    return readFileSync(join(folder, 'reply.tsr'))
  }
  return { answer, root: certificatesIn(readFileSync(join(folder, 'ca.pem'), 'utf8')) }
}

describeWithOpenssl('An RFC 3161 authority', () => {
  let folder: string
  let server: Server
  let url: string
  let here: ReturnType<typeof authorityIn>
  let elsewhere: ReturnType<typeof authorityIn>
  let answers: (query: Buffer) => { readonly status: number; readonly body: Buffer }
  const statement = new TextEncoder().encode('the head of the chain')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsa-'))
    here = authorityIn(mkdtempSync(join(folder, 'here-')), 'Here')
    elsewhere = authorityIn(mkdtempSync(join(folder, 'elsewhere-')), 'Elsewhere')
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { status, body } = answers(Buffer.concat(chunks))
      response.writeHead(status, { 'content-type': 'application/timestamp-reply' }).end(body)
    })
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  })

  const stamped = async () => httpTimestampAuthority(url, readTimestamp(here.root)).stamp(statement)()
  const right = (query: Buffer) => ({ status: 200, body: here.answer(query) })

  it('stamps a statement, and its token is of that statement, by that authority', async () => {
    answers = right
    const token = await stamped()
    if (E.isLeft(token)) throw new Error(token.left.reason)
    const read = readTimestamp(here.root)(token.right, statement)
    if (E.isLeft(read)) throw new Error(read.left.reason)
    expect(Math.abs(Date.parse(read.right) - Date.now())).toBeLessThan(60_000)
    expect(readTimestamp([])(token.right, statement)).toEqual(read)
    const refusedBecause = (given: Uint8Array, said = statement, roots = here.root) => {
      const answer = readTimestamp(roots)(given, said)
      return E.isLeft(answer) ? answer.left.reason : null
    }
    expect(refusedBecause(token.right, new TextEncoder().encode('another head'))).toBe('other_statement')
    expect(refusedBecause(token.right, statement, elsewhere.root)).toBe('unknown_authority')
    expect(refusedBecause(new Uint8Array([0x30, 0x03, 1, 2, 3]))).toBe('no_token')
    // Of the bytes of a token only those of unsigned framing and of certificates' names may change unseen: not its time.
    const time = Buffer.from(token.right).indexOf(Buffer.from('2026').subarray(0, 2))
    const later = token.right.map((byte, i) => (i === time + 3 ? byte ^ 1 : byte))
    expect(refusedBecause(later)).not.toBeNull()
    expect(refusedBecause(token.right.map((byte, i) => (i === token.right.length - 5 ? byte ^ 1 : byte)))).toBe(
      'wrong_signature',
    )
  })

  it.each<readonly [string, string, typeof answers]>([
    ['answers with an error', 'http_503', () => ({ status: 503, body: Buffer.from('busy') })],
    ['answers nonsense', 'no_answer', () => ({ status: 200, body: Buffer.from('<html>') })],
    ['answers without end', 'too_large', () => ({ status: 200, body: Buffer.alloc(100_000) })],
    ['stamps something else', 'other_statement', () => ({ status: 200, body: here.answer(queryFor(folder)) })],
    ['is another one', 'unknown_authority', (query) => ({ status: 200, body: elsewhere.answer(query) })],
  ])('that %s is not believed', async (_, reason, given) => {
    answers = given
    expect(await stamped()).toEqual(E.left({ type: 'TimestampRefused', reason }))
  })

  it('that is away holds up no anchor, and is asked again within the hour', async () => {
    const signer = aSigner()
    const sealed = await sealedChain(2, [], signer)
    const heard: string[] = []
    const proof = {
      ...proofOf(sealed, signer),
      readTimestamp: readTimestamp(here.root),
      timestampAuthority: httpTimestampAuthority(url, readTimestamp(here.root)),
      onNoTimestamp: (reason: string) => heard.push(reason),
    }
    answers = () => ({ status: 500, body: Buffer.alloc(0) })
    expect(await done(anchorHeads(proof))).toEqual({ anchored: 1, refused: 0 })
    expect(heard).toEqual(['http_500'])
    expect([...sealed.anchors.values()].map(({ token }) => token)).toEqual([null])
    answers = right
    await anchorHourly(proof).run(new AbortController().signal)
    expect([...sealed.anchors.values()][0]?.token?.byteLength).toBeGreaterThan(500)
    const principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] } as const
    const verify = (roots: typeof here.root) =>
      done(verifySnapshots({ ...proof, readTimestamp: readTimestamp(roots) })({ principal, scope: { type: 'all' } }))
    expect(await verify(here.root)).toMatchObject({ faults: 0, not_yet_anchored: 0 })
    expect((await verify(elsewhere.root)).findings.map(({ what }) => what)).toMatchObject([
      { type: 'TimestampWrong', because: 'unknown_authority' },
    ])
  })
})

/** A request about something else, made by openssl itself. */
const queryFor = (folder: string): Buffer => {
  writeFileSync(join(folder, 'other'), 'something else')
  return openssl(folder, ['ts', '-query', '-data', 'other', '-sha256', '-cert'])
}
