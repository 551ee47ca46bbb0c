import {
  ContentInfo,
  EncapsulatedContent,
  EncapsulatedContentInfo,
  id_data,
  id_signedData,
  SignedData,
} from '@peculiar/asn1-cms'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { certificatesIn, readTimestamp } from '../../../src/adapters/timestamp/token.ts'

const statement = Buffer.from('the head of a chain')
const token = (contentType: string, content: ArrayBuffer): Uint8Array =>
  new Uint8Array(AsnConvert.serialize(new ContentInfo({ contentType, content })))
const signed = (eContentType: string, said: Uint8Array | null): Uint8Array => {
  const eContent = said === null ? {} : { eContent: new EncapsulatedContent({ single: new OctetString(said) }) }
  const encapContentInfo = new EncapsulatedContentInfo({ eContentType, ...eContent })
  return token(id_signedData, AsnConvert.serialize(new SignedData({ encapContentInfo })))
}
const refusal = (bytes: Uint8Array) => {
  const answer = readTimestamp([])(bytes, statement)
  return E.isLeft(answer) ? answer.left.reason : 'taken'
}

describe('What an authority sent instead of a time stamp', () => {
  it('is refused by what it is, and never thrown', () => {
    expect(refusal(new Uint8Array())).toBe('no_token')
    expect(refusal(Buffer.from('<html>Service unavailable</html>'))).toBe('no_token')
    expect(refusal(token(id_data, AsnConvert.serialize(new OctetString(statement))))).toBe('not_signed')
    expect(refusal(signed(id_data, statement))).toBe('no_time_stamp')
    expect(refusal(signed('1.2.840.113549.1.9.16.1.4', null))).toBe('no_time_stamp')
    // Something is stamped there, but nobody has signed it.
    expect(refusal(signed('1.2.840.113549.1.9.16.1.4', statement))).toBe('no_time_stamp')
  })

  it('holds no authority when its file holds none', () => {
    expect(certificatesIn('')).toEqual([])
    expect(() => certificatesIn('-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----')).toThrow()
  })
})
