/** Plain JSON: what can be sealed, stored in jsonb and read back unchanged. No Date, no undefined, no bigint. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject

export type JsonObject = { readonly [key: string]: Json }
