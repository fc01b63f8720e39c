import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWith, itNeverThrows } from '../decoder.trial.ts'
import { tasmota } from './decode-tasmota.ts'

const topic = 'tele/pump_3/SENSOR'
const decode = (content: unknown, at = topic) => decodeWith(tasmota, at, content)
const payloadOf = (content: unknown) => decode(content).items[0]?.payload

describe('Tasmota', () => {
  it('reads a meter in our units; a time without a zone does not count', () => {
    const sensor = {
      Time: '2026-01-02T03:04:05',
      ENERGY: {
        TotalStartTime: '2025-01-01T00:00:00',
        Total: 123.456,
        Yesterday: 1.2,
        Today: 0.3,
        Period: 5,
        Power: 1500,
        ApparentPower: 1600,
        ReactivePower: 250,
        Factor: 0.94,
        Voltage: 229,
        Current: 6.98,
      },
    }
    expect(decode(sensor)).toEqual({
      deviceKey: 'tasmota:pump_3',
      items: [
        {
          channel: 'readings',
          payload: { v: { ua: 229, ia: 6.98, p: 1.5, q: 0.25, pf: 0.94, kwh: 123.456 } },
        },
      ],
      rejections: [],
      isList: false,
    })
    expect(payloadOf({ ...sensor, Time: '2026-01-02T03:04:05+08:00' })).toMatchObject({
      t: Date.UTC(2026, 0, 1, 19, 4, 5),
    })
  })

  it('reads three phases: each its voltage and current, their powers as one', () => {
    const ENERGY = {
      Voltage: [229, 230, 231],
      Current: [1, 2, 3],
      Power: [100, 200, 300],
      Factor: [1, 1, 0.9],
      Frequency: 50,
      Total: [1, 2, 3],
    }
    expect(payloadOf({ ENERGY })).toEqual({
      v: { ua: 229, ub: 230, uc: 231, ia: 1, ib: 2, ic: 3, p: 0.6, f: 50, kwh: 6 },
    })
  })

  it('takes the last will as status, and its uptime as nothing', () => {
    expect(decode('Offline', 'tele/a/b/LWT')).toMatchObject({
      deviceKey: 'tasmota:a.2Fb',
      items: [{ payload: { online: false } }],
    })
    expect(decode('Online', 'tele/a/LWT').items).toEqual([{ channel: 'status', payload: { online: true } }])
    expect(decode({ Uptime: 1 }, 'tele/a/STATE')).toMatchObject({ items: [], rejections: [] })
  })

  it.each([
    [topic, { Time: 'x', AM2301: { Temperature: 7 } }],
    [topic, { ENERGY: { Voltage: 'high' } }],
    [topic, { ENERGY: { Voltage: [1, 2, 3, 4] } }],
    [topic, 'x'],
    ['tele/a/LWT', 'x'],
  ])('refuses on %s: %o', (at, content) => {
    expect(decode(content, at)).toMatchObject({ items: [], rejections: [{ detail: expect.any(String) }] })
  })

  const words = fc.record({
    Time: fc.anything(),
    ENERGY: fc.dictionary(fc.constantFrom('Voltage', 'Power', 'Total', 'Factor'), fc.anything()),
  })
  itNeverThrows(tasmota, [topic, 'tele/a/LWT', 'tele/a/STATE'], words)
})
