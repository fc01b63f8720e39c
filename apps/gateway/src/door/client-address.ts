import { BlockList, isIP } from 'node:net'

/** The proxies whose word about an address we believe. Each is an address or a network (`10.0.0.0/8`). */
export function trustedProxies(list: readonly string[]): BlockList {
  const trusted = new BlockList()
  for (const entry of list) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(bits), family)
  }
  return trusted
}

export const isProxy = (entry: string): boolean => {
  const [address = '', bits = '0', ...more] = entry.split('/')
  const version = isIP(address)
  return (
    version !== 0 && more.length === 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32)
  )
}

/** Where a request came from: the last address of `X-Forwarded-For` that no proxy of ours has. Without a proxy of ours in front, the header is only a claim. */
export function clientAddress(
  remote: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trusted: BlockList,
): string {
  let address = plain(remote ?? '')
  const hops = [forwardedFor ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((hop) => plain(hop.trim()))
  while (isTrusted(address, trusted)) {
    const hop = hops.pop()
    if (hop === undefined || isIP(hop) === 0) break
    address = hop
  }
  return address
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

const isTrusted = (address: string, trusted: BlockList) => {
  const version = isIP(address)
  return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
}
