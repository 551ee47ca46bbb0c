import { z } from 'zod'
import { DEFAULT_PACE, type Pace } from '../domain/notification/pace.ts'

/** How people are told by WhatsApp. */
export type WhatsAppConfig = {
  /** null: there is no WAHA; what is to be told is kept and waits. Holds secrets: never log it. */
  readonly waha: {
    readonly url: string
    readonly apiKey: string
    readonly session: string
    readonly webhookKey: string
    readonly timeoutMs: number
  } | null
  /** The operator's kill switch; people have their own. */
  readonly on: boolean
  readonly pace: Pace
}

type WholeNumber = (least: number, most: number, fallback: number) => z.ZodType<number>

export const whatsappEnvironment = <W extends WholeNumber>(wholeNumber: W) => ({
  WAHA_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an http or https address')
    .nullable()
    .default(null),
  WAHA_API_KEY: z.string().nullable().default(null),
  WAHA_SESSION: z
    .string()
    .regex(/^[\w.-]{1,54}$/, 'the name of a session')
    .default('default'),
  WAHA_WEBHOOK_KEY: z.string().min(16, 'at least 16 characters').nullable().default(null),
  // WAHA waits up to 15 s for its session and its engine up to 120 s for WhatsApp: who hangs up sooner turns a clean
  // refusal into a message nobody knows the fate of.
  WAHA_TIMEOUT_MS: wholeNumber(16_000, 300_000, 130_000),
  WHATSAPP: z.enum(['on', 'off'], { error: 'on or off' }).default('on'),
  WHATSAPP_PER_MINUTE: wholeNumber(1, 600, DEFAULT_PACE.perMinute),
  WHATSAPP_EXPIRE_HOURS: wholeNumber(1, 168, DEFAULT_PACE.expireHours),
})

type Read = z.infer<z.ZodObject<ReturnType<typeof whatsappEnvironment>>>

/** Of these the values are never shown. */
export const WHATSAPP_SECRETS: ReadonlyArray<string> = ['WAHA_URL', 'WAHA_API_KEY', 'WAHA_WEBHOOK_KEY']

/** A WAHA without keys would be open to anyone, and believe anyone. */
export const whatsappProblem = (data: Read) => {
  const missing = (['WAHA_API_KEY', 'WAHA_WEBHOOK_KEY'] as const).find((name) => data[name] === null)
  return data.WAHA_URL === null || missing === undefined
    ? null
    : { variable: missing, rule: 'a key where WAHA_URL is set', value: '""' }
}

export const whatsappOf = (data: Read): WhatsAppConfig => ({
  waha:
    data.WAHA_URL === null || data.WAHA_API_KEY === null || data.WAHA_WEBHOOK_KEY === null
      ? null
      : {
          url: data.WAHA_URL,
          apiKey: data.WAHA_API_KEY,
          session: data.WAHA_SESSION,
          webhookKey: data.WAHA_WEBHOOK_KEY,
          timeoutMs: data.WAHA_TIMEOUT_MS,
        },
  on: data.WHATSAPP === 'on',
  pace: {
    ...DEFAULT_PACE,
    perMinute: data.WHATSAPP_PER_MINUTE,
    expireHours: data.WHATSAPP_EXPIRE_HOURS,
  },
})
