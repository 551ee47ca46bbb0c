/** What is at a place in a list of numbers; 0 outside it. */
export const valueAt = (values: ArrayLike<number>, at: number): number => values[at] ?? 0
