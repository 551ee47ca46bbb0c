import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  MOST_MESSAGE,
  MOST_TEMPLATE,
  parseTemplate,
  renderTemplate,
  type TemplateValues,
} from '../../../src/domain/notification/template.ts'
import { builtIn, DEFAULT_TEMPLATES, digestLines } from '../../../src/domain/notification/template-defaults.ts'
import { TEMPLATE_KINDS, type TemplateKind, variablesOf } from '../../../src/domain/notification/template-kinds.ts'
import { plainValue } from '../../../src/domain/notification/template-value.ts'

const rendered = (kind: TemplateKind, text: string, values: TemplateValues): string => {
  const template = parseTemplate(kind, text)
  if (E.isLeft(template)) throw new Error(JSON.stringify(template.left))
  return renderTemplate(template.right, values)
}
const refusal = (text: string, kind: TemplateKind = 'assignment') => {
  const template = parseTemplate(kind, text)
  return E.isLeft(template) ? template.left : null
}

describe('A template', () => {
  it('is filled with the values of its variables, in our spelling and in the host’s', () => {
    const values = { ticket_uid: 'FT1000042', dr_number: 'DR1729500' }
    expect(rendered('assignment', 'Go to {{dr_number}} for {{ ticket_uid }}.', values)).toBe(
      'Go to DR1729500 for FT1000042.',
    )
    expect(rendered('assignment', 'Go to {dr_number} for {ticket_uid}.', values)).toBe('Go to DR1729500 for FT1000042.')
  })

  it('is refused with the name of a variable that is unknown and those that are allowed', () => {
    expect(refusal('{{ticket_uid}} {{tiket_title}}')).toEqual({
      type: 'TemplateRefused',
      rule: `text that names only these variables: ${variablesOf('assignment').join(', ')}`,
      value: '{{tiket_title}}',
    })
    expect(refusal('{{ticket_uid}} {{}}')).toMatchObject({ value: '{{}}' })
  })

  it('is refused a variable that belongs to another kind, the client’s name above all', () => {
    for (const kind of TEMPLATE_KINDS)
      expect(refusal('{{ticket_uid}} {{client_name}}', kind) === null).toBe(kind === 'client_update')
    expect(refusal('{{ticket_uid}} {{what_is_wrong}}', 'sla_warning')).toMatchObject({ value: '{{what_is_wrong}}' })
  })

  it.each(['{{ticket_uid}} {', '{{ticket_uid}} }}', '{{{ticket_uid}}}', '{{ticket_uid}} {{a{b}}}'])(
    'is refused a brace that is not around a variable: %s',
    (text) => {
      expect(refusal(text)?.type).toBe('TemplateRefused')
    },
  )

  it('is refused without the number of its ticket', () => {
    expect(refusal('Please look at {{dr_number}}')?.rule).toContain('{{ticket_uid}}')
  })

  it('is refused invisible and control characters, and takes line breaks of both kinds', () => {
    expect(refusal('{{ticket_uid}}\u0007')).toMatchObject({ value: 'U+7' })
    expect(refusal('{{ticket_uid}} \u202emoc')).toMatchObject({ value: 'U+202e' })
    expect(rendered('assignment', 'a\r\n{{ticket_uid}}\nb', { ticket_uid: 'FT1' })).toBe('a\nFT1\nb')
  })

  it(`takes ${MOST_TEMPLATE} characters and no more`, () => {
    const text = (length: number) => `{{ticket_uid}}${'x'.repeat(length - '{{ticket_uid}}'.length)}`
    expect(refusal(text(MOST_TEMPLATE))).toBeNull()
    expect(refusal(text(MOST_TEMPLATE + 1))).toMatchObject({ value: `${MOST_TEMPLATE + 1} characters` })
  })

  it('is refused when its values could make the message longer than a message may be', () => {
    expect(refusal('{{ticket_uid}} {{what_is_wrong}}', 'qa_rejection')).toBeNull()
    expect(refusal('{{ticket_uid}} {{what_is_wrong}} {{what_is_wrong}}', 'qa_rejection')?.rule).toContain(
      String(MOST_MESSAGE),
    )
  })

  it('leaves out a line whose variables all have no value, and writes a dash in any other', () => {
    const text = '{{ticket_uid}}\nReason: {{reason}}\nDR {{dr_number}}, {{reject_reasons}}\nThe end'
    expect(rendered('qa_rejection', text, { ticket_uid: 'FT1', dr_number: 'DR1729500', reason: null })).toBe(
      'FT1\nDR DR1729500, -\nThe end',
    )
    expect(rendered('qa_rejection', text, { ticket_uid: 'FT1', reason: ' \u200b ' })).toBe('FT1\nThe end')
  })

  it('writes a list one entry a line', () => {
    const values = { ticket_uid: 'FT1', what_is_wrong: ['House front: missing', '', 'UPS serial: incorrect'] }
    expect(rendered('qa_rejection', '{{ticket_uid}}:\n{{what_is_wrong}}', values)).toBe(
      'FT1:\n• House front: missing\n• UPS serial: incorrect',
    )
  })
})

describe('The templates we come with', () => {
  it('are right, one for each kind, and say something with nothing but the number of the ticket', () => {
    for (const kind of TEMPLATE_KINDS) {
      expect(refusal(DEFAULT_TEMPLATES[kind], kind)).toBeNull()
      expect(renderTemplate(builtIn[kind], { ticket_uid: 'FT1000042' })).toContain('FT1000042')
      const line = renderTemplate(digestLines[kind], { ticket_uid: 'FT1000042' })
      expect(line).toContain('FT1000042')
      expect(line).not.toContain('\n')
    }
  })
})

describe('A value in a message', () => {
  it.each([
    ['so *urgent* _now_ ~never~ `x`', "so ·urgent· -now- -never- 'x'"],
    ['No light\nTotal: R0\r\n\u2028more', 'No light Total: R0 more'],
    ['> quoted', 'quoted'],
    ['- one', 'one'],
    ['# head', 'head'],
    ['1. one', '1) one'],
    ['see https://evil.example/x', 'see https[:]//evil[.]example/x'],
    ['see www.evil.co.za or wa.me/27', 'see www[.]evil[.]co[.]za or wa[.]me/27'],
    ['a\u202eb\u200bc\u00add', 'abcd'],
    ['h\u200bttps://evil.example', 'https[:]//evil[.]example'],
    ['Call 082 555 0123 now', 'Call [number] now'],
    ['+27825550123/0825550123', '[number]/[number]'],
    ['(082) 555-0123, 27825550123', '[number], [number]'],
    ['mail nomsa@example.co.za', 'mail [e-mail]'],
  ])('%j is written as %j', (value, plain) => {
    expect(plainValue(value, 200)).toBe(plain)
  })

  it.each([
    'DR1729500',
    'LAW.P.A002',
    'ALCLB465A671',
    'GU18W12V25176431',
    '-18.25 dBm',
    '2026-03-03 10:00',
    'FT1000042',
    'Rejected 3 times. Still no light; 4.5 m of cable',
    'Dlamini’s house, 12 Main Rd',
  ])('%s stands as it is', (value) => {
    expect(plainValue(value, 200)).toBe(value)
  })

  it('is cut with a mark where it is too long, never within a character', () => {
    expect(plainValue('x'.repeat(20), 20)).toBe('x'.repeat(20))
    expect(plainValue('x'.repeat(21), 20)).toBe(`${'x'.repeat(19)}…`)
    expect(plainValue(`${'x'.repeat(18)}😀y`, 20)).toBe(`${'x'.repeat(18)}…`)
  })
})
