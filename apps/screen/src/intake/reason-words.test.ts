import { refusalReasons, rejectReasons } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { intakeEn } from '../i18n/intake-en.ts'
import { intakeZh } from '../i18n/intake-zh.ts'

describe('words for reasons', () => {
  it.each([
    ['in Chinese', intakeZh],
    ['in English', intakeEn],
  ])('has one for every reason of the gateway and its door, and none besides, %s', (_, words) => {
    expect(Object.keys(words.reject).sort()).toEqual([...rejectReasons].sort())
    expect(Object.keys(words.refusal).sort()).toEqual([...refusalReasons].sort())
    for (const word of [...Object.values(words.reject), ...Object.values(words.refusal)])
      expect(word).not.toBe('')
  })
  it('tells the reasons of one list apart', () => {
    for (const words of [intakeZh.reject, intakeZh.refusal, intakeEn.reject, intakeEn.refusal])
      expect(new Set(Object.values(words)).size).toBe(Object.keys(words).length)
  })
})
