/** Where the adapter logs; a pino logger is one. */
export type Log = {
  readonly info: (facts: object, message: string) => void
  readonly error: (facts: object, message: string) => void
}

/** What is known of a fault without the values it failed on: a driver's message and detail quote the row. */
export const describeFault = (cause: unknown): Readonly<Record<string, unknown>> => {
  if (!(cause instanceof Error))
    return isFailure(cause) ? { type: cause.type, what: cause.what ?? null } : { type: typeof cause }
  const { code, table, constraint } = cause as { code?: unknown; table?: unknown; constraint?: unknown }
  const frames = (cause.stack ?? '').split('\n').filter((frame) => /^\s+at /.test(frame))
  const known = typeof code === 'string' ? { code, table, constraint } : { message: cause.message.slice(0, 500) }
  return { type: cause.name, ...known, stack: frames.slice(0, 12).join('\n') }
}

const isFailure = (cause: unknown): cause is { readonly type: string; readonly what?: string } =>
  cause !== null && typeof cause === 'object' && typeof (cause as { type?: unknown }).type === 'string'
