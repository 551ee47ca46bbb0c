import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { storedContent } from '../../domain/evidence/photo.ts'
import type { Archived, GateFacts } from '../../domain/handover/gate.ts'
import type { Assignment, Ticket } from '../../domain/ticket/ticket.ts'
import type { Gather } from '../change.ts'
import type { AppError } from '../errors.ts'
import type { Directory, Known } from '../ports/directory.ts'
import type { EvidenceStore } from '../ports/evidence-store.ts'

export type GateDeps = { readonly evidence: EvidenceStore; readonly directory: Directory }

const nobody: Assignment = { technician: null, contractor: null, team: null }
const asked = (id: string | null): ReadonlyArray<string> => (id === null ? [] : [id])
const assignmentOf = (ticket: Ticket): Assignment => ('assignment' in ticket ? ticket.assignment : null) ?? nobody

/** What the gate must know beyond the ticket: what storage really holds of its evidence, and who the directory knows. */
export const gatherGate =
  ({ evidence, directory }: GateDeps): Gather<GateFacts> =>
  ({ ticket, facts }) => {
    const assignment = assignmentOf(ticket)
    return pipe(
      TE.Do,
      TE.apSW('archive', archiveOf(evidence, ticket)),
      TE.apSW(
        'known',
        directory.find({
          people: asked(assignment.technician),
          contractors: asked(assignment.contractor),
          teams: asked(assignment.team),
        }),
      ),
      TE.flatMap(({ archive, known }) =>
        pipe(
          directory.find({ contractors: companiesOf(known) }),
          TE.map(({ contractors }) => ({
            project: facts,
            archive,
            assignment: factsOf(assignment, { ...known, contractors: [...known.contractors, ...contractors] }),
          })),
        ),
      ),
    )
  }

const companiesOf = ({ people, teams }: Known): ReadonlyArray<string> =>
  [...people, ...teams].flatMap(({ contractorId }) => asked(contractorId))

/** A technician or team of no contractor, or of the company entered as its own, is the company's own. */
const factsOf = (assignment: Assignment, known: Known): GateFacts['assignment'] => {
  const isOwn = (contractorId: string | null): boolean =>
    contractorId === null || known.contractors.some((one) => one.id === contractorId && one.isOwn)
  return {
    contractorKnown: known.contractors.some((one) => one.id === assignment.contractor),
    technicianIsOurOwn: known.people.some((one) => one.id === assignment.technician && isOwn(one.contractorId)),
    teamIsOurOwn: known.teams.some((one) => one.id === assignment.team && isOwn(one.contractorId)),
  }
}

const archiveOf = (evidence: EvidenceStore, { photos }: Ticket): TE.TaskEither<AppError, ReadonlyArray<Archived>> =>
  pipe(
    evidence.verify(photos.map((photo) => photo.object)),
    TE.map((answers) =>
      photos.map((photo, index): Archived => {
        const found = answers[index]?.sha256 ?? null
        const state = found === null ? 'missing' : found === storedContent(photo.object).sha256 ? 'stored' : 'differs'
        return { photoId: photo.id, state, found, retention: answers[index]?.retention ?? null }
      }),
    ),
  )
