/**
 * A 64-bit hash of a JSON value: two lanes of 32 bits, each mixed and finished as MurmurHash3 does (public domain, Austin Appleby), with the constants of
 * its x86-128 form. Not against an adversary: who finds two messages with one hash could as well send the same message twice.
 *
 * The words that go in tell every value from every other: each begins with what it is, texts and lists tell how long they are. Objects count in the order of
 * their keys. −0 is 0, as it is in JSON once it has been written. Hashing numbers as numbers costs a tenth of printing them for a digest of the text. Stored ids
 * are made of it: any change here makes messages that are sent again new ones.
 */
export function hashValue(value: unknown): bigint {
  first = 0x3c07_4a61
  second = 0x52d6_1b7f
  words = 0
  addValue(value)
  const low = finish(first ^ words)
  const high = finish(second ^ words)
  halves[0] = low + high
  halves[1] = low + Math.imul(high, 2)
  return whole[0] ?? 0n
}

/** One hash at a time: nothing here waits. */
let first = 0
let second = 0
let words = 0
const whole = new BigInt64Array(1)
const halves = new Int32Array(whole.buffer)
const double = new Float64Array(1)
const doubleHalves = new Int32Array(double.buffer)

const what = { null: 1, false: 2, true: 3, number: 4, text: 5, list: 6, object: 7 } as const

function addValue(value: unknown): void {
  if (typeof value === 'number') {
    double[0] = value + 0
    addWord(what.number)
    addWord(doubleHalves[0]!)
    addWord(doubleHalves[1]!)
  } else if (typeof value === 'string') addText(what.text, value)
  else if (typeof value === 'boolean') addWord(value ? what.true : what.false)
  else if (Array.isArray(value)) {
    addWord(what.list)
    addWord(value.length)
    for (const part of value) addValue(part)
  } else if (typeof value === 'object' && value !== null) addObject(value as Record<string, unknown>)
  else addWord(what.null)
}

function addObject(value: Record<string, unknown>): void {
  addWord(what.object)
  for (const key in value) {
    // Absent and undefined are the same in JSON.
    if (value[key] === undefined) continue
    addText(what.text, key)
    addValue(value[key])
  }
  addWord(what.object)
}

function addText(kind: number, text: string): void {
  addWord(kind)
  addWord(text.length)
  for (let at = 0; at < text.length; at++) addWord(text.charCodeAt(at))
}

function addWord(word: number): void {
  words++
  let mixed = Math.imul(word, 0x239b_961b)
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0xab0e_9789)
  first ^= mixed
  first = (Math.imul((first << 19) | (first >>> 13), 5) + 0x561c_cd1b) | 0
  mixed = Math.imul(word, 0x38b3_4ae5)
  mixed = Math.imul((mixed << 16) | (mixed >>> 16), 0xa1e3_8b93)
  second ^= mixed
  second = (Math.imul((second << 17) | (second >>> 15), 5) + 0x0bca_a747) | 0
}

function finish(hash: number): number {
  let mixed = hash
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return mixed ^ (mixed >>> 16)
}
