import type { BufferPolylineCollection } from 'cesium'
import { trackSchema, type Track } from '@gridkeeper/contracts'
import { onScopeDispose, watch } from 'vue'
import { colour } from '../../app/theme.ts'
import type { Stage } from '../../globe/stage.ts'
import { groundRgb, mix, rgbOf } from '../colour.ts'
import { height } from '../heights.ts'
import { createLineBatch } from '../line-batch.ts'
import { pathPositions } from '../path-geometry.ts'

/** Null when the api refuses or does not answer: the wall then shows no track, rather than half of one. */
async function fetchTrack(keeperId: number, signal: AbortSignal): Promise<Track | null> {
  const now = new Date()
  const fromMs = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
  const query = new URLSearchParams({ from: `${fromMs}`, to: `${now.getTime()}`, purpose: 'wall' })
  try {
    const response = await fetch(`/api/keepers/${keeperId}/track?${query}`, { signal })
    if (!response.ok) return null
    const parsed = trackSchema.safeParse(await response.json())
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** Today's track of the chosen keeper, fetched when he is chosen; each fetch is a look that the api logs, so it is not repeated. */
export function useKeeperTrack(stage: Stage, keeperId: () => number | null): void {
  let line: BufferPolylineCollection | null = null
  const clear = () => {
    if (line !== null && !stage.scene.isDestroyed()) stage.scene.primitives.remove(line)
    line = null
  }
  const draw = (track: Track) =>
    stage.apply(() => {
      clear()
      const world = stage.world.value
      if (world === null) return
      const positions = pathPositions(world.district.frame, track.places, height.track)
      line = createLineBatch(world, [
        { positions, rgb: mix(rgbOf(colour.accent), groundRgb, 0.8), width: 3 * world.scale },
      ])
      if (line !== null) stage.scene.primitives.add(line)
    })
  watch(
    [keeperId, stage.world],
    async ([id], _before, onCleanup) => {
      stage.apply(clear)
      if (id === null) return
      const aborter = new AbortController()
      onCleanup(() => aborter.abort())
      const track = await fetchTrack(id, aborter.signal)
      if (track !== null && !aborter.signal.aborted) draw(track)
    },
    { flush: 'post' },
  )
  onScopeDispose(clear)
}
