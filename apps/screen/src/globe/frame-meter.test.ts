import { describe, expect, it } from 'vitest'
import { createFrameMeter } from './frame-meter.ts'

function setUp() {
  let now = 0
  const meter = createFrameMeter(() => now)
  const pass = (ms: number) => {
    now += ms
  }
  const frame = (applyMs: number, renderMs: number) => {
    meter.measure(() => pass(applyMs))
    meter.begin()
    pass(renderMs)
    meter.end(12)
  }
  return { meter, frame, pass }
}

describe('frame meter', () => {
  it('knows nothing before the first frame', () => {
    expect(setUp().meter.figures.scriptMsMedian()).toBeNull()
  })

  it('adds the work of applying changes to the frame that shows them', () => {
    const { meter, frame } = setUp()
    frame(3, 2)
    expect(meter.figures.scriptMsMedian()).toBe(5)
    expect(meter.figures.framesRendered).toBe(1)
    expect(meter.figures.drawCommands).toBe(12)
  })

  it('counts nested work once', () => {
    const { meter, pass } = setUp()
    meter.measure(() => meter.measure(() => pass(4)))
    meter.begin()
    meter.end(1)
    expect(meter.figures.scriptMsMedian()).toBe(4)
  })

  it('forgets all but the last 300 frames', () => {
    const { meter, frame } = setUp()
    for (let i = 0; i < 300; i++) frame(0, 100)
    for (let i = 0; i < 300; i++) frame(0, 1)
    expect(meter.figures.scriptMsQuantile(0.999)).toBe(1)
    expect(meter.figures.framesRendered).toBe(600)
  })
})
