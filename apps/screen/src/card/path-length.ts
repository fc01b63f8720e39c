import { distanceM, type LonLat } from '@gridkeeper/domain'

/** Length over the ground of a run of `[lon, lat]`, metres. */
export const pathLengthM = (path: readonly LonLat[]): number =>
  path.reduce((sum, place, index) => (index === 0 ? 0 : sum + distanceM(path[index - 1] as LonLat, place)), 0)
