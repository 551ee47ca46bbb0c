import * as E from 'fp-ts/lib/Either.js'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import { type Terminal, table } from './terminal.ts'

type Speak = { readonly terminal: Terminal; readonly explain: Explain }

/** Lists the public keys that signed, and which one signs now. */
export const listKeys =
  ({ terminal, explain }: Speak) =>
  async ({ principal, keys }: Application): Promise<Exit> => {
    const listed = await keys.list(principal)()
    if (E.isLeft(listed)) return refuse(terminal, explain(listed.left))
    const { current } = listed.right
    if (listed.right.keys.length === 0) terminal.say('Nothing was signed yet.')
    for (const line of table(
      listed.right.keys.map(({ keyId, publicKey, validFrom, endorsement }) => [
        keyId,
        validFrom,
        endorsement === null ? 'first' : `after ${endorsement.by}`,
        publicKey,
        keyId === current ? 'signs now' : '',
      ]),
    ))
      terminal.say(line)
    return EXIT.ok
  }

/** A new signing key takes over from the one in use. */
export const rotateKey =
  ({ terminal, explain }: Speak) =>
  async ({ principal, keys }: Application): Promise<Exit> => {
    const rotated = await keys.rotate(principal)()
    if (E.isLeft(rotated)) return refuse(terminal, explain(rotated.left))
    const { keyId, publicKey, validFrom } = rotated.right
    terminal.say(`Key ${keyId} signs from ${validFrom} on. Its public key, for whoever verifies:`)
    terminal.say(publicKey)
    return EXIT.ok
  }
