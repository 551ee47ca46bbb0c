import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as E from 'fp-ts/lib/Either.js'
import { prepareZXingModule, type ReadInputBarcodeFormat, readBarcodes } from 'zxing-wasm/reader'
import type { BarcodeKind } from '../../domain/evidence/judge-barcode.ts'
import { parseUpsSerial, serialFromBarcode } from '../../domain/shared/drop.ts'
import type { Pixels } from './measures.ts'
import { valueAt } from './value-at.ts'

const MOST_CODES = 12
/** What labels of ONTs and UPSs are printed in; each further kind costs time on every picture without one. */
const FORMATS = ['QRCode', 'DataMatrix', 'Code128', 'Code39'] as const satisfies ReadonlyArray<ReadInputBarcodeFormat>

let prepared = false

/** Left to itself the reader would fetch its program from the network. */
const prepare = (): void => {
  if (prepared) return
  prepareZXingModule({
    overrides: {
      wasmBinary: new Uint8Array(
        readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')),
      ).buffer,
    },
  })
  prepared = true
}

const SERIAL_OF = { ont_serial: serialFromBarcode, ups_serial: parseUpsSerial } as const

/** The serials on the labels in a picture, each once. Of a code nothing but its serial is kept: the rest may hold a login. */
export const serialsIn = async ({ rgb, width, height }: Pixels, kind: BarcodeKind): Promise<ReadonlyArray<string>> => {
  prepare()
  const data = new Uint8ClampedArray(width * height * 4)
  for (let at = 0, from = 0; from < rgb.length; at += 4, from += 3) {
    data[at] = valueAt(rgb, from)
    data[at + 1] = valueAt(rgb, from + 1)
    data[at + 2] = valueAt(rgb, from + 2)
    data[at + 3] = 255
  }
  const found = await readBarcodes({ data, width, height } as Parameters<typeof readBarcodes>[0], {
    formats: [...FORMATS],
    tryHarder: true,
    tryInvert: false,
    maxNumberOfSymbols: MOST_CODES,
  })
  const serials = found.map(({ text }) => SERIAL_OF[kind](text)).flatMap((one) => (E.isRight(one) ? [one.right] : []))
  return [...new Set(serials)]
}
