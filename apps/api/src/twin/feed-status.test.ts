import type { GatewayStatus } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { GatewayBoard } from './feed-status.ts'

const status = (gatewayId: string, taking: boolean, online = true): GatewayStatus => ({
  gatewayId,
  online,
  taking,
  shedding: 'nothing',
  atMs: 0,
})

describe('GatewayBoard', () => {
  it('is down without the bus, and without a gateway', () => {
    const board = new GatewayBoard()
    expect(board.state).toBe('down')
    board.setBus(true)
    expect(board.state).toBe('down')
    board.hear(status('a', true))
    expect(board.state).toBe('live')
    board.setBus(false)
    expect(board.state).toBe('down')
  })

  it('is held while any gateway that is alive does not take', () => {
    const board = new GatewayBoard()
    board.setBus(true)
    board.hear(status('a', true))
    board.hear(status('b', false))
    expect(board.state).toBe('held')
    board.hear(status('b', false, false))
    expect(board.state).toBe('live')
  })

  it('sheds what the worst gateway that is alive sheds', () => {
    const board = new GatewayBoard()
    board.setBus(true)
    expect(board.shedding).toBe('nothing')
    board.hear({ ...status('a', true), shedding: 'fixes' })
    board.hear({ ...status('b', true), shedding: 'readings' })
    expect(board.shedding).toBe('readings')
    board.hear({ ...status('b', true, false), shedding: 'readings' })
    expect(board.shedding).toBe('fixes')
    board.setBus(false)
    expect(board.shedding).toBe('nothing')
  })

  it('remembers the last 32 gateways that are gone, and all that are alive', () => {
    const board = new GatewayBoard()
    board.setBus(true)
    board.hear(status('alive', true))
    for (let n = 0; n < 40; n++) board.hear(status(`gone-${n}`, false, false))
    expect(board.all).toHaveLength(33)
    expect(board.all[0]?.gatewayId).toBe('alive')
    expect(board.all.at(-1)?.gatewayId).toBe('gone-39')
  })
})
