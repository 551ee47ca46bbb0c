/** A ticket number that QContact gave: FT and six digits, ours have more. */
export const QCONTACT_NUMBER = /^FT[0-9]{6}$/

const SPELLED = /^\s*FT\s*(\d{6,})\s*$/i

/** "ft 657323" is FT657323; a number of another kind stays as it is. */
export const spelledOut = (number: string): string => number.replace(SPELLED, 'FT$1')
