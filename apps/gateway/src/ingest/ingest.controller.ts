import type { BlockList } from 'node:net'
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
import type { Undecoded } from '../decoders/decoder.ts'
import { native } from '../decoders/native/decode-native.ts'
import { osmAnd, osmAndTopic } from '../decoders/osmand/decode-osmand.ts'
import { ownTracks } from '../decoders/owntracks/decode-owntracks.ts'
import type { GatewayConfig } from '../config/env.ts'
import { clientAddress, trustedProxies } from '../door/client-address.ts'
import type { HttpDoor, HttpRefusal } from '../door/http-door.ts'
import { CONFIG, Gateway, LOGGER } from '../gateway.ts'
import { BufferFull, BufferStopped } from '../intake/batch-buffer.ts'
import { decodeMessage } from '../intake/decode-message.ts'
import type { Speaker } from '../intake/speaker.ts'
import type { ResolvedMessage } from '../intake/resolve-message.ts'
import { readCredentials, withoutSecret } from './http-credentials.ts'
import { problemOf } from './ingest-answer.ts'
import { isFromPage, ownTracksTopicOf } from './ingest-topic.ts'

interface Request {
  readonly originalUrl: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> & {
    readonly authorization?: string | undefined
  }
  readonly body: unknown
  readonly socket: { readonly remoteAddress?: string | undefined }
}

const channels = ['readings', 'fixes', 'events'] as const

/** The front door for senders without MQTT. 200 means committed, as a PUBACK does; the same message again changes nothing. */
@Controller()
export class IngestController {
  readonly #proxies: BlockList

  constructor(
    @Inject(Gateway) private readonly gateway: Gateway,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CONFIG) config: GatewayConfig,
  ) {
    this.#proxies = trustedProxies(config.trustedProxies)
  }

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
    await this.#accept(request, osmAndTopic, Buffer.from(withoutSecret(queryOf(request))))
  }

  /** JSON or a form in the body; a query when there is none. */
  @Post('osmand')
  @HttpCode(200)
  async osmAnd(@Req() request: Request) {
    const body = bodyOf(request)
    const isForm = body.byteLength > 0 && body[0] !== openBrace
    const form = body.byteLength === 0 ? queryOf(request) : isForm ? Buffer.from(body).toString() : null
    await this.#accept(request, osmAndTopic, form === null ? body : Buffer.from(withoutSecret(form)))
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
    const door = this.gateway.http
    if (door === null) throw notReady('the gateway is not running')
    if (isFromPage(request.headers)) {
      door.countRefusal('from-page')
      throw new ForbiddenException({ code: 'not-allowed', message: 'devices only, no pages of a browser' })
    }
    const address = clientAddress(
      request.socket.remoteAddress,
      request.headers['x-forwarded-for'],
      this.#proxies,
    )
    const speaker = await this.#identify(door, request, address, { topic, bytes, receivedAtMs: Date.now() })
    const excess = door.findExcess(speaker, address, topic)
    if (excess !== null) throw refusal(excess)
    const message = await this.#commit(topic, bytes, address, speaker)
    const answer = problemOf(message, speaker)
    if (answer?.status === 403) door.countRefusal('not-own-key')
    if (answer !== null) throw new HttpException(answer.problem, answer.status)
    return message
  }

  async #identify(door: HttpDoor, request: Request, address: string, said: Undecoded): Promise<Speaker> {
    const presented = readCredentials(request.headers['authorization'], new URLSearchParams(queryOf(request)))
    try {
      const identified =
        presented.kind === 'named'
          ? await door.identify(presented, address)
          : presented.kind === 'bearer'
            ? await door.identifyBearer(presented.secret, decodeMessage(said, postable).deviceKey, address)
            : await door.identify({ name: null, secret: null }, address)
      if (identified.ok) return identified.speaker
      throw refusal(identified.refusal)
    } catch (error) {
      if (error instanceof HttpException) throw error
      this.logger.warn({ err: error }, 'a login could not be checked')
      throw notReady('the login could not be checked; send it again')
    }
  }

  async #commit(topic: string, bytes: Uint8Array, client: string, speaker: Speaker) {
    try {
      return await this.gateway.accept({
        source: 'http',
        topic,
        bytes,
        receivedAtMs: Date.now(),
        client,
        speaker,
      })
    } catch (error) {
      // Nothing was committed, whatever it was: to send it again is right.
      const isExpected = error instanceof BufferStopped || error instanceof BufferFull
      if (!isExpected) this.logger.warn({ err: error }, 'a post could not be taken')
      throw notReady(isExpected ? error.message : 'it could not be stored; send it again')
    }
  }
}

/** What may be posted. None of these remembers anything, so to ask whose message it is costs nothing but time. */
const postable = [native, ownTracks, osmAnd]

const openBrace = 0x7b

const notReady = (message: string) => new ServiceUnavailableException({ code: 'not-ready', message })

/** The exception filter writes the time to wait into the header. */
const refusal = ({ status, code, message, retryAfterS }: HttpRefusal) =>
  new HttpException({ code, message, ...(retryAfterS === undefined ? {} : { retryAfterS }) }, status)

/** Without a body the parser leaves no bytes. */
const bodyOf = ({ body }: Request): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array())

function queryOf({ originalUrl }: Request): string {
  const start = originalUrl.indexOf('?')
  return start < 0 ? '' : originalUrl.slice(start + 1)
}
