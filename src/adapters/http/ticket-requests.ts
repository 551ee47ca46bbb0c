import { z } from 'zod'
import type { Client } from '../../application/ports/ticket-store.ts'
import type { EditWithClient } from '../../application/ticket/changes.ts'
import type { CreateTicket } from '../../application/ticket/create-ticket.ts'
import { FAULT_CAUSES, FAULT_COMPONENTS } from '../../domain/fault/fault.ts'
import { PRIORITIES, TICKET_TYPES } from '../../domain/ticket/ticket.ts'
import { dbm, drop, given, hostId, id, line, ontSerial, pole, pon, text, upsSerial, zone } from './fields.ts'

const gps = z.strictObject({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) })

const facts = {
  title: line(255),
  description: text(10_000).nullable(),
  address: text(1_000).nullable(),
  gps_coordinates: gps.nullable(),
  priority: z.enum(PRIORITIES),
  ticket_type: z.enum(TICKET_TYPES),
  dr_number: drop.nullable(),
  pole_number: pole.nullable(),
  pon_number: pon.nullable(),
  zone_no: zone.nullable(),
  ont_serial: ontSerial.nullable(),
  ont_rx_level: dbm.nullable(),
  ont_model: line(100).nullable(),
  ups_serial: upsSerial.nullable(),
  external_id: line(100).nullable(),
}

/** What people log themselves; the other sources are those of imports, QContact and the system. */
const LOGGED_AS = ['manual', 'construction', 'ad_hoc', 'incident', 'revenue', 'ont_swap'] as const

export const assignees = {
  assigned_to: hostId.nullable().optional(),
  assigned_contractor_id: hostId.nullable().optional(),
  assigned_team: line(100).nullable().optional(),
}

/** Kept apart from the ticket, erasable, and correctable in every state. */
const clientFields = {
  client_name: line(255).nullable().optional(),
  client_phone: line(40).nullable().optional(),
  client_email: line(255).nullable().optional(),
}

export const newTicket = z
  .strictObject({
    ...z.object(facts).partial().shape,
    id: id.optional(),
    project_id: hostId,
    ticket_type: facts.ticket_type,
    title: facts.title,
    source: z.enum(LOGGED_AS).default('manual'),
    priority: facts.priority.default('normal'),
    fault_cause: z.enum(FAULT_CAUSES).nullable().optional(),
    fault_component: z.enum(FAULT_COMPONENTS).nullable().optional(),
    fault_cause_details: text(5_000).nullable().optional(),
    ...assignees,
    follow_up_of: id.nullable().optional(),
    ...clientFields,
  })
  .meta({ id: 'NewTicket' })

export const creationOf = (said: z.output<typeof newTicket>): CreateTicket => {
  const assignment = {
    technician: said.assigned_to ?? null,
    contractor: said.assigned_contractor_id ?? null,
    team: said.assigned_team ?? null,
  }
  const client = { name: said.client_name ?? null, phone: said.client_phone ?? null, email: said.client_email ?? null }
  return {
    id: said.id ?? null,
    projectId: said.project_id,
    type: said.ticket_type,
    source: said.source,
    externalId: said.external_id ?? null,
    priority: said.priority,
    title: said.title,
    description: said.description ?? null,
    address: said.address ?? null,
    gps: said.gps_coordinates ?? null,
    place: {
      dr: said.dr_number ?? null,
      pole: said.pole_number ?? null,
      pon: said.pon_number ?? null,
      zone: said.zone_no ?? null,
    },
    equipment: {
      ontSerial: said.ont_serial ?? null,
      ontRx: said.ont_rx_level ?? null,
      ontModel: said.ont_model ?? null,
      upsSerial: said.ups_serial ?? null,
    },
    cause: said.fault_cause ?? null,
    component: said.fault_component ?? null,
    causeDetails: said.fault_cause_details ?? null,
    assignment: isNobody(assignment) ? null : assignment,
    followUpOf: said.follow_up_of ?? null,
    client: isNobody(client) ? null : client,
  }
}

const isNobody = (fields: object): boolean => Object.values(fields).every((value) => value === null)

/** A field left out stays as it is; null takes it away. */
export const ticketEdit = z
  .strictObject({ ...z.object(facts).partial().shape, ...clientFields, confirm_place: text(1_000).optional() })
  .refine((said) => Object.values(given(said)).length > 0, 'must name at least one field to change')
  .meta({ id: 'TicketEdit' })

export const editOf = (said: z.output<typeof ticketEdit>): EditWithClient => {
  const place = given({ dr: said.dr_number, pole: said.pole_number, pon: said.pon_number, zone: said.zone_no })
  return given({
    title: said.title,
    description: said.description,
    address: said.address,
    gps: said.gps_coordinates,
    priority: said.priority,
    type: said.ticket_type,
    place: Object.keys(place).length === 0 ? undefined : place,
    ontSerial: said.ont_serial,
    ontRx: said.ont_rx_level,
    ontModel: said.ont_model,
    upsSerial: said.ups_serial,
    externalId: said.external_id,
    confirmPlace: said.confirm_place,
    client: clientEdit(said),
  })
}

const clientEdit = (said: z.output<typeof ticketEdit>): Partial<Client> | undefined => {
  const client = given({ name: said.client_name, phone: said.client_phone, email: said.client_email })
  return Object.keys(client).length === 0 ? undefined : client
}
