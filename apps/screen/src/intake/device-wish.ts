import type { Device, DevicePut } from '@gridkeeper/contracts'

/** A form of a device as it is filled in. An owner of `none` is a login. */
export interface DeviceFields {
  readonly owner: { readonly type: 'asset' | 'keeper'; readonly code: string } | null
  readonly protocol: string
  readonly via: string
}

/** What to ask for: only what is another than it was, so that two people at once do not undo each other's. */
export function deviceWish(before: Device | null, { owner, protocol, via }: DeviceFields): DevicePut {
  const assetCode = owner?.type === 'asset' ? owner.code : null
  const keeperCode = owner?.type === 'keeper' ? owner.code : null
  const newVia = via.trim() === '' ? null : via.trim()
  const newProtocol = protocol.trim()
  const isOwnerSame = assetCode === (before?.assetCode ?? null) && keeperCode === (before?.keeperCode ?? null)
  const newOwner =
    assetCode !== null
      ? { assetCode }
      : keeperCode !== null
        ? { keeperCode }
        : { assetCode: null, keeperCode: null }
  return {
    ...(isOwnerSame ? {} : newOwner),
    ...(newProtocol === '' || newProtocol === before?.protocol ? {} : { protocol: newProtocol }),
    ...(newVia === (before?.via ?? null) ? {} : { via: newVia }),
  }
}
