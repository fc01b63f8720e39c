import type { Account } from '@gridkeeper/contracts'
import { ProblemError } from '../web/problem.ts'

/** Devices, strangers and refused messages belong to no grid: whoever sees only a part of the district sees nothing of them. */
export function requireAdmin({ role, gridId }: Account): void {
  if (role !== 'admin' || gridId !== null)
    throw new ProblemError('not-allowed', 'only an administrator of the whole may do this')
}

export function requireDispatcher({ role, gridId }: Account): void {
  if ((role !== 'admin' && role !== 'dispatcher') || gridId !== null)
    throw new ProblemError('not-allowed', 'only an administrator or a dispatcher of the whole may see this')
}
