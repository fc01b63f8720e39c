import { expect, it } from 'vitest'
import { withoutPasswords } from './run-service.ts'

it('keeps the passwords of connection strings out of the log', () => {
  expect(
    withoutPasswords({ port: 1, url: 'postgres://me:s%40cret@host:1/db', plain: 'http://host:1/a@b' }),
  ).toEqual({
    port: 1,
    url: 'postgres://me:***@host:1/db',
    plain: 'http://host:1/a@b',
  })
})
