import parsePhoneNumber from 'libphonenumber-js/max'

/** Numbers of a kind that no telephone answers WhatsApp on. Fixed lines may: WhatsApp is asked. */
const NEVER = new Set(['TOLL_FREE', 'PREMIUM_RATE', 'SHARED_COST', 'UAN', 'PAGER', 'VOICEMAIL'])

const GROUP = /^\d{5,30}(-\d{5,20})?@g\.us$/

/** A number in E.164, or a WhatsApp group id, from any spelling; a number without a country is South African. null: neither. */
export const addressOf = (said: string): string | null => {
  const text = said.trim()
  if (GROUP.test(text)) return text
  if (text.includes('@')) return null
  const number = parsePhoneNumber(text.replace(/^00/, '+'), 'ZA')
  if (number === undefined || !number.isValid() || number.ext !== undefined) return null
  // The library lets some South African numbers be a digit short; a subscriber's never is.
  if (number.countryCallingCode === '27' && number.nationalNumber.length !== 9) return null
  return NEVER.has(number.getType() ?? '') ? null : number.number
}

/** How WhatsApp names the chat of an address. */
export const chatOf = (address: string): string => (address.startsWith('+') ? `${address.slice(1)}@c.us` : address)
