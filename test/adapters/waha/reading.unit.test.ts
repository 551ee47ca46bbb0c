import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { addressOf, chatOf } from '../../../src/adapters/waha/addresses.ts'
import { sendAnswerOf } from '../../../src/adapters/waha/answers.ts'
import { chatIdIn, messageIdIn } from '../../../src/adapters/waha/shapes.ts'
import { eventIn, isSigned } from '../../../src/adapters/waha/webhook.ts'

describe('A number', () => {
  it.each([
    '0821234567',
    '082 123 4567',
    '+27821234567',
    '27821234567',
    '0027821234567',
    '+270821234567',
    '+27 (0)82 123 4567',
    '821234567',
  ])('written as %s is South African', (said) => {
    expect(addressOf(said)).toBe('+27821234567')
    expect(chatOf('+27821234567')).toBe('27821234567@c.us')
  })
  it.each([
    '0800123456',
    '0861234567',
    '',
    '12',
    'Thabo',
    '27821234567@c.us',
    '123456789012345@lid',
    '082123456',
    '+27821234567 ext 5',
  ])('is none that WhatsApp answers: %s', (said) => {
    expect(addressOf(said)).toBeNull()
  })
  it('of another country stays there, and a fixed line may have WhatsApp too', () => {
    expect(addressOf('+44 7400 123456')).toBe('+447400123456')
    expect(addressOf('011 555 1234')).toBe('+27115551234')
  })
  it('may be a group instead', () => {
    expect(addressOf(' 120363012345678901@g.us ')).toBe('120363012345678901@g.us')
    expect(chatOf('120363012345678901@g.us')).toBe('120363012345678901@g.us')
    expect(addressOf('27821234567-1533123456@g.us')).toBe('27821234567-1533123456@g.us')
  })
})

const ID = '3EB0E687F227CAC2173F43'

describe('The id of a message', () => {
  it.each([
    ['NOWEB answers', { key: { remoteJid: '27821234567@s.whatsapp.net', fromMe: true, id: ID }, status: 'PENDING' }],
    ['GOWS answers', { id: `true_27821234567@c.us_${ID}`, _data: {} }],
    ['GOWS answers with a hidden chat', { id: `true_123456789012345@lid_${ID}` }],
    ['WEBJS answers', { id: { fromMe: true, remote: '27821234567@c.us', id: ID, $1: 'x' } }],
    ['WEBJS keeps inside', { _data: { id: { id: ID } } }],
    ['GOWS keeps inside', { _data: { Info: { ID } } }],
    ['a group acks', { id: `true_120363012345678901@g.us_${ID}_27821234567@c.us` }],
    ['a new id is given', { id: ID }],
  ])('is found where %s', (_, body) => {
    expect(messageIdIn(body)).toBe(ID)
  })
  it.each([null, '', {}, [], { id: null }, { id: 7 }, { id: 'true_x' }, { key: {} }])('is not in %j', (body) => {
    expect(messageIdIn(body)).toBeNull()
  })
})

it('a chat is written as it may be sent to', () => {
  expect(chatIdIn('27821234567@s.whatsapp.net')).toBe('27821234567@c.us')
  expect(chatIdIn('27821234567:12@c.us')).toBe('27821234567@c.us')
  expect(chatIdIn('123456789012345@lid')).toBe('123456789012345@lid')
  expect(chatIdIn('x@newsletter')).toBeNull()
  expect(chatIdIn(null)).toBeNull()
})

describe('What WAHA answers to a message means', () => {
  const meaning = (status: number, body: unknown) => sendAnswerOf({ type: 'Answered', status, body }, 'NOWEB')
  const threw = (message: string) => meaning(500, { exception: { message } })
  it('nothing was sent, try later', () => {
    const down = {
      error: 'Session status is not as expected.',
      session: 'default',
      status: 'SCAN_QR_CODE',
      expected: ['WORKING'],
    }
    expect(meaning(422, down)).toEqual({ type: 'Down', why: 'SCAN_QR_CODE' })
    expect(meaning(422, { error: 'Session "nope" does not exist', session: 'nope' })).toEqual({
      type: 'Down',
      why: 'no_session',
    })
    expect(meaning(401, { message: 'Unauthorized' }).type).toBe('Down')
    expect(meaning(429, null).type).toBe('Down')
    expect(sendAnswerOf({ type: 'NotReached', why: 'unreachable' }, '').type).toBe('Down')
  })
  it('it will never be sent', () => {
    expect(meaning(400, { message: 'Session name is required' })).toEqual({ type: 'Refused', why: 'status_400' })
    expect(threw('No LID for user')).toEqual({ type: 'Refused', why: 'no_lid' })
    expect(threw('2 UNKNOWN: server returned error 463')).toEqual({ type: 'Restricted', why: 'account_restricted' })
  })
  it('nobody knows', () => {
    expect(threw('rate-overlimit')).toEqual({ type: 'Unclear', why: 'status_500' })
    expect(meaning(502, null).type).toBe('Unclear')
    expect(meaning(503, null).type).toBe('Unclear')
    expect(sendAnswerOf({ type: 'Lost', why: 'timeout' }, '')).toEqual({ type: 'Unclear', why: 'timeout' })
  })
  it('it was taken, by GOWS already by the server, sometimes under no name', () => {
    expect(meaning(201, { key: { id: ID } })).toEqual({ type: 'Accepted', messageId: ID, ack: 0 })
    expect(sendAnswerOf({ type: 'Answered', status: 201, body: { id: `true_x@c.us_${ID}` } }, 'GOWS')).toEqual({
      type: 'Accepted',
      messageId: ID,
      ack: 1,
    })
    expect(meaning(201, null)).toEqual({ type: 'Accepted', messageId: null, ack: 0 })
  })
})

