import type { Instant } from '../shared/time.ts'

/** The twelve steps of the standard list, version 1, in the order the field works (host reference section 1). Identified by key. */
export const STEP_KEYS = [
  'house_front',
  'cable_from_pole',
  'cable_entry_outside',
  'cable_entry_inside',
  'wall_before_install',
  'ont_back_after_install',
  'work_area_final',
  'ont_barcode',
  'ups_serial',
  'power_meter_reading',
  'green_lights',
  'customer_signature',
] as const
export type StepKey = (typeof STEP_KEYS)[number]

/** What a step records beside its photo: a scanned serial, a dBm reading, the client's name, or nothing. */
export type StepValueKind = 'ont_serial' | 'ups_serial' | 'dbm' | 'name' | 'none'

export type StepDefinition = { readonly name: string; readonly description: string; readonly value: StepValueKind }

export const STEP_LIST_VERSION = 1

export const stepList = {
  house_front: { name: 'House front', description: 'Wide shot with the house or street number visible', value: 'none' },
  cable_from_pole: { name: 'Cable from pole', description: 'Full outside span, pole to pigtail screw', value: 'none' },
  cable_entry_outside: {
    name: 'Cable entry outside',
    description: 'Home entry point, close-up of pigtail screw and duct',
    value: 'none',
  },
  cable_entry_inside: {
    name: 'Cable entry inside',
    description: 'Inside view of the same penetration',
    value: 'none',
  },
  wall_before_install: {
    name: 'Wall before install',
    description: 'Intended ONT position and power outlet',
    value: 'none',
  },
  ont_back_after_install: {
    name: 'ONT back after install',
    description: 'Fibre entry to ONT: slack loop, clips or conduit',
    value: 'none',
  },
  work_area_final: {
    name: 'Work area final',
    description: 'ONT, routing and outlet in one frame; on a repair, the repair itself',
    value: 'none',
  },
  ont_barcode: { name: 'ONT barcode', description: 'Scan and photo of the ONT label', value: 'ont_serial' },
  ups_serial: { name: 'UPS serial', description: 'Scan and photo of the Gizzu label', value: 'ups_serial' },
  power_meter_reading: {
    name: 'Power meter reading',
    description: 'Photo of the meter screen and its dBm value, before activation',
    value: 'dbm',
  },
  green_lights: {
    name: 'Green lights',
    description: 'ONT light on, sticker and drop number visible',
    value: 'none',
  },
  customer_signature: {
    name: 'Customer signature',
    description: 'Signature and name of the customer',
    value: 'name',
  },
} as const satisfies Record<StepKey, StepDefinition>

/** Partial order of capture within one work cycle: each pair reads "before". */
export const stepOrder: ReadonlyArray<readonly [StepKey, StepKey]> = [
  ['wall_before_install', 'ont_back_after_install'],
  ['ont_back_after_install', 'work_area_final'],
  ['power_meter_reading', 'green_lights'],
  ...STEP_KEYS.filter((key) => key !== 'customer_signature').map((key) => [key, 'customer_signature'] as const),
]

/** Which steps a project requires for a kind of work, in place of the standard list. */
export type StepOverrides = { readonly [K in StepProfile]?: ReadonlyArray<StepKey> }

/** The kinds of work that differ in what they must prove (requirements section 4). */
export const STEP_PROFILES = [
  'new_installation',
  'modification',
  'ont_swap',
  'maintenance',
  'incident_with_dr',
  'incident_without_dr',
  'infrastructure',
  'paperwork_note_2',
  'paperwork_note_4',
] as const
export type StepProfile = (typeof STEP_PROFILES)[number]

export const requiredByProfile: { readonly [K in StepProfile]: ReadonlyArray<StepKey> } = {
  new_installation: STEP_KEYS,
  modification: [
    'cable_from_pole',
    'wall_before_install',
    'work_area_final',
    'power_meter_reading',
    'green_lights',
    'customer_signature',
  ],
  ont_swap: ['ont_back_after_install', 'ont_barcode', 'power_meter_reading', 'green_lights', 'customer_signature'],
  maintenance: ['work_area_final', 'power_meter_reading', 'green_lights'],
  incident_with_dr: ['work_area_final', 'power_meter_reading', 'green_lights'],
  incident_without_dr: ['work_area_final'],
  infrastructure: ['work_area_final'],
  paperwork_note_2: ['work_area_final', 'ont_barcode', 'green_lights'],
  paperwork_note_4: ['ont_barcode', 'green_lights'],
}

export type StepVerdict = {
  readonly outcome: 'correct' | 'incorrect' | 'missing'
  readonly comment: string | null
  readonly by: string
  readonly at: Instant
}

export type Step = {
  readonly id: string
  readonly key: StepKey
  readonly complete: boolean
  /** When it was done in the field, and when that arrived here. */
  readonly doneAt: Instant | null
  readonly completedAt: Instant | null
  readonly completedBy: string | null
  /** The scanned serial or the client's name; the dBm reading lives on the ticket as `ontRx`. */
  readonly value: string | null
  readonly notes: string | null
  /** The reviewer's latest verdict; void as soon as the photo or the value changes. */
  readonly verdict: StepVerdict | null
  readonly version: number
}

/** The number (1 to 12) under which the host's tables and the specification know a step. */
export const stepNumber = (key: StepKey): number => STEP_KEYS.indexOf(key) + 1
