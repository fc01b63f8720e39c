import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectSql } from './statement-guard.ts'

const refused = (sql: string) => inspectSql(sql).refusal !== undefined

describe('COPY FROM STDIN', () => {
  it.each([
    'copy t from stdin',
    'COPY t FROM STDIN',
    'CoPy public.t (a, b)\n\tfRoM\r\nstdin with (format csv)',
    'copy "from"."to" (a) from stdin',
    '/* a /* nested */ comment */ copy t from stdin',
    '-- copy\ncopy t -- x\n from /**/ stdin',
    '-- a carriage return ends a comment, too\rcopy t from stdin',
    'copy/**/t/**/from/**/stdin',
    'select 1; copy t from stdin',
    "select 'it''s'; copy t from stdin",
    "select E'\\'; -- '; copy t from stdin",
    'select $$;$$; copy t from stdin',
    'select $x$ $$ $x$; copy t from stdin',
    'begin; insert into t values (1); copy t from stdin; commit',
    'copy t from stdout',
    'copy binary t from stdin',
    ';;copy t from stdin;',
    'copy t(a)from stdin',
    "copy t from stdin delimiter ','",
  ])('is seen in: %s', (sql) => {
    expect(refused(sql)).toBe(true)
  })

  it.each([
    'copy t to stdout',
    'copy (select a from stdin) to stdout',
    "copy t from '/tmp/x'",
    "select 'copy t from stdin'",
    'select $$; copy t from stdin$$',
    '-- copy t from stdin',
    '/* ; copy t from stdin */ select 1',
    'select "copy" from stdin',
    'select copy from stdin',
    "select E'\\'; copy t from stdin'",
    'insert into copy select * from stdin',
    'select 1 as copy_from_stdin',
  ])('is not seen in: %s', (sql) => {
    expect(refused(sql)).toBe(false)
  })

  it('is seen after any prefix of complete statements and comments', () => {
    const harmless = fc.constantFrom(
      'select 1;',
      "select 'a;b';",
      'select $q$ ; $q$;',
      '/* ; */',
      '-- ;\n',
      'select "a;b" from t;',
      ' \t\n',
    )
    fc.assert(
      fc.property(fc.array(harmless), fc.boolean(), (prefix, isUpper) => {
        const copy = isUpper ? 'COPY t FROM STDIN' : 'copy t from stdin'
        expect(refused(prefix.join('') + copy)).toBe(true)
        expect(refused(prefix.join(''))).toBe(false)
      }),
    )
  })

  it('never throws, whatever the string is', () => {
    const piece = fc.constantFrom(
      'copy ',
      "'",
      '"',
      '$$',
      '$a$',
      '/*',
      '*/',
      '--',
      '\n',
      ';',
      '(',
      ')',
      'E',
      '\\',
      'x',
    )
    fc.assert(fc.property(fc.array(piece), (pieces) => void inspectSql(pieces.join(''))))
  })
})

describe('what one shared backend cannot do', () => {
  it.each([
    'listen x',
    'discard all',
    'deallocate all',
    'DEALLOCATE PREPARE ALL',
    'select pg_advisory_lock(1)',
    'select pg_catalog.pg_try_advisory_lock(1, 2)',
    'set session authorization bob',
    'set standard_conforming_strings = off',
  ])('is refused: %s', (sql) => {
    expect(refused(sql)).toBe(true)
  })

  it.each([
    'notify x',
    'select pg_advisory_xact_lock(1)',
    'discard plans',
    'deallocate p1',
    "select 'listen'",
    "update t set mode = 'listen'",
  ])('is let through: %s', (sql) => {
    expect(refused(sql)).toBe(false)
  })
})

describe('what the server looks after', () => {
  it.each(['set timezone = utc', 'select 1; reset all', "select set_config('a.b', 'c', false)"])(
    'notes a change of parameters: %s',
    (sql) => {
      expect(inspectSql(sql).changesSettings).toBe(true)
    },
  )

  it('does not take an update for one', () => {
    expect(inspectSql('update t set a = 1').changesSettings).toBe(false)
  })

  it('notes temporary tables', () => {
    expect(inspectSql('create temp table t (a int)').createsTemp).toBe(true)
    expect(inspectSql('select temperature from t').createsTemp).toBe(false)
  })
})
