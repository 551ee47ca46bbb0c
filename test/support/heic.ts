/** A test card of 64 x 64 pixels as one HEVC picture in a HEIC file, made by an encoder that the tests do not have. */
export const heic = (): Buffer =>
  Buffer.from(
    [
      'AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAABKG1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAAAAAADnBpdG0AAAAAAA',
      'EAAAAeaWxvYwAAAABEAAABAAEAAAABAAABSAAAArUAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAKxpcHJwAAAAj2lwY28A',
      'AABzaHZjQwEECAAAAJ+oAAAAAB7wAPz9+PgAAAsDoAABABdAAQwB//8ECAAAAwCfqAAAAwAAHroCQKEAAQAnQgEBBAgAAAMAn6gAAAMAAB6gII',
      'EFlupJMrwFoCAAAAMAIAAAAwAhogABAAdEAcFysCJAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAVaXBtYQAAAAAAAAABAAECgQIAAAK9bWRhdAAA',
      'ArEoAa94pHlNfYauj/dSTd74hQdYho11rj4Qqoi1Uekq/Nz3b/3R5uhCMlEKhjDJHueCOogLWzakoCtzbq8e/2PS1MFHa///SbDUN6CxQrLB2T',
      '3OOfnolKtBYjqHP4SDglJG7UBQPtietk6rn86Kxw3Y5cZP6zpQLG/1+B9s0RvY4yf0pqDDwVZoZSTO69k1Nk/YpeDIBSzZZF4+vOa9SCcfaZRj',
      'wIgGg9EbsUKZBkoRSu74rgP6c4koGTqFP7dEj7lQNpUoy2xBdK5+SVe/E0gXtOZylwx1VVaHJbTRtfKrUO+mTMYf5LZcTBQcnTXxiWfR9lN5oS',
      'n9c3tu1rGKf+kDzEZzG8kIjP8+UwSBs5o/q++Xq5K2jdqsR2BZRk8Lxxyw3mi09gShRy94kl81dMxQOA/Cxp1LhErBx5MAn4FuKqv9vfkOMkW0',
      'vSpLtWsfqyf0NomxqBqMrQasQLNUeTYONVdg05y5VT9Rhfvko1FCUsgd90YVsMhJwzxdo6u7GiOZ88JJC4VQ9KJKJgJN9VrxZ8ZmWHZbK2NnzR',
      'B8NtF/ukTplYLVAnuJwdir6+vNk/IlIi82zmY4rWuy7595ui7HqeXLWOzje5K8Tz4NcDCF0cPfnLxa+4PTW4izpsJfL30mLdmx+NcOPCxULcxs',
      'Gv89MkSOMPCNHf/swiLWOJJ9Zj8ArBQBPESMOaRh3Bqk+0K6qqYtiaaxbAZ5D1xXDC7PeG+D6ftjAxOvmiDoL3mVqHOu26BUMfqr9rl1fMtp1l',
      'hSGg36royFGJl1hW7XZGvGO4jw1JWSDXt0L5F9ZN9xXgBjF57nPKeETzl8oCVkRuiaLTOm72gQSxPTJIgxFA/n++s6Cq6H18+TXgHgOlGA0GJR',
      't21UohDftpRryEaCfmFPk+lxyHbZsLNr9olHamkRgA==',
    ].join(''),
    'base64',
  )

