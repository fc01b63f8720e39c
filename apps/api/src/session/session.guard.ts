import { createParamDecorator, SetMetadata } from '@nestjs/common'
import type { CanActivate, ExecutionContext } from '@nestjs/common'
import type { Account } from '@gridkeeper/contracts'
import { Reflector } from '@nestjs/core'
import type { Request, Response } from 'express'
import { ProblemError } from '../web/problem.ts'
import { isOwnOrigin, sessionCookie } from './request-login.ts'
import { sessionMs, type LoginResult, type SessionService } from './session.service.ts'

const publicKey = 'gridkeeper:public'
/** A route that needs no login. */
export const Public = () => SetMetadata(publicKey, true)

const accounts = new WeakMap<Request, Account>()

/** The account of the request, in a handler's parameters. */
export const CurrentAccount = createParamDecorator((_: unknown, context: ExecutionContext): Account => {
  const account = accounts.get(context.switchToHttp().getRequest<Request>())
  if (account === undefined) throw new ProblemError('login-needed', 'log in first')
  return account
})

/** Every route but the public ones needs an account; a request that changes something must come from our own page. */
export class SessionGuard implements CanActivate {
  readonly #sessions: SessionService
  readonly #publicOrigin: string | null
  readonly #reflector = new Reflector()

  constructor(sessions: SessionService, publicOrigin: string | null) {
    this.#sessions = sessions
    this.#publicOrigin = publicOrigin
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>()
    const { origin, host, cookie, authorization } = request.headers
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    if (!isReading && !isOwnOrigin(origin, host, this.#publicOrigin))
      throw new ProblemError('not-allowed', 'this request comes from another origin')
    if (this.#reflector.getAllAndOverride<boolean>(publicKey, [context.getHandler(), context.getClass()]))
      return true
    const result = await this.#sessions.authenticate({ cookie, authorization, address: addressOf(request) })
    if (!result.ok) throw loginProblem(result)
    accounts.set(request, result.account)
    if (result.token !== null)
      setSessionCookie(context.switchToHttp().getResponse<Response>(), result.token, this.#publicOrigin)
    return true
  }
}

export const addressOf = (request: Request) => request.socket.remoteAddress ?? ''

export function loginProblem(result: Exclude<LoginResult, { ok: true }>): ProblemError {
  if (result.reason === 'login-needed') return new ProblemError('login-needed', 'log in first')
  if (result.reason === 'wrong-login')
    return new ProblemError('wrong-login', 'the name or the password is wrong')
  const seconds = Math.ceil(result.waitMs / 1000)
  return new ProblemError('too-many-attempts', `too many wrong attempts; try again in ${seconds} s`, {
    headers: { 'Retry-After': String(seconds) },
  })
}

/** An empty token takes the cookie away. */
export function setSessionCookie(response: Response, token: string, publicOrigin: string | null): void {
  response.cookie(sessionCookie, token, {
    httpOnly: true,
    sameSite: 'strict',
    secure: publicOrigin?.startsWith('https:') ?? false,
    path: '/',
    maxAge: token === '' ? 0 : sessionMs,
  })
}
