import { pipe } from 'fp-ts/lib/function.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { SigningKey } from '../../domain/handover/signature.ts'
import type { AppError } from '../errors.ts'
import { isAllowed } from '../permissions.ts'
import type { ProofRecords } from '../ports/proof-records.ts'
import type { Signer } from '../ports/signer.ts'
import type { Principal } from '../principal.ts'

export type KeyDeps = { readonly signer: Signer; readonly proofRecords: ProofRecords }

/** A new signing key takes over: its public half is kept, signed by the old key, before anything is signed with it. */
export const rotateKey =
  ({ signer, proofRecords }: KeyDeps) =>
  (principal: Principal): TaskEither<AppError, SigningKey> =>
    isAllowed(principal, 'change_settings')
      ? signer.rotate((newer, older): TaskEither<AppError, void> => proofRecords.keepKeys([older, newer]))
      : TE.left({ type: 'NotAllowed', action: 'change_settings', role: principal.role })

/** Every public key on record, and which of them signs now. */
export const listKeys =
  ({ signer, proofRecords }: KeyDeps) =>
  (
    principal: Principal,
  ): TaskEither<AppError, { readonly keys: ReadonlyArray<SigningKey>; readonly current: string | null }> =>
    isAllowed(principal, 'verify_snapshots')
      ? pipe(
          proofRecords.keys(),
          TE.map((keys) => ({ keys, current: signer.current()?.keyId ?? null })),
        )
      : TE.left({ type: 'NotAllowed', action: 'verify_snapshots', role: principal.role })
