import { randomBytes } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { type Outside, PLAYED_PHONE } from '../adapters/cli/demo/outside.ts'
import { qcontactConfiguration } from '../adapters/qcontact/configuration.ts'
import { STAND_IN_USER, startStandIn } from '../adapters/qcontact/stand-in/server.ts'
import { startWahaStandIn } from '../adapters/waha/stand-in/server.ts'
import type { Directory } from '../application/ports/directory.ts'
import { DEFAULT_PACE } from '../domain/notification/pace.ts'
import type { Config } from './config.ts'
import { examples } from './examples.ts'

/** A QContact and a WAHA of the demo's own: what the server is told of them, and how the story plays with them. */
export type PlayedOutside = {
  readonly outside: Outside
  readonly config: Pick<Config, 'qcontact' | 'whatsapp'>
  /** Says where the server listens, and gives the technician of the story a telephone. */
  readonly reach: (serverUrl: string, directory: Directory) => Promise<void>
  readonly close: () => Promise<void>
}

const DELIVERED_AND_READ = [1, 2, 3]
const HOUR_S = 3_600

export const playedOutside = async (project: string): Promise<PlayedOutside> => {
  const qcontact = await startStandIn()
  const waha = await startWahaStandIn({ acks: DELIVERED_AND_READ }).catch(async (error: unknown) => {
    await qcontact.close()
    throw error
  })
  const webhookKey = randomBytes(24).toString('base64url')
  return {
    config: {
      qcontact: {
        configuration: qcontactConfiguration.parse({
          tenant: 'demo',
          baseUrl: qcontact.url,
          assignees: [{ remote: '77', technician: 'thabo' }],
          pollSeconds: HOUR_S,
          project,
        }),
        credentials: STAND_IN_USER,
        webhookSecrets: [],
      },
      whatsapp: {
        waha: { url: waha.url, apiKey: waha.apiKey, session: 'default', webhookKey, timeoutMs: 16_000 },
        on: true,
        pace: { ...DEFAULT_PACE, perMinute: 600, perRecipientPerMinute: 60 },
      },
    },
    reach: async (serverUrl, directory) => {
      waha.hook({ url: `${serverUrl}/webhooks/waha`, key: webhookKey })
      const people = examples.people.filter(({ id }) => id === 'thabo').map((one) => ({ ...one, phone: PLAYED_PHONE }))
      const saved = await directory.save({ people })()
      if (E.isLeft(saved)) throw new Error('the telephone of the demo cannot be stored')
    },
    outside: {
      newCase: ({ reference, dr, description, contact, phone }) =>
        qcontact.cases.add({ reference, dr, contact, fields: { description, telephone: phone } }),
      caseNow: (id) => {
        const { fields, relationships, events } = qcontact.cases.known(id)
        return {
          status: String(fields.status),
          assignee: relationships.assigned_to?.label ?? null,
          publicNotes: events.flatMap(({ subtitle, public_note: isPublic }) =>
            isPublic && subtitle !== null ? [subtitle] : [],
          ),
        }
      },
      qcontactFails: (fails) => {
        qcontact.faults.atRandom(fails ? { rate: 1, kinds: ['server_error'], random: () => 0 } : null)
      },
      lockStatus: (isLocked) => qcontact.lock(isLocked ? 'status' : null),
      loseNextReply: () => waha.failNext('resetAfterSending'),
      phones: () => waha.sent.map(({ chatId, text }) => ({ to: chatId, text })),
      lostReplies: () => waha.happened.length,
    },
    close: async () => {
      await waha.close()
      await qcontact.close()
    },
  }
}
