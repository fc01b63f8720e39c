import type { Account } from '@gridkeeper/contracts'

/** As the api has it: strangers and refused messages belong to no grid, so whoever sees only a part of the district sees nothing of them. */
export const maySeeIntake = ({ role, gridId }: Account): boolean =>
  (role === 'admin' || role === 'dispatcher') && gridId === null

export const mayChangeIntake = (account: Account): boolean =>
  account.role === 'admin' && maySeeIntake(account)
