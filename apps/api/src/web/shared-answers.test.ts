import { describe, expect, it } from 'vitest'
import { SharedAnswers } from './shared-answers.ts'

describe('SharedAnswers', () => {
  it('asks once for all who ask meanwhile and for a short time after', async () => {
    let now = 0
    let asked = 0
    const answers = new SharedAnswers<number>(100, () => now)
    const get = () => answers.get('a', () => Promise.resolve(++asked))
    expect(await Promise.all([get(), get()])).toEqual([1, 1])
    now = 99
    expect(await get()).toBe(1)
    now = 101
    expect(await get()).toBe(2)
  })

  it('forgets a failure', async () => {
    const answers = new SharedAnswers<number>(100, () => 0)
    await expect(answers.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await answers.get('a', () => Promise.resolve(1))).toBe(1)
  })
})
