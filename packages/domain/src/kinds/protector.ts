import type { Kind } from './kind.ts'
import { current, voltage } from './electrical-metrics.ts'

const MINUTE = 60_000

/**
 * Residual-current protector 剩余电流动作保护器 and line-protection device. `pos` is the IEC 60870-5 double point:
 * 0 intermediate, 1 open, 2 closed, 3 indeterminate. The platform only listens: there is no command.
 */
export const protector: Kind = {
  key: 'protector',
  label: { zh: '保护器', en: 'Protector' },
  code: 2,
  symbol: 'protector',
  metrics: [
    {
      key: 'residual',
      label: { zh: '剩余电流', en: 'Residual current' },
      unit: 'mA',
      type: 'number',
      range: [0, 30_000],
      decimals: 0,
    },
    {
      key: 'pos',
      label: { zh: '开关位置', en: 'Position' },
      unit: '',
      type: 'integer',
      range: [0, 3],
      decimals: 0,
      names: {
        0: { zh: '中间', en: 'Intermediate' },
        1: { zh: '分闸', en: 'Open' },
        2: { zh: '合闸', en: 'Closed' },
        3: { zh: '不定', en: 'Indeterminate' },
      },
    },
    voltage('ua', 'A'),
    voltage('ub', 'B'),
    voltage('uc', 'C'),
    current('ia', 'A', 20_000),
    current('ib', 'B', 20_000),
    current('ic', 'C', 20_000),
    {
      key: 'i0',
      label: { zh: '零序电流', en: 'Zero-sequence current' },
      unit: 'A',
      type: 'number',
      range: [0, 20_000],
      decimals: 2,
    },
    {
      key: 'lockout',
      label: { zh: '闭锁', en: 'Lock-out' },
      unit: '',
      type: 'boolean',
      decimals: 0,
    },
    {
      key: 'trips',
      label: { zh: '跳闸次数', en: 'Trips' },
      unit: '',
      type: 'integer',
      range: [0, 1_000_000],
      decimals: 0,
      cumulative: true,
    },
  ],
  headline: 'residual',
  curve: ['residual'],
  silentAfterMs: 30 * MINUTE,
  rules: [
    {
      key: 'tripped',
      label: { zh: '跳闸', en: 'Tripped' },
      severity: 'critical',
      metrics: ['pos'],
      when: 'is',
      raise: 1,
      clear: 2,
    },
    {
      key: 'lockout',
      label: { zh: '重合失败闭锁', en: 'Locked out' },
      severity: 'critical',
      metrics: ['lockout'],
      when: 'is',
      raise: 1,
      clear: 0,
    },
    {
      key: 'residual-high',
      label: { zh: '剩余电流越限', en: 'Residual current high' },
      severity: 'warning',
      metrics: ['residual'],
      when: 'above',
      raise: 240,
      clear: 200,
    },
  ],
}
