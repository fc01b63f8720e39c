import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWith, itNeverThrows } from '../decoder.trial.ts'
import { shelly } from './decode-shelly.ts'

const prefix = 'shellypro3em-c45bbe000001'
const decode = (content: unknown, at = `${prefix}/status/em:0`) => decodeWith(shelly, at, content)
const readingOf = (content: unknown, at?: string) => decode(content, at).items[0]?.payload

describe('Shelly', () => {
  it('reads three phases in our units', () => {
    const em = {
      id: 0,
      a_current: 4.029,
      a_voltage: 236.1,
      a_act_power: 951.2,
      a_aprt_power: 951.9,
      a_pf: 1,
      a_freq: 50,
      b_current: 4.027,
      b_voltage: 236.2,
      b_act_power: -951.1,
      c_current: 3.03,
      c_voltage: 236.4,
      c_act_power: 715.4,
      n_current: null,
      total_current: 11.083,
      total_act_power: 2484.782,
      total_aprt_power: 2486.7,
      user_calibrated_phase: [],
    }
    expect(decode(em)).toMatchObject({ deviceKey: `shelly:${prefix}`, rejections: [] })
    expect(readingOf(em)).toEqual({
      v: { ua: 236.1, ub: 236.2, uc: 236.4, ia: 4.029, ib: 4.027, ic: 3.03, f: 50, p: 2.484782 },
    })
  })

  it.each([
    ['emdata:0', { id: 0, total_act: 123456.7, total_act_ret: 10 }, { kwh: 123.4567, kwh_reverse: 0.01 }],
    [
      'em1:0',
      { voltage: 230, current: 1, act_power: -250, pf: 0.9, freq: 50 },
      { ua: 230, ia: 1, pf: 0.9, f: 50, p: -0.25 },
    ],
    ['em1data:0', { total_act_energy: 1000 }, { kwh: 1 }],
    [
      'switch:0',
      { output: true, apower: 8.9, voltage: 237.5, aenergy: { total: 6532 } },
      { ua: 237.5, p: 0.0089, kwh: 6.532 },
    ],
  ])('reads %s', (component, status, v) => {
    expect(readingOf(status, `${prefix}/status/${component}`)).toEqual({ v })
  })

  it('has a key for each further channel', () => {
    expect(decode({ voltage: 1 }, 'home/cellar/status/em1:2').deviceKey).toBe('shelly:home.2Fcellar:2')
  })

  it('reads a notification at its own time, of one channel', () => {
    const rpc = {
      src: prefix,
      method: 'NotifyStatus',
      params: { ts: 1763726400.25, 'em:0': { a_voltage: 230 }, 'emdata:0': { total_act: 5 }, wifi: {} },
    }
    expect(readingOf(rpc, `${prefix}/events/rpc`)).toEqual({ t: 1763726400250, v: { ua: 230, kwh: 0.005 } })
    const two = { ...rpc, params: { ts: 1, 'em1:0': { voltage: 1 }, 'em1:1': { voltage: 1 } } }
    expect(decode(two, `${prefix}/events/rpc`)).toMatchObject({
      items: [],
      rejections: [{ reason: 'wrong-type' }],
    })
    expect(decode({ method: 'NotifyEvent', params: {} }, `${prefix}/events/rpc`)).toMatchObject({
      items: [],
      rejections: [],
    })
  })

  it('takes the last will as status', () => {
    expect(decode('false', `${prefix}/online`).items).toEqual([
      { channel: 'status', payload: { online: false } },
    ])
    expect(decode('perhaps', `${prefix}/online`).rejections).toHaveLength(1)
  })

  it('owns neither commands nor the topics of others', () => {
    for (const topic of [
      `${prefix}/rpc`,
      `${prefix}/command`,
      'gk/v1/M-1/online',
      'zigbee2mqtt/x/online',
      'online',
      `${prefix}/status/wifi`,
    ])
      expect(shelly.matches(topic), topic).toBe(false)
  })

  const words = fc.record({
    method: fc.constant('NotifyStatus'),
    a_voltage: fc.anything(),
    params: fc.dictionary(fc.constantFrom('ts', 'em:0', 'em1:1', 'switch:0'), fc.anything()),
  })
  itNeverThrows(
    shelly,
    [`${prefix}/status/em:0`, `${prefix}/status/switch:7`, `${prefix}/events/rpc`, `${prefix}/online`],
    words,
  )
})
