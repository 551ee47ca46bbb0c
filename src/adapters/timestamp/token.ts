import { createHash, timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import { ContentInfo, id_signedData, SignedData, type SignerInfo } from '@peculiar/asn1-cms'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { TSTInfo } from '@peculiar/asn1-tsp'
import * as E from 'fp-ts/lib/Either.js'
import type { ReadTimestamp, TimestampRefused } from '../../application/ports/timestamp-authority.ts'

const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
export const SHA_256 = '2.16.840.1.101.3.4.2.1'
const DIGESTS: Readonly<Record<string, string>> = {
  [SHA_256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const LONGEST_CHAIN = 8

const refused = (reason: string): E.Either<TimestampRefused, never> => E.left({ type: 'TimestampRefused', reason })

/**
 * Reads RFC 3161 tokens. The statement's SHA-256 must be the one stamped, and the token signed by a certificate for time
 * stamping that leads to one of the `authorities` (PEM); with none of them, by any such certificate.
 */
export const readTimestamp =
  (authorities: ReadonlyArray<X509Certificate>): ReadTimestamp =>
  (token, statement) => {
    try {
      return read(authorities, token, statement)
    } catch {
      return refused('no_token')
    }
  }

/** The certificates of a PEM file; throws when one cannot be read. */
export const certificatesIn = (pem: string): ReadonlyArray<X509Certificate> =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one))

const read = (authorities: ReadonlyArray<X509Certificate>, token: Uint8Array, statement: Uint8Array) => {
  const content = AsnConvert.parse(token, ContentInfo)
  if (content.contentType !== id_signedData) return refused('not_signed')
  const signed = AsnConvert.parse(content.content, SignedData)
  const [signer] = signed.signerInfos
  const stamped = signed.encapContentInfo.eContent?.single?.buffer
  if (signed.encapContentInfo.eContentType !== TST_INFO || stamped === undefined || signer === undefined)
    return refused('no_time_stamp')
  const { messageImprint, genTime } = AsnConvert.parse(stamped, TSTInfo)
  if (
    messageImprint.hashAlgorithm.algorithm !== SHA_256 ||
    !isSame(messageImprint.hashedMessage.buffer, createHash('sha256').update(statement).digest())
  )
    return refused('other_statement')
  const certificates = (signed.certificates ?? []).flatMap(({ certificate }) =>
    certificate === undefined ? [] : [new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)))],
  )
  const by = certificates.find((one) => one.keyUsage?.includes(TIME_STAMPING) && isSignedBy(signer, stamped, one))
  if (by === undefined) return refused('wrong_signature')
  if (!leadsTo(authorities, by, certificates, genTime)) return refused('unknown_authority')
  return E.right(genTime.toISOString())
}

/** The signed attributes name the content's digest; what is signed is them, as a SET (RFC 5652, 5.4). */
const isSignedBy = (signer: SignerInfo, content: ArrayBuffer, { publicKey }: X509Certificate): boolean => {
  const digest = DIGESTS[signer.digestAlgorithm.algorithm]
  const attributes = signer.signedAttrs ?? []
  const named = attributes.find(({ attrType }) => attrType === MESSAGE_DIGEST)?.attrValues[0]
  if (digest === undefined || named === undefined) return false
  if (!isSame(AsnConvert.parse(named, OctetString).buffer, createHash(digest).update(Buffer.from(content)).digest()))
    return false
  const said = derSet(attributes.map((one) => Buffer.from(AsnConvert.serialize(one))))
  return verify(digest, said, publicKey, Buffer.from(signer.signature.buffer))
}

/** A DER SET of encoded members in the order given; a length over 127 is written as the bytes of it, counted first. */
const derSet = (members: ReadonlyArray<Buffer>): Buffer => {
  const body = Buffer.concat(members)
  const hex = body.length.toString(16)
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const head = body.length < 0x80 ? [0x31, body.length] : [0x31, 0x80 | length.length, ...length]
  return Buffer.concat([Buffer.from(head), body])
}

const leadsTo = (
  authorities: ReadonlyArray<X509Certificate>,
  from: X509Certificate,
  between: ReadonlyArray<X509Certificate>,
  at: Date,
): boolean => {
  let one: X509Certificate | undefined = from
  for (let steps = 0; one !== undefined && steps < LONGEST_CHAIN; steps += 1) {
    const here: X509Certificate = one
    if (at < new Date(here.validFrom) || at > new Date(here.validTo)) return false
    if (authorities.length === 0 || authorities.some((root) => root.raw.equals(here.raw) || issued(root, here)))
      return true
    one = between.find((other) => other.ca && !other.raw.equals(here.raw) && issued(other, here))
  }
  return false
}

const issued = (issuer: X509Certificate, subject: X509Certificate): boolean =>
  subject.checkIssued(issuer) && subject.verify(issuer.publicKey)

const isSame = (a: ArrayBuffer, b: Buffer): boolean => a.byteLength === b.length && timingSafeEqual(Buffer.from(a), b)
