import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ConfigProblem, configError } from './config.ts'

type Address = { readonly host: string; readonly port: number }
/** The settings that decide where. */
type Named = { readonly host: string; readonly port: string }

const portMust =
  (rule: string) =>
  ({ host, port }: Address, named: Named): ConfigProblem => ({
    variable: named.port,
    rule: `a port of ${named.host} ${host} that ${rule}`,
    value: JSON.stringify(String(port)),
  })

/** What the system answers when nothing can listen there, and the setting that decides it. */
const UNUSABLE: Readonly<Record<string, (address: Address, named: Named) => ConfigProblem>> = {
  EADDRINUSE: portMust('no other process listens on'),
  EACCES: portMust('this user may listen on'),
  EADDRNOTAVAIL: ({ host }, named) => ({
    variable: named.host,
    rule: 'an address that this machine has',
    value: JSON.stringify(host),
  }),
}

/** Listens and gives `http://host:port`; a configuration error when nothing can listen there. */
export const listen = (server: Server, address: Address, named: Named): Promise<string> =>
  new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const unusable = UNUSABLE[error.code ?? '']
      reject(unusable === undefined ? error : configError([unusable(address, named)]))
    }
    server.once('error', refused)
    server.listen(address.port, address.host, () => {
      server.off('error', refused)
      const host = address.host.includes(':') ? `[${address.host}]` : address.host
      resolve(`http://${host}:${(server.address() as AddressInfo).port}`)
    })
  })
