type Entry = {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: ReadonlyArray<string>
  readonly cpu?: ReadonlyArray<string>
  readonly libc?: ReadonlyArray<string>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export type Lock = { readonly packages: Record<string, Entry> }

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64', 'arm']

/** The optional packages that the lock file asks for and does not describe, with what their names say of their platform. */
export const missingPackages = ({ packages }: Lock): ReadonlyArray<{ readonly name: string; readonly entry: Entry }> =>
  Object.entries(packages).flatMap(([where, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !folders(where).some((folder) => `${folder}node_modules/${name}` in packages))
      .map(([name, version]) => ({ name, entry: { version, ...(dev === true ? { dev } : {}), ...platformOf(name) } })),
  )

/** Where Node looks for what the package in this folder needs, nearest first. */
const folders = (where: string): ReadonlyArray<string> => {
  const above = where.lastIndexOf('/node_modules/')
  if (where === '') return ['']
  return [`${where}/`, ...folders(above === -1 ? '' : where.slice(0, above))]
}

const platformOf = (name: string): Entry => {
  const system = SYSTEMS.find((word) => name.includes(word))
  const processor = PROCESSORS.find((word) => name.includes(word))
  const libc = name.includes('musl') ? 'musl' : system === 'linux' && name.includes('gnu') ? 'glibc' : undefined
  return {
    optional: true,
    ...(system === undefined ? {} : { os: [system] }),
    ...(processor === undefined ? {} : { cpu: [processor] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
  }
}
