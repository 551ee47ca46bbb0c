import { join } from 'node:path'
import { ContainerModule } from 'inversify'
import { childProcessWorkbookReader } from '../../adapters/excel/workbook-reader.ts'
import { exceljsWorkbookWriter } from '../../adapters/excel/workbook-writer.ts'
import { photoAnalyser } from '../../adapters/imaging/photo-analyser.ts'
import { photoPool } from '../../adapters/imaging/photo-pool.ts'
import { localEvidenceStore } from '../../adapters/local-files/evidence-store.ts'
import { localReportFiles } from '../../adapters/local-files/report-files.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** Photos, documents and workbooks: where they lie and who reads them. */
export const filesModule = new ContainerModule((container) => {
  bindTo(container, T.evidence, ({ dataDir }) => localEvidenceStore(join(dataDir, 'evidence')), [T.config])
  bindTo(container, T.reportFiles, ({ dataDir }) => localReportFiles(join(dataDir, 'reports')), [T.config])
  bindTo(container, T.photoPool, photoPool, []).onDeactivation((pool) => pool.close())
  bindTo(container, T.analyser, ({ look }) => photoAnalyser({ look, classifier: null }), [T.photoPool])
  bindTo(container, T.workbooks, childProcessWorkbookReader, [])
  bindTo(container, T.workbookWriter, () => exceljsWorkbookWriter, [])
})
