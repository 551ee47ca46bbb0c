import { stat } from 'node:fs/promises'
import { fileTypeFromBuffer, fileTypeFromFile } from 'file-type'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { StagedContent, StorageUnavailable } from '../../application/ports/evidence-store.ts'
import type { DocumentMime, PictureMime } from '../../domain/evidence/evidence.ts'

export const pictureExtensions: Readonly<Record<PictureMime, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/heic': 'heic',
}

export const documentExtensions: Readonly<Record<DocumentMime, string>> = {
  'application/pdf': 'pdf',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
}

export type FileKind = { readonly found: string; readonly sizeBytes: number }

/** What a file is by its first bytes: a MIME type, or `empty` or `unknown`. A hint, never proof that it can be read. */
export const fileKind =
  (content: StagedContent): TaskEither<StorageUnavailable, FileKind> =>
  async () => {
    const sizeBytes = content.type === 'bytes' ? content.bytes.byteLength : await sizeOf(content.path)
    if (typeof sizeBytes !== 'number') return E.left(sizeBytes)
    if (sizeBytes === 0) return E.right({ found: 'empty', sizeBytes })
    const detected = content.type === 'bytes' ? fileTypeFromBuffer(content.bytes) : fileTypeFromFile(content.path)
    const kind = await detected.catch(() => undefined)
    return E.right({ found: sameName(kind?.mime ?? 'unknown'), sizeBytes })
  }

/** Phones write HEIC under its container's name, too. */
const sameName = (mime: string): string => (mime === 'image/heif' ? 'image/heic' : mime)

const sizeOf = (path: string): Promise<number | StorageUnavailable> =>
  stat(path).then(
    ({ size }) => size,
    (cause: NodeJS.ErrnoException) => ({ type: 'StorageUnavailable', reason: String(cause.code) }),
  )
