import { describe, expect, it } from 'vitest'
import { startupPacket } from './raw-client.trial.ts'
import { parseStartupPacket, requestedSettings } from './startup-packet.ts'
import { int32, ProtocolViolation } from './wire-messages.ts'

const code = (value: number) => Buffer.concat([int32(8), int32(value)])

describe('parseStartupPacket', () => {
  it('knows the four first packets', () => {
    expect(parseStartupPacket(code(80_877_103)).kind).toBe('encryption-request')
    expect(parseStartupPacket(code(80_877_104)).kind).toBe('encryption-request')
    expect(parseStartupPacket(code(80_877_102)).kind).toBe('cancel-request')
    const startup = parseStartupPacket(startupPacket({ user: 'postgres', database: 'postgres' }))
    expect(startup).toMatchObject({ kind: 'startup', minorVersion: 0 })
  })

  it('refuses other protocol versions', () => {
    expect(() => parseStartupPacket(code(131_072))).toThrow(ProtocolViolation)
    expect(() => parseStartupPacket(int32(4))).toThrow(ProtocolViolation)
  })
})

describe('requestedSettings', () => {
  it('takes parameters and options, and leaves out what names the connection', () => {
    const settings = requestedSettings(
      new Map([
        ['user', 'postgres'],
        ['application_name', 'psql'],
        ['client_encoding', 'UTF8'],
        ['timezone', 'Asia/Shanghai'],
        ['options', '-c search_path=a,b --work_mem=8MB -c geqo=a\\ b'],
      ]),
    )
    expect(Object.fromEntries(settings)).toEqual({
      timezone: 'Asia/Shanghai',
      search_path: 'a,b',
      work_mem: '8MB',
      geqo: 'a b',
    })
  })
})
