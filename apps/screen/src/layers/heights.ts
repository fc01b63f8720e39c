/**
 * Metres above the ground at which flat things lie. The steps keep what is drawn over something clear of it at any distance (the depth buffer
 * tells 10 cm apart at 100 km) and are too small to be seen from the nearest view.
 */
export const height = {
  fill: 0,
  ground: 1.2,
  patrolBorder: 2.4,
  stationBorder: 3.2,
  chosenBorder: 4,
  cable: 4.4,
  track: 4.8,
  asset: 5.4,
  keeper: 5.8,
} as const

/** Towers and the wires on them, by voltage. */
export const towerHeightM = (voltageKv: number): number => (voltageKv >= 35 ? 28 : voltageKv >= 6 ? 15 : 9)
