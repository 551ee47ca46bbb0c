import { crc32, deflateRawSync } from 'node:zlib'

export type ZipPart = {
  readonly name: string
  readonly content: string | Buffer
  /** Says that the part is encrypted, as the general purpose flag does. */
  readonly encrypted?: boolean
  /** A size the directory claims instead of the true one. */
  readonly claimedSize?: number
}

/** A zip archive, part by part, with such lies as a test needs. */
export const zipOf = (parts: ReadonlyArray<ZipPart>): Buffer => {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const { name, content, encrypted = false, claimedSize } of parts) {
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes, { level: 9 })
    const label = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(encrypted ? 1 : 0, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claimedSize ?? bytes.length, 18)
    common.writeUInt16LE(label.length, 22)
    const header = Buffer.concat([Buffer.from('504b0304', 'hex'), common, label, packed])
    local.push(header)
    central.push(Buffer.concat([Buffer.from('504b01021400', 'hex'), common, directoryTail(offset), label]))
    offset += header.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  Buffer.from('504b0506', 'hex').copy(end)
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

const directoryTail = (offset: number): Buffer => {
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE(offset, 10)
  return tail
}
