import type { Device } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { deviceWish } from './device-wish.ts'

const device = (change: Partial<Device> = {}): Device => ({
  key: 'K',
  protocol: 'native',
  state: 'active',
  assetCode: null,
  keeperCode: null,
  via: null,
  secret: null,
  online: null,
  statusAtMs: null,
  createdAtMs: 0,
  changedAtMs: 0,
  ...change,
})
const same = { owner: null, protocol: 'native', via: '' }

describe('deviceWish', () => {
  it('asks for nothing where nothing is another', () => {
    expect(deviceWish(device(), same)).toEqual({})
    const bound = device({ assetCode: 'A', via: 'L' })
    expect(deviceWish(bound, { ...same, owner: { type: 'asset', code: 'A' }, via: ' L ' })).toEqual({})
  })
  it('binds, unbinds, and goes from an asset to a keeper', () => {
    expect(deviceWish(null, { ...same, owner: { type: 'asset', code: 'A' } })).toEqual({
      assetCode: 'A',
      protocol: 'native',
    })
    expect(deviceWish(device({ assetCode: 'A' }), same)).toEqual({ assetCode: null, keeperCode: null })
    expect(deviceWish(device({ assetCode: 'A' }), { ...same, owner: { type: 'keeper', code: 'P' } })).toEqual(
      {
        keeperCode: 'P',
      },
    )
  })
  it('takes the login away when the field is emptied', () => {
    expect(deviceWish(device({ via: 'L' }), same)).toEqual({ via: null })
  })
})
