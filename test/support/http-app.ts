import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type HttpDeps, httpApp } from '../../src/adapters/http/app.ts'
import { type LookUp, localAuthenticator } from '../../src/adapters/local-auth/local-authenticator.ts'

const nobodyKnown: LookUp = () => TE.right(null)

/** The HTTP side over these routes with local sign-in, as a test calls it; `logged` collects what is logged. */
export const testApp = (
  deps: Pick<HttpDeps, 'routes'> & Partial<HttpDeps> & { readonly lookUp?: LookUp; readonly logged?: unknown[] },
) => {
  const { lookUp = nobodyKnown, logged = [], ...rest } = deps
  const signIn = localAuthenticator('127.0.0.1', lookUp)
  if (E.isLeft(signIn)) throw new Error(signIn.left.type)
  const keep = (facts: object, message: string) => void logged.push({ ...facts, message })
  return httpApp({
    signIn: signIn.right,
    log: { info: keep, error: keep },
    now: () => '2026-01-31T08:00:00.000Z',
    uptimeSeconds: () => performance.now() / 1_000,
    notReady: async () => null,
    draining: () => false,
    metrics: async () => '',
    ...rest,
  })
}
