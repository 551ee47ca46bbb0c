/** A made-up ONT serial in the form of real ones. */
export const serialOf = (n: number): string =>
  `ALCLB${(0x465a671 + n * 7_919).toString(16).toUpperCase().padStart(7, '0').slice(-7)}`
