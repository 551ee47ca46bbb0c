import * as E from 'fp-ts/lib/Either.js'
import type { ApplicationRefusal } from './errors.ts'
import { type Action, isAllowed } from './permissions.ts'
import type { Principal } from './principal.ts'

/** Whether the principal may do this at all, to anything. */
export const allowed = (principal: Principal, action: Action): E.Either<ApplicationRefusal, null> =>
  isAllowed(principal, action) ? E.right(null) : E.left({ type: 'NotAllowed', action, role: principal.role })
