import type { LonLat } from '@gridkeeper/domain'

const RAD = Math.PI / 180

/** Moves a track so that its first place becomes `start`, keeping its size in metres: degrees of longitude are stretched. */
export function createTrackMove(start: LonLat): (place: LonLat) => LonLat {
  let first: LonLat | undefined
  return (place) => {
    first ??= place
    const stretch = Math.cos(first[1] * RAD) / Math.cos(start[1] * RAD)
    const round = (degrees: number) => Number(degrees.toFixed(7))
    return [round(start[0] + (place[0] - first[0]) * stretch), round(start[1] + (place[1] - first[1]))]
  }
}
