import { describe, expect, it } from 'vitest'
import { isFromPage, ownTracksTopicOf } from './ingest-topic.ts'

describe('ownTracksTopicOf', () => {
  it.each([
    ['u=jane&d=phone', {}, 'owntracks/jane/phone'],
    ['', { 'x-limit-u': 'jane', 'x-limit-d': 'phone' }, 'owntracks/jane/phone'],
    ['u=jane', {}, '/owntracks'],
    ['', {}, '/owntracks'],
    ['u=&d=phone', {}, '/owntracks'],
  ])('reads %s %o as %s', (query, headers, topic) => {
    expect(ownTracksTopicOf(new URLSearchParams(query), headers)).toBe(topic)
  })
})

describe('isFromPage', () => {
  it('tells a page from a device and from an address typed by hand', () => {
    expect(isFromPage({ origin: 'https://example.org' })).toBe(true)
    expect(isFromPage({ 'sec-fetch-site': 'cross-site' })).toBe(true)
    expect(isFromPage({ 'sec-fetch-site': 'none' })).toBe(false)
    expect(isFromPage({})).toBe(false)
  })
})
