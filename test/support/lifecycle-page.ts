import { type Action, permissions } from '../../src/application/permissions.ts'
import { ROLES } from '../../src/application/principal.ts'
import { type Command, STATUSES, type TicketStatus, transitions } from '../../src/domain/ticket/ticket.ts'

export type Arrow = { readonly command: Command; readonly from: TicketStatus; readonly to: TicketStatus }

const COMMANDS = Object.keys(transitions) as ReadonlyArray<Command>

/** A command leaves a ticket where it is in the states it can also end in; from the others it goes where it can only end. */
const arrowsOf = (command: Command): ReadonlyArray<Arrow> => {
  const from: ReadonlyArray<TicketStatus> = transitions[command].from
  const to: ReadonlyArray<TicketStatus> = transitions[command].to
  const ends = to.filter((status) => !from.includes(status))
  return from.flatMap((status): ReadonlyArray<Arrow> => {
    if (to.includes(status)) return [{ command, from: status, to: status }]
    return (ends.length > 0 ? ends : to.slice(0, 1)).map((end) => ({ command, from: status, to: end }))
  })
}
export const arrows: ReadonlyArray<Arrow> = COMMANDS.flatMap(arrowsOf)

const diagram = (): ReadonlyArray<string> => {
  const pairs = new Map<string, ReadonlyArray<Command>>()
  for (const { command, from, to } of arrows.filter((arrow) => arrow.from !== arrow.to))
    pairs.set(`${from} --> ${to}`, [...(pairs.get(`${from} --> ${to}`) ?? []), command])
  return [
    'stateDiagram-v2',
    '  [*] --> open',
    ...[...pairs].map(([pair, by]) => `  ${pair}: ${by.join(', ')}`),
    '  closed --> [*]',
  ]
}

const actionOf = (command: Command): Action =>
  command === 'delete' ? 'delete_ticket' : command === 'fall_back' ? 'recheck' : command
const whoMay = (command: Command): string =>
  [...ROLES, 'system' as const]
    .flatMap((role) => {
      const reach = permissions[role][actionOf(command)]
      return reach === undefined ? [] : [reach === 'any' ? role : `${role} (${reach})`]
    })
    .join(', ')

const row = (command: Command): string => {
  const mine = arrows.filter((arrow) => arrow.command === command)
  const staying = mine.filter((arrow) => arrow.from === arrow.to).map((arrow) => arrow.from)
  const moving = mine.filter((arrow) => arrow.from !== arrow.to)
  const said = [
    ...new Set(
      moving.map(
        ({ to }) =>
          `${moving
            .filter((one) => one.to === to)
            .map((one) => one.from)
            .join(', ')} → ${to}`,
      ),
    ),
    ...(staying.length === 0 ? [] : [`${staying.join(', ')} → the same`]),
  ]
  return `| ${command} | ${said.join('; ')} | ${whoMay(command)} |`
}

/** `docs/lifecycle.md`, made from the transition table and the permission table. */
export const lifecyclePage = (): string =>
  [
    '# The lifecycle of a ticket',
    '',
    'Made from `transitions` in `src/domain/ticket/ticket.ts` and the permission table; a test compares this page with them.',
    'After a change of the table: `npm run test:unit -- -u test/domain/ticket/lifecycle-page`.',
    '',
    '```mermaid',
    ...diagram(),
    '```',
    '',
    '`fall_back` is no command of anyone: a pending ticket whose readiness check no longer holds goes back to work by itself.',
    'Each command has its rules beside it, in the file of its name in `src/domain/ticket/`.',
    '',
    '| command | from → to | who may |',
    '|---|---|---|',
    ...COMMANDS.map(row),
    '',
    `States: ${STATUSES.join(', ')}.`,
    '',
  ].join('\n')
