import { createHash } from 'node:crypto'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { MessageImprint, TimeStampReq, TimeStampReqVersion, TimeStampResp } from '@peculiar/asn1-tsp'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import * as E from 'fp-ts/lib/Either.js'
import type {
  ReadTimestamp,
  TimestampAuthority,
  TimestampRefused,
} from '../../application/ports/timestamp-authority.ts'
import { SHA_256 } from './token.ts'

const TIMEOUT_MS = 10_000
/** A token with its certificates is a few kilobytes. */
const MOST_BYTES = 65_536
const GRANTED = [0, 1]

const refused = (reason: string): E.Either<TimestampRefused, never> => E.left({ type: 'TimestampRefused', reason })

/** An RFC 3161 authority over HTTP. What it answers is read and checked before it is believed. */
export const httpTimestampAuthority = (url: string, readTimestamp: ReadTimestamp): TimestampAuthority => ({
  stamp: (statement) => async () => {
    const answer = await ask(url, requestFor(statement))
    if (E.isLeft(answer)) return answer
    const token = tokenIn(answer.right)
    if (E.isLeft(token)) return token
    const read = readTimestamp(token.right, statement)
    return E.isLeft(read) ? read : token
  },
})

/** Without a nonce: an older token of the very same statement proves more, not less. */
const requestFor = (statement: Uint8Array): Uint8Array =>
  new Uint8Array(
    AsnConvert.serialize(
      new TimeStampReq({
        version: TimeStampReqVersion.v1,
        messageImprint: new MessageImprint({
          hashAlgorithm: new AlgorithmIdentifier({ algorithm: SHA_256, parameters: null }),
          hashedMessage: new OctetString(createHash('sha256').update(statement).digest()),
        }),
        certReq: true,
      }),
    ),
  )

const ask = async (url: string, body: Uint8Array): Promise<E.Either<TimestampRefused, Uint8Array>> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: new Uint8Array(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      return refused(`http_${response.status}`)
    }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body) {
      size += chunk.byteLength
      if (size > MOST_BYTES) return refused('too_large')
      chunks.push(chunk)
    }
    return E.right(new Uint8Array(Buffer.concat(chunks)))
  } catch (cause) {
    return refused((cause as Error).name === 'TimeoutError' ? 'timeout' : 'away')
  }
}

const tokenIn = (answer: Uint8Array): E.Either<TimestampRefused, Uint8Array> => {
  try {
    const { status, timeStampToken } = AsnConvert.parse(answer, TimeStampResp)
    return GRANTED.includes(status.status) && timeStampToken !== undefined
      ? E.right(new Uint8Array(AsnConvert.serialize(timeStampToken)))
      : refused(`status_${status.status}`)
  } catch {
    return refused('no_answer')
  }
}