const REAL =
  '{"id":"evt_01m826twa0fz9ahajh8teh5hj0","timestamp":1795370611008,"event":"message.ack","session":"default","me":{"id":"27820000000@c.us","pushName":"Peer","lid":"199999999999999@lid"},"payload":{"id":"true_27821234567@c.us_3EB027A0B119B6F3F8BBBE","from":"27821234567@c.us","fromMe":true,"ack":2,"ackName":"DEVICE"},"engine":"NOWEB","environment":{"version":"2026.2.1","engine":"NOWEB","tier":"CORE","browser":null,"platform":"linux/x64","worker":{"id":null}}}'
const bytes = (text: string) => Buffer.from(text, 'utf8')

describe('A signature', () => {
  const published = '{"event":"message","session":"default","engine":"WEBJS"}'
  const vector =
    '208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89'
  const live =
    'c37c9b5484b205b7e26f1a068d1af9c82e4fb24d65805807cccf4c039c73a211ad6fd7b9bb30b5ea4c27218f37b4b9f4e14d60e33b63def2b275aeab413e9b2b'
  it('is right for the published vector and for one of a real server', () => {
    expect(isSigned('my-secret-key', bytes(published), vector, 'sha512')).toBe(true)
    expect(isSigned('hmacsecret', bytes(REAL), live, null)).toBe(true)
  })
  it.each([
    ['another key', 'other', published, vector, 'sha512'],
    ['another body', 'my-secret-key', `${published} `, vector, 'sha512'],
    ['none', 'my-secret-key', published, null, 'sha512'],
    ['a cut one', 'my-secret-key', published, vector.slice(2), 'sha512'],
    [
      'another algorithm',
      'my-secret-key',
      published,
      createHmac('sha256', 'my-secret-key').update(published).digest('hex'),
      'sha256',
    ],
  ])('is wrong with %s', (_, key, body, signature, algorithm) => {
    expect(isSigned(key, bytes(body), signature, algorithm)).toBe(false)
  })
})

describe('An event', () => {
  const event = (over: object) => eventIn(bytes(JSON.stringify({ ...JSON.parse(REAL), ...over })), 'default')
  it('of a real server is an ack of our message', () => {
    expect(eventIn(bytes(REAL), 'default')).toEqual({
      eventId: 'evt_01m826twa0fz9ahajh8teh5hj0',
      session: 'default',
      at: new Date(1795370611008).toISOString(),
      news: { type: 'Ack', messageId: '3EB027A0B119B6F3F8BBBE', ack: 2, error: null, restrictedUntil: null },
    })
  })
  it('of another session, of messages of others, or of another kind is nothing to us', () => {
    expect(eventIn(bytes(REAL), 'other')).toBeNull()
    expect(event({ payload: { id: `false_x@c.us_${ID}`, fromMe: false, ack: 3 } })).toBeNull()
    expect(event({ event: 'message' })).toBeNull()
    expect(event({ id: null })).toBeNull()
    expect(event({ payload: null })).toBeNull()
    expect(event({ payload: { id: `true_x@c.us_${ID}`, fromMe: true, ack: 17 } })).toBeNull()
  })
  it('tells of a restricted account in an ack and in the session', () => {
    const error = { code: '463', blocked: true, reason: 'account_restricted', until: '2026-11-22T09:00:00.000Z' }
    expect(event({ payload: { id: `true_x@c.us_${ID}`, fromMe: true, ack: -1, error } })?.news).toEqual({
      type: 'Ack',
      messageId: ID,
      ack: -1,
      error: 'account_restricted',
      restrictedUntil: '2026-11-22T09:00:00.000Z',
    })
    const data = { reachoutTimelock: { isActive: true, timeEnforcementEnds: 1795370611, enforcementType: 'x' } }
    expect(event({ event: 'session.status', payload: { status: 'WORKING', data } })?.news).toEqual({
      type: 'Restricted',
      until: new Date(1795370611000).toISOString(),
    })
    const over = { reachoutTimelock: { isActive: false, timeEnforcementEnds: 1795370611 } }
    expect(event({ event: 'session.status', payload: { status: 'WORKING', data: over } })?.news).toEqual({
      type: 'Restricted',
      until: null,
    })
    expect(event({ event: 'session.status', payload: { status: 'SCAN_QR_CODE' } })?.news).toEqual({
      type: 'Session',
      status: 'SCAN_QR_CODE',
    })
  })
})
