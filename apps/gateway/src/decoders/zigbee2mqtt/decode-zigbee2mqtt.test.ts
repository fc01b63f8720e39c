import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWith, itNeverThrows } from '../decoder.trial.ts'
import { zigbee2mqtt } from './decode-zigbee2mqtt.ts'

const topic = 'zigbee2mqtt/breaker_1'
const decode = (content: unknown, at = topic) => decodeWith(zigbee2mqtt, at, content)

describe('zigbee2mqtt', () => {
  it('reads a residual-current breaker, in our units', () => {
    const state = {
      state: 'ON',
      power: 1234.5,
      current: 5.4,
      voltage: 228.6,
      energy: 12.34,
      temperature: 31,
      leakage_current: 7,
      event: 'normal',
      leakage_threshold: 30,
      linkquality: 120,
      last_seen: '2026-01-02T03:04:05.678Z',
    }
    expect(decode(state)).toEqual({
      deviceKey: 'zigbee2mqtt:breaker_1',
      items: [
        {
          channel: 'readings',
          payload: {
            t: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
            v: { residual: 7, ua: 228.6, ia: 5.4, p: 1.2345, kwh: 12.34, temp: 31, pos: 2, event: 'normal' },
          },
        },
      ],
      rejections: [],
      isList: false,
    })
  })

  it('leaves out what is null, and says nothing of what has no metric', () => {
    expect(decode({ state: 'OFF', voltage: null }).items).toEqual([
      { channel: 'readings', payload: { v: { pos: 1 } } },
    ])
    expect(decode({ linkquality: 9 })).toMatchObject({ items: [], rejections: [] })
  })

  it.each([
    ['{"state":"offline"}', false],
    ['online', true],
  ])('takes %s as availability', (content, isOnline) => {
    expect(decode(content, `${topic}/availability`).items).toEqual([
      { channel: 'status', payload: { online: isOnline } },
    ])
  })

  it('has keys for names with levels and of any script', () => {
    expect(decode({ voltage: 1 }, 'zigbee2mqtt/楼/1').deviceKey).toBe('zigbee2mqtt:.E6.A5.BC.2F1')
  })

  it('says nothing for the bridge', () => {
    expect(decode({ state: 'online' }, 'zigbee2mqtt/bridge/state')).toMatchObject({
      deviceKey: null,
      items: [],
      rejections: [],
    })
  })

  it.each([
    ['wrong-type', topic, { voltage: '228' }],
    ['wrong-type', topic, [1]],
    ['undecodable', topic, 'ON'],
    ['wrong-type', `${topic}/availability`, 'perhaps'],
  ])('refuses as %s on %s: %o', (reason, at, content) => {
    expect(decode(content, at)).toMatchObject({ items: [], rejections: [{ reason }] })
  })

  it('owns no command', () => {
    for (const other of [`${topic}/set`, `${topic}/get`, `${topic}/set/state`, 'zigbee2mqtt/', 'zigbee2mqtt'])
      expect(zigbee2mqtt.matches(other), other).toBe(false)
  })

  const words = fc.dictionary(
    fc.constantFrom('state', 'voltage', 'power', 'event', 'last_seen'),
    fc.anything(),
  )
  itNeverThrows(zigbee2mqtt, [topic, `${topic}/availability`, 'zigbee2mqtt/bridge/log'], words)
})
