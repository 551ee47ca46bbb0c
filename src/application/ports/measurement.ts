/** A figure in Prometheus' words: `ticketing_…`, what it means, and by what it is told apart. */
export type Measure = { readonly name: string; readonly help: string; readonly labels: ReadonlyArray<string> }

export type Measured = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Figures that are read together when somebody looks; cheap, and without anybody's name in a label. */
export type Measurement = {
  readonly measures: ReadonlyArray<Measure>
  readonly read: () => Promise<ReadonlyArray<Measured>>
}
