import type { Api } from './http-api.ts'

/** A ticket of `lawley`, made by naledi and given to thabo. */
export const assigned = async (api: Api, more: object = {}) => {
  const made = await api.as('naledi').post('/tickets', {
    project_id: 'lawley',
    ticket_type: 'modification',
    title: 'Move the ONT',
    dr_number: 'DR1729500',
    assigned_to: 'thabo',
    ...more,
  })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body.data as { readonly id: string; readonly ticket_uid: string; readonly version: number }
}

/** The id of a ticket of `lawley` without a drop, of which nobody is in charge yet. */
export const openManhole = async (api: Api): Promise<string> => {
  const made = await api.as('naledi').post('/tickets', {
    project_id: 'lawley',
    ticket_type: 'incident',
    title: 'A manhole stands open',
    fault_cause: 'vandalism',
  })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body.data.id
}

/** One photo on its way, as thabo sends it unless another is named. */
export const sendPhoto = (
  api: Api,
  ticketId: string,
  photoId: string,
  photo: Buffer,
  { by = 'thabo', step = 'house_front', name = 'house.jpg' } = {},
) =>
  api
    .as(by)
    .upload(`/tickets/${ticketId}/verification/${step}/photos`)
    .field('id', photoId)
    // As it is: the library of this client would take a path away.
    .attach('photo', photo, { filepath: name } as object)
