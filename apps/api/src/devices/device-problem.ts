import type { Adopted, PutProblem } from '@gridkeeper/store'
import { notFound, ProblemError } from '../web/problem.ts'

type Reason = PutProblem | Extract<Adopted, { ok: false }>['reason']

/** An expected refusal of the registry, as its caller is told of it. */
export function deviceProblem(reason: Reason): ProblemError {
  switch (reason) {
    case 'unknown-asset':
      return new ProblemError('bad-request', 'there is no asset of this code')
    case 'unknown-keeper':
      return new ProblemError('bad-request', 'there is no keeper of this code')
    case 'unknown-login':
      return new ProblemError('bad-request', 'there is no login of this key to speak for it')
    case 'own-login':
      return new ProblemError('bad-request', 'a device is not via itself')
    case 'not-in-quarantine':
      return notFound('stranger in the quarantine')
    case 'key-taken':
      return new ProblemError(
        'conflict',
        'a device of this key is registered for another one, or can log in already',
      )
    case 'token-taken':
      return new ProblemError('conflict', 'another device has this token')
    case 'revoked':
      return new ProblemError('conflict', 'it was revoked; reinstate it first')
  }
}
