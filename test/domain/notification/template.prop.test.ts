import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { MOST_MESSAGE, parseTemplate, renderTemplate } from '../../../src/domain/notification/template.ts'
import { TEMPLATE_KINDS, VARIABLES, variablesOf } from '../../../src/domain/notification/template-kinds.ts'
import { plainValue } from '../../../src/domain/notification/template-value.ts'

const WORDS = [
  '*',
  '_',
  '~',
  '`',
  '>',
  '- ',
  '1. ',
  '\n',
  '\r',
  '\u2028',
  '\u200b',
  '\u202e',
  'http://',
  'evil.com',
  '@',
]
const nasty = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc
    .array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 8 })), { maxLength: 60 })
    .map((all) => all.join('')),
)

it('no value brings markup, a link, a second line or anything invisible into a message, nor more than its length', () => {
  fc.assert(
    fc.property(nasty, fc.integer({ min: 4, max: 200 }), (value, most) => {
      const plain = plainValue(value, most)
      expect(plain.length).toBeLessThanOrEqual(most)
      expect(plain).not.toMatch(/[*_~`\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|:\/\/|^[>#]|^[-•] |^\d+\. |evil\.com/u)
      expect(plain.isWellFormed()).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

const PIECES = ['{{ticket_uid}}', '{dr_number}', '{{', '}', '{{nobody}}', '\n', ' and ', '\u0000', '\u202e', '*']

it('any text is either refused with a rule and a value, or filled by any values to a message of allowed length', () => {
  const reached = new Set<string>()
  const text = fc
    .tuple(
      fc.constantFrom(...TEMPLATE_KINDS),
      fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ maxLength: 300 })), {
        maxLength: 12,
      }),
      fc.boolean(),
    )
    .chain(([kind, pieces, own]) =>
      fc.record({
        kind: fc.constant(kind),
        text: fc.constant(
          own
            ? variablesOf(kind)
                .map((name) => `{{${name}}}`)
                .join('\n')
            : pieces.join(''),
        ),
        values: fc.dictionary(
          fc.constantFrom(...Object.keys(VARIABLES)),
          fc.oneof(nasty, fc.array(nasty, { maxLength: 20 }), fc.constant(null)),
        ),
      }),
    )
  fc.assert(
    fc.property(text, ({ kind, text: said, values }) => {
      const template = parseTemplate(kind, said)
      if (E.isLeft(template)) {
        reached.add('refused')
        expect(template.left.rule).not.toBe('')
        return
      }
      reached.add(values.ticket_uid == null ? 'without a number' : 'filled')
      const message = renderTemplate(template.right, values)
      expect(message.length).toBeLessThanOrEqual(MOST_MESSAGE)
    }),
    { numRuns: 2_000 },
  )
  expect([...reached].toSorted()).toEqual(['filled', 'refused', 'without a number'])
})
