import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export type RawPicture = {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
}

type HeifImage = {
  readonly get_width: () => number
  readonly get_height: () => number
  readonly display: (
    into: { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number },
    done: (drawn: unknown) => void,
  ) => void
  readonly free: () => void
}
type Libheif = { readonly HeifDecoder: new () => { readonly decode: (bytes: Uint8Array) => ReadonlyArray<HeifImage> } }

let loaded: Libheif | undefined

/** Opens a HEIC picture, upright; its pixels are only unpacked when there are no more than the limit. */
export const openHeic = async (
  bytes: Uint8Array,
  pixels: number,
): Promise<RawPicture | { readonly tooMany: number } | null> => {
  loaded ??= require('libheif-js/wasm-bundle') as Libheif
  const images = new loaded.HeifDecoder().decode(bytes)
  const [image] = images
  if (image === undefined) return null
  try {
    const width = image.get_width()
    const height = image.get_height()
    if (width * height > pixels) return { tooMany: width * height }
    const data = new Uint8ClampedArray(width * height * 4)
    const drawn = await new Promise((resolve) => image.display({ data, width, height }, resolve))
    return drawn === null || drawn === undefined
      ? null
      : { data: new Uint8Array(data.buffer), width, height, channels: 4 }
  } finally {
    for (const each of images) each.free()
  }
}
