import type { UserId } from '../domain/ticket/ticket.ts'

export const ROLES = ['technician', 'contractor', 'qa', 'qa_lead', 'manager', 'admin', 'viewer', 'service'] as const
export type Role = (typeof ROLES)[number]

/** Who asks, as the authenticator vouches for them; never taken from a request body. */
export type Principal = {
  readonly userId: UserId
  readonly role: Role | 'system'
  readonly contractorId: string | null
  readonly teams: ReadonlyArray<string>
}

/** A service and the system act, but never count as a person who confirmed, judged or did the work. */
export const isAPerson = ({ role }: Pick<Principal, 'role'>): boolean => role !== 'service' && role !== 'system'

/** The principal of reactions and schedules; no authenticator ever gives it. */
export const systemPrincipal: Principal = { userId: 'system', role: 'system', contractorId: null, teams: [] }
