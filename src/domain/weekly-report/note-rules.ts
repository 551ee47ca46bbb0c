import type { Note, NoteRule, NoteRules, ReportLine } from './weekly-report.ts'

const rule = (priority: NoteRule['priority'], rest: Partial<NoteRule> = {}): NoteRule => ({
  action: 'ticket',
  ticketType: 'maintenance',
  priority,
  paperwork: false,
  ...rest,
})

/** What each note makes unless the project says otherwise: 1 and 5 urgent work, 2 and 4 paperwork, 3 is watched only. */
export const DEFAULT_NOTE_RULES: NoteRules = {
  1: rule('high'),
  2: rule('normal', { paperwork: true }),
  3: rule('normal', { action: 'monitor' }),
  4: rule('normal', { paperwork: true }),
  5: rule('high'),
  flat: rule('normal'),
}

export const NOTE_TITLES: { readonly [N in Note]: string } = {
  1: 'ONT RX signal lower than -26 dB',
  2: 'No entry on the field app',
  3: 'Signal degraded by more than 2 dB',
  4: 'Drop number and ONT serial do not match',
  5: 'Fibre break or device not active',
}

/** The rule for one line; a flat row's own priority wins over the configured one. */
export const ruleFor = (line: Pick<ReportLine, 'note' | 'priority'>, rules: NoteRules): NoteRule => {
  const configured = rules[line.note ?? 'flat']
  return line.priority === null ? configured : { ...configured, priority: line.priority }
}

/** The title of the ticket a line makes; no personal part ever enters it. At most 255 characters. */
export const titleOf = (line: Pick<ReportLine, 'note' | 'dr' | 'reason' | 'description'>): string => {
  const what = line.note === null ? (line.description ?? line.reason ?? 'Reported fault') : NOTE_TITLES[line.note]
  return `${what}${line.dr === null ? '' : ` (${line.dr})`}`.slice(0, 255)
}
