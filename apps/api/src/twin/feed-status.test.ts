import { describe, expect, it } from 'vitest'
import { GatewayBoard } from './feed-status.ts'

const status = (gatewayId: string, taking: boolean, online = true) => ({ gatewayId, online, taking, atMs: 0 })

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
})
