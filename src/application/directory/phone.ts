import * as E from 'fp-ts/lib/Either.js'

/** A number in E.164: spaces, dots and brackets do not count, and a local 0XXXXXXXXX is +27. */
export const parsePhone = (said: string): E.Either<null, string> => {
  const bare = said.replaceAll(/[\s().-]/g, '')
  const international = /^0\d{9}$/.test(bare) ? `+27${bare.slice(1)}` : bare.replace(/^00/, '+')
  return /^\+[1-9]\d{7,14}$/.test(international) ? E.right(international) : E.left(null)
}
