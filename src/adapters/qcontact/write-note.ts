import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Exchange } from '../../application/ports/outside-calls.ts'
import type { SyncError, TicketSystem } from '../../application/ports/ticket-system.ts'
import type { QContactClient } from './client.ts'
import type { QContactConfiguration } from './configuration.ts'
import { type Events, made } from './wire.ts'

type Written = TE.TaskEither<SyncError, { readonly id: string | null }>
type Note = Parameters<TicketSystem['addNote']>[1]

/** What is done with a case on the way. */
export type CaseCalls = {
  readonly log: (caseId: string, page: number, signal: AbortSignal) => TE.TaskEither<SyncError, Events>
  readonly fieldOf: (caseId: string, name: string, signal: AbortSignal) => TE.TaskEither<SyncError, unknown>
  readonly patch: (
    caseId: string,
    written: Readonly<Record<string, unknown>>,
    as: Pick<Exchange, 'type' | 'request'>,
    signal: AbortSignal,
  ) => TE.TaskEither<SyncError, unknown>
}

/** Writes a note, or finds it where an earlier attempt wrote it; where notes are forbidden a text field takes it. */
export const writeNote = (
  { notes }: Pick<QContactConfiguration, 'notes'>,
  client: QContactClient,
  { log, fieldOf, patch }: CaseCalls,
): TicketSystem['addNote'] => {
  const textOf = (caseId: string, signal: AbortSignal): TE.TaskEither<SyncError, string> =>
    pipe(
      fieldOf(caseId, notes.field, signal),
      TE.map((value) => (typeof value === 'string' ? value : '')),
    )

  const addToField = (caseId: string, { key, text }: Note, signal: AbortSignal): Written =>
    pipe(
      textOf(caseId, signal),
      TE.flatMap((present): Written => {
        if (present.includes(markOf(key))) return TE.right({ id: null })
        // The field holds one text: the new note stands above what was there, of which nothing is ever cut off.
        const whole = [signed(text, key), present].filter((part) => part !== '').join('\n\n')
        if (whole.length > FIELD_LENGTH)
          return TE.left({ type: 'Rejected', field: notes.field, why: 'the field has no room for the note' })
        return pipe(
          patch(
            caseId,
            { [notes.field]: whole },
            { type: 'note_add', request: { method: 'PATCH', path: '/entities/Case/{id}', field: notes.field } },
            signal,
          ),
          TE.flatMap(() => textOf(caseId, signal)),
          TE.flatMap(
            (after): Written =>
              after.includes(markOf(key))
                ? TE.right({ id: null })
                : TE.left({ type: 'SilentlyIgnored', fields: [notes.field] }),
          ),
        )
      }),
    )

  /** The entry of an earlier attempt, back to before the note was there to be written; null when there is none. */
  const writtenBefore = (
    caseId: string,
    { key, since }: Note,
    signal: AbortSignal,
    page = 1,
    newest: string | null = null,
  ): TE.TaskEither<SyncError, string | null> =>
    pipe(
      log(caseId, page, signal),
      TE.flatMap(({ results }) => {
        const there = results.find((one) => JSON.stringify(one).includes(markOf(key)))
        if (there !== undefined) return TE.right(there.id)
        const [first, last] = [results[0], results.at(-1)]
        // A log that knows no pages gives the same one again.
        if (first === undefined || last === undefined || first.id === newest) return TE.right(null)
        return Date.parse(last.raised_at ?? '') < Date.parse(since) - CLOCKS_MS
          ? TE.right(null)
          : writtenBefore(caseId, { key, since, text: '' }, signal, page + 1, first.id)
      }),
    )

  const make = (caseId: string, note: Note, signal: AbortSignal): Written =>
    pipe(
      client.call(
        {
          method: 'POST',
          path: '/entities/Note',
          body: {
            entity_type: 'Case',
            entity_id: caseId,
            subtitle: signed(note.text, note.key),
            public_note: true,
          },
          answer: made,
          absent: { type: 'Missing', what: 'its notes' },
          as: {
            caseId,
            direction: 'outbound',
            type: 'note_add',
            request: { method: 'POST', path: '/entities/Note', key: note.key },
          },
        },
        signal,
      ),
      // Read back like every write: a 200 alone is no note.
      TE.flatMap((sent) =>
        pipe(
          log(caseId, 1, signal),
          TE.flatMap(({ results }): Written => {
            const written = results.find((one) => JSON.stringify(one).includes(markOf(note.key)))
            return written === undefined
              ? TE.left({ type: 'SilentlyIgnored', fields: ['note'] })
              : TE.right({ id: sent.id ?? written.id })
          }),
        ),
      ),
      // Some tenants let nobody make notes: then the text field takes them.
      TE.orElse((error) =>
        error.type === 'Rejected' && error.why === 'HTTP 403' ? addToField(caseId, note, signal) : TE.left(error),
      ),
    )

  return (caseId, note, signal) => {
    if (notes.strategy === 'none') return TE.right({ id: null })
    if (notes.strategy === 'field') return addToField(caseId, note, signal)
    return pipe(
      writtenBefore(caseId, note, signal),
      TE.flatMap((there) => (there === null ? make(caseId, note, signal) : TE.right({ id: there }))),
    )
  }
}

const FIELD_LENGTH = 10_000

/** So far may two clocks be apart. */
const CLOCKS_MS = 24 * 3_600_000

/** What a note is known by when its reply was lost. */
const markOf = (key: string): string => `[FF ${key}]`

/** A note is shortened rather than its mark, without which it would be written again and again. */
const signed = (text: string, key: string): string => {
  const mark = `\n${markOf(key)}`
  const room = FIELD_LENGTH - mark.length
  return (text.length > room ? `${text.slice(0, room - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text) + mark
}
