import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { eventIn, isSigned } from '../adapters/waha/webhook.ts'
import type { AppError } from '../application/errors.ts'
import type { AckDeps } from '../application/notification/acks.ts'
import type { WhatsAppConfig } from './whatsapp-config.ts'

/** Reads WAHA's events where there is a WAHA; of nobody else's a signature can be right. */
export const readWaha =
  (waha: WhatsAppConfig['waha']): AckDeps['read'] =>
  (raw, { signature, algorithm }) => {
    if (waha === null || !isSigned(waha.webhookKey, raw, signature, algorithm))
      return TE.left<AppError>({ type: 'SignatureWrong' })
    return TE.fromEither(
      E.tryCatch(
        () => eventIn(raw, waha.session),
        (): AppError => ({ type: 'WebhookUnreadable' }),
      ),
    )
  }
