/** Metric `Node Control/Rebirth`, data type 11 (Boolean), value true: the one command that Sparkplug B 3.0 (6.4.19) wants a host to be able to give. */
const metric = Buffer.concat([
  Buffer.from([0x0a, 20]),
  Buffer.from('Node Control/Rebirth'),
  Buffer.from([0x20, 11, 0x70, 1]),
])

/** An NCMD payload: field 1 the time in UTC ms, field 2 the metric. */
export function rebirthCommand(nowMs: number): Buffer {
  const time: number[] = []
  for (let rest = nowMs; ; rest = Math.floor(rest / 128)) {
    time.push((rest % 128) | (rest >= 128 ? 0x80 : 0))
    if (rest < 128) break
  }
  return Buffer.concat([Buffer.from([0x08, ...time, 0x12, metric.length]), metric])
}
