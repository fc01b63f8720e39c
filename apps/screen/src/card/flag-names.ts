import { flag } from '@gridkeeper/domain'

export type FlagName = keyof typeof flag

/** The quality flags of a reading by name, in the order of their bits. */
export const namesOfFlags = (flags: number): readonly FlagName[] =>
  (Object.keys(flag) as FlagName[]).filter((name) => (flags & flag[name]) !== 0)
