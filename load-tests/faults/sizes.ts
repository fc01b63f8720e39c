/** How much of everything. The scenarios are the same; only these numbers differ. */
export interface Sizes {
  /** Times that a process is killed. */
  readonly kills: number
  /** Steady load before a fault. */
  readonly steadySeconds: number
  /** Messages a second. */
  readonly rate: number
  readonly devices: number
  readonly connections: number
  /** How long the database is away. */
  readonly outageSeconds: number
  /** How long faults last that are no outage: a slow database, wrong clocks, poison, a flood. */
  readonly faultSeconds: number
  /** Times that all clients reconnect in the storm. */
  readonly storms: number
  /** One message in so many is poison. */
  readonly poisonEvery: number
  /** Devices that come back at once. */
  readonly returning: number
}

/** Every fault, once around: about three minutes. */
export const short: Sizes = {
  kills: 5,
  steadySeconds: 2,
  rate: 300,
  devices: 200,
  connections: 20,
  outageSeconds: 20,
  faultSeconds: 10,
  storms: 3,
  poisonEvery: 1_000,
  returning: 1_000,
}

/** What the goals are stated for: about half an hour. */
export const long: Sizes = {
  kills: 50,
  steadySeconds: 10,
  rate: 500,
  devices: 500,
  connections: 40,
  outageSeconds: 600,
  faultSeconds: 60,
  storms: 10,
  poisonEvery: 1_000,
  returning: 5_000,
}
