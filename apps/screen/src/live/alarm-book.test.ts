import type { Alarm } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { alarmBookSpanMs, createAlarmBook } from './alarm-book.ts'

const alarm = (id: number, part: Partial<Alarm> = {}): Alarm => ({
  id,
  assetId: 1,
  rule: 'r',
  severity: 'warning',
  metric: null,
  value: null,
  raisedAtMs: 0,
  clearedAtMs: null,
  ...part,
})

describe('alarm book', () => {
  it('does not know of none until a list has come', () => {
    expect(createAlarmBook().loadedAtMs.value).toBeNull()
  })

  it('keeps what is told while a list is on its way', () => {
    const book = createAlarmBook()
    const finish = book.beginLoad()
    book.apply(alarm(2))
    book.apply(alarm(1, { clearedAtMs: 5 }))
    finish([alarm(1)], 10)
    expect(book.all.get(1)?.clearedAtMs).toBe(5)
    expect(book.all.has(2)).toBe(true)
  })

  it('never opens a cleared alarm again', () => {
    const book = createAlarmBook()
    book.apply(alarm(1, { clearedAtMs: 5 }))
    book.apply(alarm(1))
    expect(book.all.get(1)?.clearedAtMs).toBe(5)
  })

  it('forgets cleared alarms of yesterday, keeps open ones of any age', () => {
    const book = createAlarmBook()
    book.beginLoad()([alarm(1, { clearedAtMs: 5 }), alarm(2)], alarmBookSpanMs + 1)
    expect([...book.all.keys()]).toEqual([2])
  })

  it('stays as it was when no list came', () => {
    const book = createAlarmBook()
    book.apply(alarm(1))
    book.beginLoad()(null, 10)
    expect(book.all.size).toBe(1)
    expect(book.loadedAtMs.value).toBeNull()
  })

  it('tells new alarms from known ones', () => {
    const book = createAlarmBook()
    expect([book.apply(alarm(1)), book.apply(alarm(1))]).toEqual([true, false])
  })
})
