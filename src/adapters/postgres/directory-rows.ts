import { z } from 'zod'
import type { Known } from '../../application/ports/directory.ts'
import { ROLES } from '../../application/principal.ts'

const text = z.string().nullable()

const person = z
  .object({ id: z.string(), name: z.string(), role: z.enum(ROLES), contractor_id: text, phone: text, email: text })
  .transform(({ contractor_id: contractorId, ...rest }) => ({ ...rest, contractorId }))

const contractor = z
  .object({ id: z.string(), name: z.string(), phone: text, group_id: text, is_own: z.boolean() })
  .transform(({ group_id: groupId, is_own: isOwn, ...rest }) => ({ ...rest, groupId, isOwn }))

const team = z
  .object({
    id: z.string(),
    name: z.string(),
    contractor_id: text,
    member_ids: z.array(z.string()),
    phone: text,
    group_id: text,
  })
  .transform(({ contractor_id: contractorId, member_ids: memberIds, group_id: groupId, ...rest }) => ({
    ...rest,
    contractorId,
    memberIds,
    groupId,
  }))

const project = z
  .object({ id: z.string(), code: z.string(), name: z.string(), manager_id: text, group_id: text })
  .transform(({ manager_id: managerId, group_id: groupId, ...rest }) => ({ ...rest, managerId, groupId }))

const rows = z.object({
  people: z.array(person).nullable(),
  contractors: z.array(contractor).nullable(),
  teams: z.array(team).nullable(),
  projects: z.array(project).nullable(),
})

/** A row that holds something else is a defect and throws. */
export const directoryRows = (row: unknown): Known => {
  const { people, contractors, teams, projects } = rows.parse(row)
  return { people: people ?? [], contractors: contractors ?? [], teams: teams ?? [], projects: projects ?? [] }
}
