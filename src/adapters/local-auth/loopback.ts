/** 127.0.0.0/8, ::1 (also written out or mapped) and localhost, with or without brackets; no port. */
export const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' ||
  /^\[?(::1|0:0:0:0:0:0:0:1)\]?$/.test(host) ||
  /^(::ffff:)?127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/i.test(host)
