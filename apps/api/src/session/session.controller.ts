import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common'
import { accountSchema, loginSchema, type Account } from '@gridkeeper/contracts'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { ApiConfig } from '../config/config.ts'
import { CONFIG } from '../config/tokens.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { addressOf, CurrentAccount, loginProblem, Public, setSessionCookie } from './session.guard.ts'
import { SessionService } from './session.service.ts'

@Controller('api/session')
export class SessionController {
  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get()
  @Describe({ summary: 'Who is logged in', answer: accountSchema })
  read(@CurrentAccount() account: Account): Account {
    return account
  }

  @Post()
  @Public()
  @HttpCode(200)
  @Describe({
    summary: 'Log in: answers with a session cookie',
    body: loginSchema,
    answer: accountSchema,
    problems: ['bad-request', 'wrong-login', 'too-many-attempts'],
  })
  async login(
    @Body(parse(loginSchema)) { name, password }: z.infer<typeof loginSchema>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Account> {
    const result = await this.sessions.login(name, password, addressOf(request))
    if (!result.ok) throw loginProblem(result)
    if (result.token !== null) setSessionCookie(response, result.token, this.config.http.publicOrigin)
    return result.account
  }

  @Delete()
  @Public()
  @HttpCode(204)
  @Describe({ summary: 'Log out: takes the session cookie away', answer: null })
  logout(@Res({ passthrough: true }) response: Response): void {
    setSessionCookie(response, '', this.config.http.publicOrigin)
  }
}
