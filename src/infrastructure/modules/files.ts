import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { ContainerModule } from 'inversify'
import { encryptedEvidenceStore } from '../../adapters/encryption/evidence-store.ts'
import { childProcessWorkbookReader } from '../../adapters/excel/workbook-reader.ts'
import { exceljsWorkbookWriter } from '../../adapters/excel/workbook-writer.ts'
import { bucketKeepsAll } from '../../adapters/firebase-storage/bucket-keeps.ts'
import { firebaseEvidenceStore } from '../../adapters/firebase-storage/evidence-store.ts'
import { openBucket } from '../../adapters/firebase-storage/open-bucket.ts'
import { onnxClassifier } from '../../adapters/imaging/onnx-classifier.ts'
import { photoAnalyser, versionWith } from '../../adapters/imaging/photo-analyser.ts'
import { photoPool } from '../../adapters/imaging/photo-pool.ts'
import { localEvidenceStore } from '../../adapters/local-files/evidence-store.ts'
import { localReportFiles } from '../../adapters/local-files/report-files.ts'
import { localStaging } from '../../adapters/local-files/staging.ts'
import { configError } from '../config.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** Photos, documents and workbooks: where they lie and who reads them. */
export const filesModule = new ContainerModule((container) => {
  bindTo(
    container,
    T.bucket,
    async ({ storage }, log) =>
      storage.kind === 'local'
        ? null
        : openBucket(storage, (reason) =>
            log.warn({ reason }, 'the evidence storage is away; photos are refused until it is back'),
          ),
    [T.config, T.log],
  )
  bindTo(
    container,
    T.evidence,
    ({ dataDir }, opened, keys) => {
      const now = (): string => new Date().toISOString()
      const folder = join(dataDir, 'evidence')
      if (opened === null)
        return encryptedEvidenceStore({ store: localEvidenceStore(folder), keys, keepsAll: TE.right(false) })
      const store = firebaseEvidenceStore({ ...opened, staging: localStaging(join(folder, 'staged')), now })
      return encryptedEvidenceStore({ store, keys, keepsAll: bucketKeepsAll(opened.bucket, now) })
    },
    [T.config, T.bucket, T.subjectKeys],
  )
  bindTo(container, T.reportFiles, ({ dataDir }) => localReportFiles(join(dataDir, 'reports')), [T.config])
  bindTo(container, T.photoPool, photoPool, []).onDeactivation((pool) => pool.close())
  bindTo(
    container,
    T.analyser,
    async ({ look }, { relevanceModel }) => {
      if (relevanceModel === null) return photoAnalyser({ look, classifier: null })
      const classifier = onnxClassifier(relevanceModel)
      const loaded = await classifier.load()()
      if (E.isLeft(loaded))
        throw configError([
          {
            variable: 'RELEVANCE_MODEL',
            rule: `a model that can be loaded: ${loaded.left.reason}`,
            value: JSON.stringify(relevanceModel),
          },
        ])
      return photoAnalyser({ look, classifier }, versionWith(loaded.right))
    },
    [T.photoPool, T.config],
  )
  bindTo(container, T.workbooks, childProcessWorkbookReader, [])
  bindTo(container, T.workbookWriter, () => exceljsWorkbookWriter, [])
})
