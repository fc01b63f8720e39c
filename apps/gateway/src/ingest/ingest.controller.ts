import {
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  HttpException,
  Inject,
  NotFoundException,
  Param,
  Post,
  Req,
  ServiceUnavailableException,
} from '@nestjs/common'
import { deviceTopic } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import { osmAndTopic } from '../decoders/osmand/decode-osmand.ts'
import { Gateway, LOGGER } from '../gateway.ts'
import { BufferFull, BufferStopped } from '../intake/batch-buffer.ts'
import { trusted } from '../intake/speaker.ts'
import type { ResolvedMessage } from '../intake/resolve-message.ts'
import { problemOf } from './ingest-answer.ts'
import { isFromPage, ownTracksTopicOf } from './ingest-topic.ts'

interface Request {
  readonly originalUrl: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: unknown
  readonly socket: { readonly remoteAddress?: string | undefined }
}

const channels = ['readings', 'fixes', 'events'] as const

/** The front door for senders without MQTT. 200 means committed, as a PUBACK does; the same message again changes nothing. */
@Controller()
export class IngestController {
  constructor(
    @Inject(Gateway) private readonly gateway: Gateway,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The native payloads. */
  @Post('ingest/v1/:key/:channel')
  @HttpCode(200)
  async native(@Param('key') key: string, @Param('channel') name: string, @Req() request: Request) {
    const channel = channels.find((known) => known === name)
    if (channel === undefined) throw new NotFoundException({ code: 'not-found', message: 'no such channel' })
    const { readings, fixes, events } = await this.#accept(
      request,
      deviceTopic(key, channel),
      bodyOf(request),
    )
    return { taken: readings.length + fixes.length + events.length }
  }

  @Get('osmand')
  @HttpCode(200)
  async osmAndQuery(@Req() request: Request) {
    await this.#accept(request, osmAndTopic, Buffer.from(queryOf(request)))
  }

  /** JSON or a form in the body; a query when there is none. */
  @Post('osmand')
  @HttpCode(200)
  async osmAnd(@Req() request: Request) {
    const body = bodyOf(request)
    await this.#accept(request, osmAndTopic, body.byteLength > 0 ? body : Buffer.from(queryOf(request)))
  }

  /** The app wants a list of messages for itself; there are none. */
  @Post('owntracks')
  @HttpCode(200)
  @Header('content-type', 'application/json')
  async ownTracks(@Req() request: Request) {
    const topic = ownTracksTopicOf(new URLSearchParams(queryOf(request)), request.headers)
    await this.#accept(request, topic, bodyOf(request))
    return '[]'
  }

  async #accept(request: Request, topic: string, bytes: Uint8Array): Promise<ResolvedMessage> {
    if (isFromPage(request.headers))
      throw new ForbiddenException({ code: 'not-allowed', message: 'devices only, no pages of a browser' })
    const message = await this.#commit(topic, bytes, request.socket.remoteAddress ?? null)
    const answer = problemOf(message)
    if (answer !== null) throw new HttpException(answer.problem, answer.status)
    return message
  }

  async #commit(topic: string, bytes: Uint8Array, client: string | null): Promise<ResolvedMessage> {
    try {
      return await this.gateway.accept({
        source: 'http',
        topic,
        bytes,
        receivedAtMs: Date.now(),
        client,
        speaker: trusted,
      })
    } catch (error) {
      // Nothing was committed, whatever it was: to send it again is right.
      const isExpected = error instanceof BufferStopped || error instanceof BufferFull
      if (!isExpected) this.logger.warn({ err: error }, 'a post could not be taken')
      throw new ServiceUnavailableException({
        code: 'not-ready',
        message: isExpected ? error.message : 'it could not be stored; send it again',
      })
    }
  }
}

/** Without a body the parser leaves no bytes. */
const bodyOf = ({ body }: Request): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array())

function queryOf({ originalUrl }: Request): string {
  const start = originalUrl.indexOf('?')
  return start < 0 ? '' : originalUrl.slice(start + 1)
}
