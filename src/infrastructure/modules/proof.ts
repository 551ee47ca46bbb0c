import { readFileSync } from 'node:fs'
import { ContainerModule } from 'inversify'
import { firebaseAnchorStore } from '../../adapters/firebase-storage/anchor-store.ts'
import { localAnchorStore } from '../../adapters/local-files/anchor-store.ts'
import { fileSigner } from '../../adapters/signing/key-file.ts'
import { httpTimestampAuthority } from '../../adapters/timestamp/authority.ts'
import { certificatesIn, readTimestamp } from '../../adapters/timestamp/token.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** What proves the snapshots outside the database: the signing key, the anchors, and who stamps the time. */
export const proofModule = new ContainerModule((container) => {
  bindTo(container, T.signer, ({ signingKey }) => fileSigner({ ...signingKey, now: () => new Date() }), [T.config])
  bindTo(
    container,
    T.anchorStore,
    ({ anchorDir }, opened) =>
      opened === null
        ? localAnchorStore(anchorDir)
        : firebaseAnchorStore({ ...opened, now: () => new Date().toISOString() }),
    [T.config, T.bucket],
  )
  bindTo(
    container,
    T.readTimestamp,
    ({ timestamps }) =>
      readTimestamp(timestamps === null ? [] : certificatesIn(readFileSync(timestamps.caFile, 'utf8'))),
    [T.config],
  )
  bindTo(
    container,
    T.timestampAuthority,
    ({ timestamps }, read) => (timestamps === null ? null : httpTimestampAuthority(timestamps.url, read)),
    [T.config, T.readTimestamp],
  )
})
