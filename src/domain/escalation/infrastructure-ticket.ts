import type { EscalationType, RepeatFaultLimit, Scope, ScopeKey } from './escalation.ts'
import { escalationTypeOf } from './escalation.ts'
import type { FaultPlace } from './repeat-faults.ts'

/** What the ticket of an escalation starts with; id, number and time are given where it is made. */
export type InfrastructureTicket = {
  readonly type: 'infrastructure'
  readonly source: 'system'
  readonly priority: 'high'
  readonly owner: 'build'
  readonly projectId: string
  readonly title: string
  readonly description: string
  readonly place: FaultPlace
}

/** The larger things a scope hangs on, which its ticket carries where the faults agree about them. */
const carriedWith: { readonly [S in Scope]: ReadonlyArray<Scope> } = {
  dr: ['pole', 'pon', 'zone'],
  pole: ['pon', 'zone'],
  pon: ['zone'],
  zone: [],
}

const spoken: { readonly [S in Scope]: string } = { dr: 'drop', pole: 'pole', pon: 'PON', zone: 'zone' }

const asked: { readonly [T in EscalationType]: string } = {
  replacement: 'Consider replacing it.',
  investigation: 'Investigate the cause.',
  inspection: 'Inspect it.',
}

const agreed = (scope: Scope, places: ReadonlyArray<FaultPlace>): string | null => {
  const [first, ...others] = places.map((place) => place[scope])
  return first !== undefined && others.every((value) => value === first) ? first : null
}

export type InfrastructureTicketFacts = {
  readonly key: ScopeKey
  readonly limit: RepeatFaultLimit
  /** The places of all contributing faults. */
  readonly places: ReadonlyArray<FaultPlace>
}

/** The ticket an escalation makes: in its scope's place, in words that name nobody. */
export const infrastructureTicket = ({ key, limit, places }: InfrastructureTicketFacts): InfrastructureTicket => {
  const { projectId, scope, value } = key
  const at = (other: Scope): string | null => {
    if (other === scope) return value
    return carriedWith[scope].includes(other) ? agreed(other, places) : null
  }
  const type = escalationTypeOf[scope]
  const faults = `${places.length} faults in ${limit.windowDays} days`
  return {
    type: 'infrastructure',
    source: 'system',
    priority: 'high',
    owner: 'build',
    projectId,
    title: `Repeat faults, ${spoken[scope]} ${value}: ${type}`,
    description: `${faults} on ${spoken[scope]} ${value}, more than the ${limit.threshold} allowed. ${asked[type]}`,
    place: { dr: at('dr'), pole: at('pole'), pon: at('pon'), zone: at('zone') },
  }
}
