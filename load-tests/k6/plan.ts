/** What a run hands to its script: everything that is found out or registered before. A JSON file, named by the environment variable PLAN. */
export interface Plan {
  /** `http://127.0.0.1:8081` */
  readonly gateway: string
  readonly speakers: readonly Speaker[]
  /** Messages a second, of all kinds together. */
  readonly rate: number
  readonly seconds: number
}

/** A login and the device keys that it may speak for. */
export interface Speaker {
  readonly login: string
  readonly secret: string
  readonly meters: readonly string[]
  /** Of keepers, by the protocol that they speak. */
  readonly phones: readonly string[]
  readonly osmand: readonly string[]
  readonly owntracks: readonly string[]
}
