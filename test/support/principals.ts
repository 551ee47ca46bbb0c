import type { Principal, Role } from '../../src/application/principal.ts'

/** Someone of this role, known as `<role>-1`. */
export const principal = (role: Role, contractorId: string | null = null): Principal => ({
  userId: `${role}-1`,
  role,
  contractorId,
  teams: [],
})
