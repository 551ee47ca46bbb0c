import type { TicketFilters, Wanted } from '../../application/ports/ticket-queries.ts'
import { CLOCK_RUNS_IN } from '../../application/ticket/clock-states.ts'
import { type Bind, inSight, isUuid, quoted } from './queries-sight.ts'
import type { SowSource } from './ticket-context.ts'

type Filter = keyof Required<TicketFilters>
type Around = { readonly now: string; readonly sow: SowSource }
type Condition<F extends Filter> = (value: NonNullable<TicketFilters[F]>, bind: Bind, around: Around) => string

export const RUNS = `t.status in (${quoted(CLOCK_RUNS_IN)})`
export const UNASSIGNED = `(t.status = 'open' and t.assigned_to is null and t.assigned_contractor_id is null
  and t.assigned_team is null)`

/** Every rejection opens a cycle, the latest one once work starts again. */
export const REJECTIONS = `t.rectification_count + (t.status = 'qa_rejected')::int`

/** By imported workbooks, or by the host's own design, wherever decisions read it too. */
const unknownDrop = (sow: SowSource): string => {
  const [connected, rows] =
    sow === 'platform_records'
      ? [
          `exists (select from platform_connections p where p.project_id = t.project_id and p.platform = 'sow')`,
          `select from platform_records p
            where p.project_id = t.project_id and p.platform = 'sow' and p.dr_number = t.dr_number`,
        ]
      : [sow.connected('t.project_id'), sow.rows('t.project_id', 'array[t.dr_number::text]')]
  return `(t.ticket_type <> 'infrastructure' and case
    when t.dr_number is null then t.ticket_type <> 'incident'
    else t.place_confirmed_by is null and ${connected} and not exists (${rows})
    end)`
}

const among =
  (column: string) =>
  (values: ReadonlyArray<string>, bind: Bind): string =>
    `t.${column} = any(${bind(values)}::text[])`

const amongIds =
  (column: string) =>
  (ids: ReadonlyArray<string>, bind: Bind): string =>
    `t.${column} = any(${bind(ids.filter(isUuid))}::uuid[])`

const whether =
  (predicate: string) =>
  (holds: boolean): string =>
    holds ? predicate : `not coalesce(${predicate}, false)`

/** One condition per filter; a new filter does not compile until it has its line here. */
const conditions: { readonly [F in Filter]: Condition<F> } = {
  status: among('status'),
  type: among('ticket_type'),
  priority: among('priority'),
  source: among('source'),
  owner: among('owner_type'),
  faultCause: among('fault_cause'),
  project: among('project_id'),
  assignee: among('assigned_to'),
  contractor: among('assigned_contractor_id'),
  team: among('assigned_team'),
  dr: among('dr_number'),
  pole: among('pole_number'),
  pon: among('pon_number'),
  zone: among('zone_no'),
  weeklyReport: (ids, bind) =>
    `t.id in (select r.ticket_id from weekly_report_rows r where r.report_id = any(${bind(ids.filter(isUuid))}::uuid[]))`,
  duplicateOf: amongIds('duplicate_of'),
  followUpOf: amongIds('follow_up_of'),
  createdFrom: (from, bind) => `t.created_at >= ${bind(from)}::timestamptz`,
  createdBefore: (before, bind) => `t.created_at < ${bind(before)}::timestamptz`,
  qaReady: whether('t.qa_ready'),
  paperwork: whether('t.paperwork'),
  overdue: (holds, bind, { now }) => whether(`(${RUNS} and t.sla_due_at < ${bind(now)}::timestamptz)`)(holds),
  unassigned: whether(UNASSIGNED),
  unknownDrop: (holds, _, { sow }) => whether(unknownDrop(sow))(holds),
  rejectedMoreThan: (times, bind) => `${REJECTIONS} > ${bind(times)}`,
  failedCheck: (checks, bind) => `(not t.qa_ready and exists (
    select from jsonb_array_elements(t.last_check -> 'results') r
    where r ->> 'outcome' = 'failed' and r ->> 'check' = any(${bind(checks)}::text[])))`,
}

/** The words of the search column without those of the description, made as that column is (migration 0001). */
const OPEN_WORDS = `to_tsvector('simple', translate(
      coalesce(t.ticket_uid, '') || ' ' || coalesce(t.dr_number, '') || ' ' || coalesce(t.pole_number, '') || ' ' ||
      coalesce(t.ont_serial, '') || ' ' || coalesce(t.external_id, '') || ' ' || coalesce(t.title, ''),
      '!"#$%&''()*+,-./:;<=>?@[\\]^_\`{|}~', repeat(' ', 32)))`

/** Found by index among all words; to whoever may not see the client a description tells nothing, not even that it matched. */
const speaksOf = ({ words, client }: Pick<Wanted, 'words' | 'client'>, bind: Bind): ReadonlyArray<string> => {
  if (words.length === 0) return []
  const query = `to_tsquery('simple', ${bind(beginnings(words))})`
  return [`t.search @@ ${query}`, ...(client ? [] : [`${OPEN_WORDS} @@ ${query}`])]
}

/** Everything that decides whether a ticket is in a list: sight first, then what was asked for. */
export const isWanted = (
  { sight, filters, words, client, now }: Omit<Wanted, 'sort'>,
  sow: SowSource,
  bind: Bind,
): string =>
  [
    inSight(sight, bind),
    ...(Object.keys(filters) as ReadonlyArray<Filter>).flatMap((name) =>
      conditionOf(name, filters, bind, { now, sow }),
    ),
    ...speaksOf({ words, client }, bind),
  ].join('\n    and ')

const conditionOf = <F extends Filter>(filter: F, filters: TicketFilters, bind: Bind, around: Around): string[] => {
  const value = filters[filter]
  const condition: Condition<F> = conditions[filter]
  return value === undefined ? [] : [condition(value as NonNullable<TicketFilters[F]>, bind, around)]
}

/** Words hold neither quotes nor backslashes: both are punctuation. */
const beginnings = (words: Wanted['words']): string =>
  words.map((group) => `(${group.map((word) => `'${word}':*`).join(' | ')})`).join(' & ')
