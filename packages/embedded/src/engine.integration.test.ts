import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { templateDir } from './embedded.trial.ts'
import { queryEngine, QueryFailure } from './engine-query.ts'
import { EngineTrap, openEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { bind, execute, parse, query, sync } from './raw-client.trial.ts'
import { loadTemplate } from './template-file.ts'
import { backendMessages, noticeFields, trailingStatus } from './wire-messages.ts'

let engine: Engine

beforeAll(async () => {
  engine = await openEngine({ directory: undefined, fsync: true, template: await loadTemplate(templateDir) })
  queryEngine(engine, 'create table item (id int)')
}, 60_000)
afterAll(() => engine.close())

const shown = (reply: Buffer) =>
  [...backendMessages(reply)].map(({ type, body }) =>
    type === 'E' ? `E:${noticeFields(body).get('C') ?? ''}` : type,
  )

describe('the engine', () => {
  it('ends a COPY FROM STDIN that the guard has missed as an ordinary error', () => {
    expect(shown(engine.run(query('copy item from stdin')))).toEqual(['G', 'E:57014', 'Z'])
    expect(shown(engine.run(parse('', 'copy item from stdin')))).toEqual(['1'])
    engine.run(bind(''))
    expect(shown(engine.run(execute))).toEqual(['G', 'E:57014'])
    expect(trailingStatus(engine.run(sync))).toBe('I')
    expect(queryEngine(engine, 'select count(*) as count from item')).toEqual([{ count: '0' }])
  })

  it('takes a message in parts and gives replies of any size', () => {
    const text = 'x'.repeat(300_000)
    const message = query(`select '${text}' as a, null as b`)
    const reply = engine.run(message.subarray(0, 7), message.subarray(7, 100_000), message.subarray(100_000))
    expect(shown(reply)).toEqual(['T', 'D', 'C', 'Z'])
    expect(reply.includes(text)).toBe(true)
    expect(queryEngine(engine, 'select 1 as a, null as b')).toEqual([{ a: '1', b: null }])
  })

  it('fails a query of our own as an error with its SQLSTATE', () => {
    expect(() => queryEngine(engine, 'select 1/0')).toThrow(QueryFailure)
    expect(queryEngine(engine, 'select 1 as a')).toEqual([{ a: '1' }])
  })
})

it('an engine that has trapped says so', async () => {
  const doomed = await openEngine({
    directory: undefined,
    fsync: true,
    template: await loadTemplate(templateDir),
  })
  expect(() => doomed.run(Buffer.from('y\0\0\0\x04'))).toThrow(EngineTrap)
}, 60_000)
