import { join } from 'node:path'
import { ContainerModule } from 'inversify'
import { childProcessWorkbookReader } from '../../adapters/excel/workbook-reader.ts'
import { exceljsWorkbookWriter } from '../../adapters/excel/workbook-writer.ts'
import { firebaseEvidenceStore } from '../../adapters/firebase-storage/evidence-store.ts'
import { openBucket } from '../../adapters/firebase-storage/open-bucket.ts'
import { onnxClassifier } from '../../adapters/imaging/onnx-classifier.ts'
import { photoAnalyser } from '../../adapters/imaging/photo-analyser.ts'
import { photoPool } from '../../adapters/imaging/photo-pool.ts'
import { localEvidenceStore } from '../../adapters/local-files/evidence-store.ts'
import { localReportFiles } from '../../adapters/local-files/report-files.ts'
import { localStaging } from '../../adapters/local-files/staging.ts'
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
    ({ dataDir }, opened) =>
      opened === null
        ? localEvidenceStore(join(dataDir, 'evidence'))
        : firebaseEvidenceStore({
            ...opened,
            staging: localStaging(join(dataDir, 'evidence', 'staged')),
            now: () => new Date().toISOString(),
          }),
    [T.config, T.bucket],
  )
  bindTo(container, T.reportFiles, ({ dataDir }) => localReportFiles(join(dataDir, 'reports')), [T.config])
  bindTo(container, T.photoPool, photoPool, []).onDeactivation((pool) => pool.close())
  bindTo(
    container,
    T.analyser,
    ({ look }, { relevanceModel }) =>
      photoAnalyser({ look, classifier: relevanceModel === null ? null : onnxClassifier(relevanceModel) }),
    [T.photoPool, T.config],
  )
  bindTo(container, T.workbooks, childProcessWorkbookReader, [])
  bindTo(container, T.workbookWriter, () => exceljsWorkbookWriter, [])
})
