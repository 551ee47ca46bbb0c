import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export type RawPicture = {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
}

type Handle = object
type Failure = { readonly code: unknown }
type Decoded = {
  readonly image: object
  readonly channels: ReadonlyArray<{
    readonly data: Uint8Array
    readonly width: number
    readonly height: number
    readonly stride: number
  }>
}

/** What we use of libheif as Emscripten gives it: memory is its own, and whatever is taken must be given back. */
type Libheif = {
  readonly heif_context_alloc: () => number
  readonly heif_context_free: (context: number) => void
  readonly heif_context_read_from_memory: (context: number, bytes: Uint8Array) => Failure
  readonly heif_js_context_get_primary_image_handle: (context: number) => (Handle & Partial<Failure>) | null
  readonly heif_image_handle_get_width: (handle: Handle) => number
  readonly heif_image_handle_get_height: (handle: Handle) => number
  readonly heif_image_handle_release: (handle: Handle) => void
  readonly heif_js_decode_image2: (
    handle: Handle,
    colours: unknown,
    order: unknown,
  ) => Promise<(Decoded & Partial<Failure>) | null>
  readonly heif_image_release: (image: object) => void
  readonly heif_error_code: { readonly heif_error_Ok: unknown }
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown }
  readonly heif_chroma: { readonly heif_chroma_interleaved_RGB: unknown }
}

let loaded: Libheif | undefined

/**
 * Opens a HEIC picture, upright, and gives its pixels to `read` where they lie: they are gone when it has answered. They
 * are only unpacked when there are no more than the limit; null when there is no picture inside.
 */
export const readHeic = async <A>(
  bytes: Uint8Array,
  pixels: number,
  read: (picture: RawPicture) => Promise<A>,
): Promise<A | { readonly tooMany: number } | null> => {
  loaded ??= require('libheif-js/wasm-bundle') as Libheif
  const heif = loaded
  const context = heif.heif_context_alloc()
  try {
    if (heif.heif_context_read_from_memory(context, bytes).code !== heif.heif_error_code.heif_error_Ok) return null
    const handle = heif.heif_js_context_get_primary_image_handle(context)
    if (handle === null || handle.code !== undefined) return null
    try {
      const count = heif.heif_image_handle_get_width(handle) * heif.heif_image_handle_get_height(handle)
      return count > pixels ? { tooMany: count } : await unpacked(heif, handle, read)
    } finally {
      heif.heif_image_handle_release(handle)
    }
  } finally {
    heif.heif_context_free(context)
  }
}

const unpacked = async <A>(
  heif: Libheif,
  handle: Handle,
  read: (picture: RawPicture) => Promise<A>,
): Promise<A | null> => {
  const decoded = await heif.heif_js_decode_image2(
    handle,
    heif.heif_colorspace.heif_colorspace_RGB,
    heif.heif_chroma.heif_chroma_interleaved_RGB,
  )
  if (decoded === null || decoded.code !== undefined) return null
  try {
    const [plane] = decoded.channels
    if (plane === undefined) return null
    const { width, height } = plane
    return await read({ data: withoutPadding(plane), width, height, channels: 3 })
  } finally {
    heif.heif_image_release(decoded.image)
  }
}

/** Rows may be longer than their pixels. */
const withoutPadding = ({ data, width, height, stride }: Decoded['channels'][number]): Uint8Array => {
  const row = width * 3
  if (stride === row) return data.subarray(0, row * height)
  const packed = new Uint8Array(row * height)
  for (let y = 0; y < height; y += 1) packed.set(data.subarray(y * stride, y * stride + row), y * row)
  return packed
}
