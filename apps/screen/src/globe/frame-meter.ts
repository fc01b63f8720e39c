/**
 * The wall's own figures, on `window.__gridkeeper`: the browser test asserts on the counters, the benchmark prints the times.
 *
 * Script time of a frame is what the main thread spends for it: applying changes to the scene (reported by `measure`) plus Cesium's work from
 * preUpdate to postRender, over the last 300 rendered frames. It does not hold the time of the graphics card.
 */
export interface SceneFigures {
  framesRendered: number
  drawCommands: number
  scriptMsMedian(): number | null
  /** 0…1, e.g. 0.95. */
  scriptMsQuantile(part: number): number | null
  resetScript(): void
}

export interface FrameMeter {
  readonly figures: SceneFigures
  /** Times work that belongs to the next rendered frame. */
  measure<T>(work: () => T): T
  begin(): void
  end(drawCommands: number): void
}

const kept = 300

export function createFrameMeter(now: () => number = () => performance.now()): FrameMeter {
  const samples = new Float64Array(kept)
  let count = 0
  let begunAt = 0
  let pendingMs = 0
  const scriptMsQuantile = (part: number) => {
    const used = Math.min(count, kept)
    if (used === 0) return null
    const sorted = samples.slice(0, used).sort()
    return sorted[Math.min(used - 1, Math.floor(part * used))]!
  }
  const figures: SceneFigures = {
    framesRendered: 0,
    drawCommands: 0,
    scriptMsMedian: () => scriptMsQuantile(0.5),
    scriptMsQuantile,
    resetScript: () => {
      count = 0
    },
  }
  let depth = 0
  return {
    figures,
    measure(work) {
      const start = now()
      depth++
      try {
        return work()
      } finally {
        if (--depth === 0) pendingMs += now() - start
      }
    },
    begin() {
      begunAt = now()
    },
    end(drawCommands) {
      samples[count++ % kept] = pendingMs + now() - begunAt
      pendingMs = 0
      figures.framesRendered++
      figures.drawCommands = drawCommands
    },
  }
}