/** One picture of 512 x 512 pixels, coded by HEVC, and what a decoder must know of it. */
const TILE = {
  side: 512,
  settings: Buffer.from(
    [
      'AAAAc2h2Y0MBA3AAAACQAAAAAABa8AD8/fj4AAAPA6AAAQAYQAEMAf//A3AAAAMAkAAAAwAAAwBaugJAoQABACdCAQEDcAAAAwCQAAADAAADAF',
      'qgBAIAgFlupJMrgEAAAPoAAAMA+gKiAAEABkQBwXGBEg==',
    ].join(''),
    'base64',
  ),
  coded: Buffer.from(
    [
      'AAADlSgBr1j5iKGScslP6c7sR7wE442wR8dyzS++3wt/hsdr+eYW7VkhsC3tx4zlZUbnCS93P6s/3N3HsHFDjIJCMqWBkD18zmmLVDxdB3yijB',
      'LpT4nttwUCmNU+FyTYsuvdvCSYCr4SUFatZ1KNIVDNwv5J7fW2V21bL2Y6FdCJiZCcFMDQElm1quWeI0RamC0XeXqZKDkiHgwTo6UPO5rjvdvM',
      '2+bx/s7F2f2KT5IC1nZddAavarFj8+VEE9tZYd14Yocu4EdZ1QRb7vpuMXMo4w+kQSHqv0qzKY0t5gdQM2tAsH22JyxVswUw+TLf+A9P80NE4v',
      'QfM+5DpdJ7OlesPByYmlsa0Kdtk9ZfkjOrwAI/ytGD15kXml7ELtsfigYwWA9cEDN2uO5FtCgJPaxFcM2wtCH5g3M2odn9K+8OdyCZqpUSyjMf',
      'q/58GzLKbDX29LNhODUwskSj2KYg9taJ2V3FlOBqvpoq748VcmZoMXI8R+Fi3Me1kMZRBeD4sDyOh+U2E1tvsZkcpSl9JjW/74BW5dtlqzbh+f',
      'Wos9uQ/kEjHgJFmNpDlaq8UCzSaW3CfqX0oz7FvoSnrFfgLr8AjYZRDnmsxPJQ/I9KtZHEL0p6+hIPBEyp9ud6uW2fVZt14tQNdXgTYUsZZTiE',
      '1VIqRGiMw3RlTeE2iUis7Gr58aO2PiqjXgeN5yFZe3NGzjTEmTEwIimndFujZ6Wn6MvNsJ9HMkWrToUHIR/uqYJtyunhWXty7M4z8vpdqXnruF',
      'JNPFhLsT0MKyIltifZBJ6ZU2hAhUjv5wK8pkOi2VLzmANcwzRQZDpONxRKnmEgIqaUzrXN3asmc/kQB2WG+d/F1nsvnJkUDs5x5ekaKMGCoXCP',
      '/v0fCQzjf7vHQ5Qn2Hq86207MeABm53ZqiJm0hnY3DpaKkhUzrWBQX8e0lEpmIdkNJwLVpmEB4n8dHdH9zgPa8q6hOLP7Y+ursrxt7uzRq/QoH',
      'XtmeG9GIElJPDzVePEwT2cpeJQ3KpNIDpvJrYCO+NnThcN79GQGZsPAowZRa07seMA1XJVN0xXN/wGf2Psi0Tf+qdtodMzf9MyyJ0VRa+qLse2',
      '5mB+sqEtnCcIE2GmHW0SD0eCMXSRmpJud60iBEU/tCtc0xUf86bT90WebhFQYmJryYDO/LVwC/yVDc+azViYsuxJSq4c2bXdMTL1yg2VcLsNH7',
      '5dn+9zWjfzdtSGwO06',
    ].join(''),
    'base64',
  ),
}

const u16 = (n: number): Buffer => Buffer.from([n >> 8, n])
const u32 = (n: number): Buffer => Buffer.concat([u16(n >>> 16), u16(n & 0xffff)])
const box = (name: string, ...parts: ReadonlyArray<Buffer>): Buffer => {
  const content = Buffer.concat(parts)
  return Buffer.concat([u32(content.length + 8), Buffer.from(name, 'latin1'), content])
}
const versioned = (name: string, version: number, ...parts: ReadonlyArray<Buffer>): Buffer =>
  box(name, Buffer.from([version, 0, 0, 0]), ...parts)

/**
 * A picture of so many pixels as phones write them: tiles of 512 in a grid (ISO/IEC 23008-12, 6.6.2.3), each with the same
 * content, which lies in the file once. `claims` are the sides that its header names.
 */
export const heicOf = (width: number, height: number, claims = { width, height }): Buffer => {
  const [columns, rows] = [Math.ceil(width / TILE.side), Math.ceil(height / TILE.side)]
  const tiles = Array.from({ length: columns * rows }, (_, i) => i + 2)
  const grid = Buffer.concat([Buffer.from([0, 1, rows - 1, columns - 1]), u32(claims.width), u32(claims.height)])
  const sides = (w: number, h: number) => versioned('ispe', 0, u32(w), u32(h))
  const item = (id: number, type: string) => versioned('infe', 2, u16(id), u16(0), Buffer.from(`${type}\0`, 'latin1'))
  const place = (id: number, at: number, length: number) =>
    Buffer.concat([u16(id), u16(0), u16(1), u32(at), u32(length)])
  const has = (id: number, ...properties: ReadonlyArray<number>) =>
    Buffer.concat([u16(id), Buffer.from([properties.length, ...properties])])
  const type = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1'))
  const header = (at: number): Buffer =>
    versioned(
      'meta',
      0,
      versioned('hdlr', 0, u32(0), Buffer.from('pict', 'latin1'), Buffer.alloc(13)),
      versioned('pitm', 0, u16(1)),
      versioned(
        'iloc',
        0,
        Buffer.from([0x44, 0]),
        u16(tiles.length + 1),
        place(1, at, grid.length),
        ...tiles.map((id) => place(id, at + grid.length, TILE.coded.length)),
      ),
      versioned('iinf', 0, u16(tiles.length + 1), item(1, 'grid'), ...tiles.map((id) => item(id, 'hvc1'))),
      versioned('iref', 0, box('dimg', u16(1), u16(tiles.length), ...tiles.map(u16))),
      box(
        'iprp',
        box('ipco', TILE.settings, sides(TILE.side, TILE.side), sides(claims.width, claims.height)),
        versioned('ipma', 0, u32(tiles.length + 1), has(1, 0x03), ...tiles.map((id) => has(id, 0x81, 0x02))),
      ),
    )
  return Buffer.concat([type, header(type.length + header(0).length + 8), box('mdat', grid, TILE.coded)])
}
