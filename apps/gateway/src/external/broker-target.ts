import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { createWebSocketStream, WebSocket } from 'ws'

/** Where a broker is and how it is reached. Certificates are read once, at start. */
export interface BrokerTarget {
  readonly url: URL
  readonly tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>
}

export interface TlsFiles {
  readonly caFile: string | null
  readonly certFile: string | null
  readonly keyFile: string | null
}

/** Throws if a file cannot be read. */
export const makeTarget = (url: string, { caFile, certFile, keyFile }: TlsFiles): BrokerTarget => ({
  url: new URL(url),
  tls: {
    ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === null ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === null ? {} : { key: readFileSync(keyFile) }),
  },
})

const defaultPorts: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 }

/** Without what logs in. */
export const addressOf = ({ url }: BrokerTarget): string =>
  `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`

/** A stream that may be written to at once; a failure comes as its `error`. */
export function openStream({ url, tls }: BrokerTarget): Duplex {
  if (url.protocol === 'ws:' || url.protocol === 'wss:') {
    const address = new URL(url)
    address.username = ''
    address.password = ''
    const socket = new WebSocket(address, 'mqtt', { ...tls, perMessageDeflate: false })
    return createWebSocketStream(socket)
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = Number(url.port) || (defaultPorts[url.protocol] ?? 1883)
  if (url.protocol === 'mqtt:') return connectTcp({ host, port, noDelay: true })
  return connectTls({ host, port, servername: host, ...tls })
}
