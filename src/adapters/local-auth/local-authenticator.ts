import { parseCookie } from 'cookie'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Unavailable } from '../../application/errors.ts'
import type { AuthRefusal, RequestFacts, SignIn } from '../../application/ports/authenticator.ts'
import { type Principal, ROLES, type Role, systemPrincipal } from '../../application/principal.ts'
import { isLoopback } from './loopback.ts'

/** What the directory knows of a person: taken where the request names nothing else. */
export type Known = Pick<Principal, 'contractorId' | 'teams'> & { readonly role: Role }
export type LookUp = (userId: string) => TE.TaskEither<Unavailable, Known | null>

export type NotOnLoopback = { readonly type: 'NotOnLoopback'; readonly host: string }

/** Who calls when nobody is named. */
export const LOCAL_ADMIN = 'local-admin'

/**
 * Believes what the request says of its caller, and so serves this machine only: made for a loopback bind, and asking
 * of each request a loopback peer, a loopback Host and no foreign Origin, so that no web page can speak through a browser.
 */
export const localAuthenticator = (host: string, lookUp: LookUp): E.Either<NotOnLoopback, SignIn> =>
  isLoopback(host)
    ? E.right({
        admit: fromHere,
        authenticate: (request) =>
          pipe(
            TE.fromEither<AuthRefusal | Unavailable, Claimed>(
              pipe(
                fromHere(request),
                E.flatMap(() => claimOf(request)),
              ),
            ),
            TE.flatMap((claimed) =>
              pipe(
                claimed.userId === LOCAL_ADMIN ? TE.right(null) : lookUp(claimed.userId),
                TE.map((known) => principalOf(claimed, known)),
              ),
            ),
          ),
      })
    : E.left({ type: 'NotOnLoopback', host })

type Claimed = {
  readonly userId: string
  readonly role: Role | null
  readonly contractorId: string | null
  readonly teams: ReadonlyArray<string> | null
}

const principalOf = (claimed: Claimed, known: Known | null): Principal => ({
  userId: claimed.userId,
  role: claimed.role ?? known?.role ?? (claimed.userId === LOCAL_ADMIN ? 'admin' : 'viewer'),
  contractorId: claimed.contractorId ?? known?.contractorId ?? null,
  teams: claimed.teams ?? known?.teams ?? [],
})

const refused = (why: string): E.Either<AuthRefusal, never> => E.left({ type: 'RequestRefused', why })

const fromHere = ({ method, headers, remoteAddress }: RequestFacts): E.Either<AuthRefusal, null> => {
  const host = only(headers.host)
  if (remoteAddress === null || !isLoopback(remoteAddress)) return refused('Local sign-in serves this machine only')
  if (host === null || !isLoopback(host.replace(/:\d{1,5}$/, '')))
    return refused('Local sign-in serves requests to a loopback Host only')
  if (headers.origin !== undefined && only(headers.origin)?.toLowerCase() !== `http://${host.toLowerCase()}`)
    return refused('Local sign-in serves no page of another origin')
  const site = only(headers['sec-fetch-site'])
  if ((site === 'cross-site' || site === 'same-site') && method !== 'GET' && method !== 'HEAD')
    return refused('Local sign-in serves no page of another origin')
  return E.right(null)
}

const only = (header: string | ReadonlyArray<string> | undefined): string | null =>
  typeof header === 'string' ? header : null

const unknownCaller = (why: string): E.Either<AuthRefusal, never> => E.left({ type: 'NotAuthenticated', why })

const claimOf = ({ headers }: RequestFacts): E.Either<AuthRefusal, Claimed> => {
  const cookies = parseCookie(only(headers.cookie) ?? '')
  const said = (name: string): string | null => {
    const value = headers[name.toLowerCase()] ?? cookies[name] ?? cookies[name.toLowerCase()] ?? ''
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
  }
  const userId = said('X-Local-User') ?? LOCAL_ADMIN
  const role = said('X-Local-Role')
  const contractorId = said('X-Local-Contractor')
  const teams =
    said('X-Local-Teams')
      ?.split(',')
      .map((team) => team.trim()) ?? null
  if ([userId, contractorId ?? '', ...(teams ?? [])].some((name) => !/^[^\p{Cc}\ufffd]{0,255}$/u.test(name)))
    return unknownCaller('A local user, contractor or team is one line of at most 255 characters')
  if (userId === systemPrincipal.userId || role === systemPrincipal.role)
    return unknownCaller('Nobody can be system: it is what reactions and schedules act as')
  if (role !== null && !isRole(role)) return unknownCaller(`X-Local-Role is one of ${ROLES.join(', ')}`)
  return E.right({ userId, role, contractorId, teams: teams?.filter((team) => team !== '') ?? null })
}

const isRole = (text: string): text is Role => (ROLES as ReadonlyArray<string>).includes(text)
