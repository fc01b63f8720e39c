/** The full hours of the viewer's clock that divide evenly by `everyHours`, within a range; labels of a time axis that never crowd. */
export function hourLabels(fromMs: number, toMs: number, everyHours: number): readonly number[] {
  const at = new Date(fromMs)
  at.setMinutes(0, 0, 0)
  const labels: number[] = []
  for (; at.getTime() <= toMs; at.setHours(at.getHours() + 1)) {
    if (at.getTime() >= fromMs && at.getHours() % everyHours === 0) labels.push(at.getTime())
  }
  return labels
}
