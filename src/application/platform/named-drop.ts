import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { parseDropNumber } from '../../domain/shared/drop.ts'
import type { AppError } from '../errors.ts'

/** The drop someone names, whatever way its number is spelt. */
export const namedDrop = (text: string): E.Either<AppError, string> =>
  pipe(
    parseDropNumber(text),
    E.mapLeft(
      ({ value }): AppError => ({
        type: 'FieldInvalid',
        field: 'dr_number',
        rule: 'a drop number such as DR1729500',
        value: value.slice(0, 80),
      }),
    ),
  )
