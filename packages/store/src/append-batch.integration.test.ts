import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendBatch } from './append-batch.ts'
import type { AppendResult, Batch, ReadingRow } from './batch.ts'
import { migrate } from './migrate.ts'
import { openStore, type AppendPath, type Store } from './pool.ts'
import {
  baseMs,
  batch,
  cover,
  deadLetter,
  event,
  fix,
  meter,
  reading,
  registerAll,
  valuesOf,
} from './rows.trial.ts'

const isNative = (process.env['TEST_DATABASE_URL'] ?? '') !== ''
const assetCount = 400
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

// One suite for both ways of appending: what it says is what `appendBatch` promises, whatever is below.
for (const path of ['unnest', 'copy'] as const satisfies readonly AppendPath[]) {
  const isMissing = path === 'copy' && !isNative
  const title = isMissing ? 'by copy (needs a native server: TEST_DATABASE_URL)' : `by ${path}`

  describe.skipIf(isMissing)(`appending ${title}`, () => {
    let database: TestDatabase
    let store: Store
    let nextAsset = 1

    /** An asset that no other test uses. */
    const freshAsset = () => {
      if (nextAsset > assetCount) throw new Error('register more assets')
      return nextAsset++
    }
    const append = (given: Batch): Promise<AppendResult> => appendBatch(store.pool, path, given)
    const query = async <Row extends object>(text: string, values: unknown[] = []) =>
      (await store.pool.query<Row>(text, values)).rows
    const countOf = async (table: string, where = 'true') =>
      (await query<{ count: number }>(`select count(*)::int as count from ${table} where ${where}`))[0]?.count
    const rowsOf = (assetId: number) => countOf('reading_meter', `asset_id = ${assetId}`)

    beforeAll(async () => {
      database = await startTestDatabase()
      store = await openStore({ url: database.url, applicationName: 'test', appendPath: path })
      await migrate(store.pool)
      await registerAll(store.pool, assetCount)
    })
    afterAll(async () => {
      await store?.close()
      await database?.stop()
    })

    describe('once', () => {
      it('adds nothing when the same batch comes again', async () => {
        const assetId = freshAsset()
        const given = batch({
          readings: [reading({ assetId }), reading({ assetId, messageId: 2n })],
          fixes: [fix({ keeperId: assetId })],
          events: [event({ deviceKey: `M-${assetId}` })],
        })
        expect(await append(given)).toMatchObject({ readings: 2, fixes: 1, events: 1 })
        expect(await append(given)).toMatchObject({ readings: 0, fixes: 0, events: 0 })
        expect(await rowsOf(assetId)).toBe(2)
      })

      it('takes a message once that is twice in one batch', async () => {
        const assetId = freshAsset()
        const result = await append(
          batch({
            readings: [reading({ assetId }), reading({ assetId }), reading({ assetId, messageId: 5n })],
          }),
        )
        expect(result.readings).toBe(2)
        expect(await rowsOf(assetId)).toBe(2)
      })

      it('keeps the new rows of a batch in which others are known', async () => {
        const assetId = freshAsset()
        await append(batch({ readings: [reading({ assetId })] }))
        const rows = Array.from({ length: 1200 }, (_, at) => reading({ assetId, timeMs: baseMs + at }))
        expect((await append(batch({ readings: rows }))).readings).toBe(1199)
        expect(await rowsOf(assetId)).toBe(1200)
      })

      it('keeps two different messages of one instant', async () => {
        const assetId = freshAsset()
        await append(
          batch({ readings: [reading({ assetId, messageId: -1n }), reading({ assetId, messageId: 1n })] }),
        )
        expect(await rowsOf(assetId)).toBe(2)
      })

      it('takes any 64-bit message id', async () => {
        const assetId = freshAsset()
        const ids = [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n]
        const rows = ids.map((messageId) => reading({ assetId, messageId }))
        await append(batch({ readings: rows }))
        expect((await append(batch({ readings: rows }))).readings).toBe(0)
        const stored = await query<{ message_id: string }>(
          'select message_id from reading_meter where asset_id = $1',
          [assetId],
        )
        expect(new Set(stored.map((row) => BigInt(row.message_id)))).toEqual(new Set(ids))
      })

      it('knows a message with an absurd clock again, however late it is sent again', async () => {
        const assetId = freshAsset()
        const sentAt = (receivedAtMs: number, claimedMs = -1e12) =>
          reading({ assetId, timeMs: receivedAtMs, receivedAtMs, claimedMs, messageId: 9n, flags: 2 })
        expect((await append(batch({ readings: [sentAt(baseMs), sentAt(baseMs + 1)] }))).readings).toBe(1)
        expect((await append(batch({ readings: [sentAt(baseMs + 60_000)] }))).readings).toBe(0)
        expect((await append(batch({ readings: [sentAt(baseMs + 60_000, 1e300)] }))).readings).toBe(1)
        expect(await rowsOf(assetId)).toBe(2)
      })

      it('does not take an event for a reading with the same number and the same absurd clock', async () => {
        const assetId = freshAsset()
        const odd = { deviceKey: `M-${assetId}`, assetId, claimedMs: 7, messageId: 7n }
        const result = await append(
          batch({
            readings: [reading(odd)],
            events: [event(odd)],
            fixes: [fix({ ...odd, keeperId: assetId })],
          }),
        )
        expect(result).toMatchObject({ readings: 1, events: 1, fixes: 1 })
      })

      it('does not let the judge see a repetition whose clock is absurd', async () => {
        const assetId = freshAsset()
        const given = reading({ assetId, claimedMs: 1, messageId: 3n })
        const judged: number[] = []
        const counting: Batch = {
          ...batch({ readings: [given, given, reading({ assetId })] }),
          judge: (readings) => {
            judged.push(readings.length)
            return { presentReadings: [], presentFixes: [], raises: [], clears: [] }
          },
        }
        await append(counting)
        await append(counting)
        expect(judged).toEqual([2, 1])
      })
    })

    describe('all or nothing', () => {
      it('leaves nothing of a batch in which one row is refused', async () => {
        const assetId = freshAsset()
        const deadLetters = await countOf('dead_letter')
        const refused = batch(
          {
            readings: [reading({ assetId }), reading({ assetId, claimedMs: 1, messageId: 2n })],
            fixes: [fix({ keeperId: assetId })],
            deadLetters: [deadLetter()],
            events: [event({ deviceKey: `M-${assetId}`, data: { text: '\ud800' } })],
          },
          { presentReadings: [reading({ assetId })] },
        )
        await expect(append(refused)).rejects.toMatchObject({ code: expect.stringMatching(/^22/) })
        expect(await rowsOf(assetId)).toBe(0)
        expect(await countOf('fix', `keeper_id = ${assetId}`)).toBe(0)
        expect(await countOf('asset_state', `asset_id = ${assetId}`)).toBe(0)
        expect(await countOf('claimed_message', `device_key = 'M-${assetId}'`)).toBe(0)
        expect(await countOf('dead_letter')).toBe(deadLetters)
      })

      it('leaves nothing when a later statement is refused, and goes on with the next batch', async () => {
        const assetId = freshAsset()
        const status = { deviceKey: 'nobody', online: true, receivedAtMs: baseMs }
        await expect(
          append(batch({ readings: [reading({ assetId })], statuses: [status] })),
        ).rejects.toMatchObject({ code: '23503' })
        expect(await rowsOf(assetId)).toBe(0)
        expect((await append(batch({ readings: [reading({ assetId })] }))).readings).toBe(1)
      })

      it('takes an empty batch', async () => {
        expect(await append(batch({}))).toEqual({ readings: 0, fixes: 0, events: 0, alarms: [] })
      })
    })

    describe('present state', () => {
      const present = (...rows: ReadingRow[]) => append(batch({ readings: rows }, { presentReadings: rows }))
      const stateOf = async (assetId: number) =>
        (
          await query<{ ms: number; message_id: string; values: Record<string, unknown>; flags: number }>(
            `select (extract(epoch from time) * 1000)::double precision as ms, message_id, values, flags from asset_state where asset_id = $1`,
            [assetId],
          )
        )[0]

      it('never goes back, and does not ask in which order messages came', async () => {
        const moment = fc.record({
          ms: fc.integer({ min: 0, max: 5 }),
          id: int64,
          p: fc.integer({ min: -9, max: 9 }),
        })
        const history = fc.uniqueArray(moment, {
          minLength: 2,
          maxLength: 6,
          selector: ({ ms, id }) => `${ms} ${id}`,
        })
        await fc.assert(
          fc.asyncProperty(history, async (messages) => {
            const assetId = freshAsset()
            for (const { ms, id, p } of messages)
              await present(
                reading({ assetId, timeMs: baseMs + ms, messageId: id, values: valuesOf(meter, { p }) }),
              )
            const newest = messages.toSorted((a, b) => a.ms - b.ms || (a.id < b.id ? -1 : 1)).at(-1)
            expect(await stateOf(assetId)).toMatchObject({
              ms: baseMs + (newest?.ms ?? NaN),
              message_id: String(newest?.id),
              values: { p: newest?.p },
            })
          }),
          { numRuns: 15 },
        )
      })

      it('merges messages that say a part each', async () => {
        const assetId = freshAsset()
        await present(reading({ assetId, values: valuesOf(meter, { p: 1, ua: 220 }) }))
        await present(
          reading({ assetId, timeMs: baseMs + 1, values: valuesOf(meter, { ua: 230, kwh: 12_345_678.25 }) }),
        )
        await present(reading({ assetId, timeMs: baseMs - 1, values: valuesOf(meter, { p: 7, f: 50 }) }))
        expect((await stateOf(assetId))?.values).toEqual({ p: 1, ua: 230, kwh: 12_345_678.25 })
      })

      it('takes a message that says everything for the whole state, and goes on merging after it', async () => {
        const [whole, part] = [freshAsset(), freshAsset()]
        const all = Object.fromEntries(meter.metrics.map(({ key }, index) => [key, index + 0.5]))
        const at = (assetId: number, offsetMs: number, said: Record<string, number>) =>
          reading({ assetId, timeMs: baseMs + offsetMs, values: valuesOf(meter, said) })
        await present(at(whole, 0, { p: 1 }), at(part, 0, { p: 1 }))
        await present(at(whole, 2, all), at(part, 2, { ua: 2 }))
        expect((await stateOf(whole))?.values).toEqual(all)
        expect((await stateOf(part))?.values).toEqual({ p: 1, ua: 2 })
        await present(at(whole, 1, { ...all, p: 7 }), at(part, 3, all))
        await present(at(whole, 3, { ua: 9 }))
        expect((await stateOf(whole))?.values).toEqual({ ...all, ua: 9 })
        expect((await stateOf(part))?.values).toEqual(all)
      })

      it('keeps a keeper where he was last, not where he was heard of last', async () => {
        const keeperId = freshAsset()
        const at = (timeMs: number, lon: number) => fix({ keeperId, timeMs, lon })
        for (const row of [at(baseMs, 1), at(baseMs + 5, 2), at(baseMs + 3, 3)])
          await append(batch({ fixes: [row] }, { presentFixes: [row] }))
        expect(await query('select lon from keeper_state where keeper_id = $1', [keeperId])).toEqual([
          { lon: 2 },
        ])
        expect(await countOf('fix', `keeper_id = ${keeperId}`)).toBe(3)
      })

      it('keeps the status that arrived last', async () => {
        const deviceKey = `M-${freshAsset()}`
        const say = (online: boolean, receivedAtMs: number) =>
          append(batch({ statuses: [{ deviceKey, online, receivedAtMs }] }))
        await say(true, baseMs)
        await say(false, baseMs + 2)
        await say(true, baseMs + 1)
        expect(await query('select online from device_status where device_key = $1', [deviceKey])).toEqual([
          { online: false },
        ])
      })
    })

    describe('alarms', () => {
      const raise = (assetId: number, raisedAtMs = baseMs, clearedAtMs: number | null = null) => ({
        assetId,
        rule: 'over-voltage',
        severity: 'warning',
        metric: 'ua',
        value: 250,
        raisedAtMs,
        clearedAtMs,
      })
      const clear = (assetId: number, clearedAtMs: number) => ({ assetId, rule: 'over-voltage', clearedAtMs })
      const alarmsOf = (assetId: number) =>
        query<{ raised: number; cleared: number | null }>(
          `select (extract(epoch from raised_at) * 1000)::double precision - $2 as raised,
             (extract(epoch from cleared_at) * 1000)::double precision - $2 as cleared from alarm where asset_id = $1 order by id`,
          [assetId, baseMs],
        )

      it('has at most one open alarm an asset and rule', async () => {
        const assetId = freshAsset()
        const first = await append(batch({}, { raises: [raise(assetId)] }))
        expect(first.alarms).toMatchObject([{ assetId, value: 250, raisedAtMs: baseMs, clearedAtMs: null }])
        expect((await append(batch({}, { raises: [raise(assetId, baseMs + 1)] }))).alarms).toEqual([])
        expect(await alarmsOf(assetId)).toEqual([{ raised: 0, cleared: null }])
      })

      it('raises a second one after the first was cleared, in later batches or within one', async () => {
        const assetId = freshAsset()
        await append(batch({}, { raises: [raise(assetId)] }))
        const cleared = await append(batch({}, { clears: [clear(assetId, baseMs + 10)] }))
        expect(cleared.alarms).toMatchObject([{ clearedAtMs: baseMs + 10 }])
        await append(batch({}, { raises: [raise(assetId, baseMs + 20)] }))
        await append(
          batch({}, { clears: [clear(assetId, baseMs + 30)], raises: [raise(assetId, baseMs + 40)] }),
        )
        expect(await alarmsOf(assetId)).toEqual([
          { raised: 0, cleared: 10 },
          { raised: 20, cleared: 30 },
          { raised: 40, cleared: null },
        ])
      })

      it('writes an alarm closed that began and ended within the batch', async () => {
        const assetId = freshAsset()
        await append(batch({}, { raises: [raise(assetId, baseMs, baseMs + 5), raise(assetId, baseMs + 10)] }))
        expect(await alarmsOf(assetId)).toEqual([
          { raised: 0, cleared: 5 },
          { raised: 10, cleared: null },
        ])
      })

      it('clears nothing where nothing is open', async () => {
        expect((await append(batch({}, { clears: [clear(freshAsset(), baseMs)] }))).alarms).toEqual([])
      })
    })

    describe('exactness', () => {
      // Array literals and COPY text are built by hand: these are the texts that would break them.
      const nasty = [
        '',
        'NULL',
        'null',
        '\\N',
        '\\.',
        '"',
        '\\',
        '\\"',
        '{}',
        '{a,b}',
        ',',
        "'",
        ' x ',
        '\t',
        '\n',
        '\r\n',
        '\b',
        '\\u0000',
        '\\\\u0000',
        '😀',
        '网格',
        '\u2028',
      ]

      it('keeps every text as it is', async () => {
        const assetId = freshAsset()
        const deviceKey = `M-${assetId}`
        const rows = nasty.map((text, at) =>
          event({ deviceKey, timeMs: baseMs + at, event: text, data: { text, [text]: [text] } }),
        )
        await append(batch({ events: rows }))
        const stored = await query<{ event: string; data: unknown }>(
          'select event, data from device_event where device_key = $1 order by time',
          [deviceKey],
        )
        expect(stored).toEqual(nasty.map((text) => ({ event: text, data: { text, [text]: [text] } })))
      })

      it('keeps any text and any JSON, with U+FFFD for what Postgres cannot hold', async () => {
        // Lone surrogates cannot stand in jsonb at all: such a message is refused, which another test proves.
        const text = fc.string({ unit: 'binary', maxLength: 40 })
        const json = fc.dictionary(text, fc.oneof(text, fc.boolean(), fc.constant(null), fc.array(text)), {
          maxKeys: 3,
          noNullPrototype: true,
        })
        const clean = (value: unknown): unknown =>
          JSON.parse(JSON.stringify(value, (_, part: unknown) => plain(part)))
        const plain = (part: unknown) => (typeof part === 'string' ? part.replaceAll('\0', '\ufffd') : part)
        const renamed = (value: Record<string, unknown>) =>
          Object.fromEntries(Object.entries(value).map(([key, part]) => [plain(key), clean(part)]))
        let at = 0
        const deviceKey = `M-${freshAsset()}`
        await fc.assert(
          fc.asyncProperty(fc.array(fc.tuple(text, json), { minLength: 1, maxLength: 20 }), async (said) => {
            const from = at
            const rows = said.map(([name, data]) =>
              event({ deviceKey, timeMs: baseMs + at++, event: name, data }),
            )
            await append(batch({ events: rows }))
            const stored = await query<{ event: string; data: unknown }>(
              `select event, data from device_event where device_key = $1 and time >= to_timestamp($2::double precision / 1000) order by time`,
              [deviceKey, baseMs + from],
            )
            expect(stored).toEqual(said.map(([name, data]) => ({ event: plain(name), data: renamed(data) })))
          }),
          { numRuns: 20 },
        )
      })

      it('keeps what the kind does not know, NUL included', async () => {
        const assetId = freshAsset()
        const extra = { 'a"b\\': '{x,\0}', nested: { list: [1, null, 'NULL'] } }
        await append(batch({ readings: [reading({ assetId, extra })] }))
        expect(await query('select extra from reading_meter where asset_id = $1', [assetId])).toEqual([
          { extra: { ...extra, 'a"b\\': '{x,\ufffd}' } },
        ])
      })

      it('keeps the bytes of a dead letter, and its texts', async () => {
        const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.uint8Array({ maxLength: 4096 }), { minLength: 1, maxLength: 5 }),
            async (given) => {
              const reason = `r${Math.random()}`
              const rows = [all, ...given].map((bytes) =>
                deadLetter({ reason, bytes, size: bytes.length, topic: 'a\0"b', detail: null }),
              )
              await append(batch({ deadLetters: rows }))
              const stored = await query<{ bytes: Buffer; topic: string }>(
                'select bytes, topic from dead_letter where reason = $1 order by id',
                [reason],
              )
              expect(stored.map((row) => Uint8Array.from(row.bytes))).toEqual([all, ...given])
              expect(stored[0]?.topic).toBe('a\ufffd"b')
            },
          ),
          { numRuns: 5 },
        )
      })

      it('keeps times to the millisecond, from before 1970 to the year 3999', async () => {
        const assetId = freshAsset()
        const times = [
          -1,
          0,
          1,
          -62_135_596_800_000,
          Date.UTC(3999, 11, 31, 23, 59, 59, 999),
          Date.UTC(2099, 11, 31, 23, 59, 59, 999),
        ]
        const drawn = fc.sample(fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2300, 0, 1) }), {
          numRuns: 40,
          seed: 7,
        })
        const given = [...new Set([...times, ...drawn])]
        // Events: their chunks are long, and few.
        const deviceKey = `M-${assetId}`
        await append(
          batch({ events: given.map((timeMs) => event({ deviceKey, timeMs, receivedAtMs: timeMs })) }),
        )
        const stored = await query<{ ms: number; received: number; is_exact: boolean }>(
          `select (extract(epoch from time) * 1000)::double precision as ms, (extract(epoch from received_at) * 1000)::double precision as received,
             time = date_trunc('milliseconds', time) as is_exact from device_event where device_key = $1 order by time`,
          [deviceKey],
        )
        const sorted = given.toSorted((a, b) => a - b)
        expect(stored).toEqual(sorted.map((ms) => ({ ms, received: ms, is_exact: true })))
      })

      it('keeps numbers to the digits of their column', async () => {
        const assetId = freshAsset()
        const said = { ua: 221.3, p: -0.001, ia: 3.4028235e38, kwh: 99_999_999.99 }
        await append(
          batch({ readings: [reading({ assetId, values: valuesOf(meter, said), claimedMs: 1.5 })] }),
        )
        const [row] = await query<Record<string, number>>(
          'select ua, p, ia, ub, kwh, claimed_ms from reading_meter where asset_id = $1',
          [assetId],
        )
        expect(row).toEqual({
          ua: 221.3,
          p: -0.001,
          ia: 3.4028235e38,
          ub: null,
          kwh: 99_999_999.99,
          claimed_ms: 1.5,
        })
      })

      it('keeps booleans', async () => {
        const assetId = freshAsset()
        await append(
          batch({
            readings: [reading({ assetId, kind: cover, values: valuesOf(cover, { open: false, tilt: 0 }) })],
          }),
        )
        expect(
          await query('select open, tilt, level from reading_cover where asset_id = $1', [assetId]),
        ).toEqual([{ open: false, tilt: 0, level: null }])
      })
    })
  })
}
