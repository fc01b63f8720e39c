/** What is injected and is no class of ours. */
export const CONFIG = Symbol('config')
export const LOGGER = Symbol('logger')
export const POOL = Symbol('pool')
export const METRICS = Symbol('metrics')
export const CLOCK = Symbol('clock')

/** UTC milliseconds. */
export type Clock = () => number
