import { cjt188 } from './cjt188/decode-cjt188.ts'
import type { Decoder } from './decoder.ts'
import { dlt645 } from './dlt645/decode-dlt645.ts'
import { native } from './native/decode-native.ts'
import { osmAnd } from './osmand/decode-osmand.ts'
import { ownTracks } from './owntracks/decode-owntracks.ts'
import { senml } from './senml/decode-senml.ts'
import { shelly } from './shelly/decode-shelly.ts'
import { SparkplugHost } from './sparkplug/sparkplug-host.ts'
import { tasmota } from './tasmota/decode-tasmota.ts'
import { thingsBoard } from './thingsboard/decode-thingsboard.ts'
import { zigbee2mqtt } from './zigbee2mqtt/decode-zigbee2mqtt.ts'

/**
 * Every protocol the gateway understands. A new one is one folder beside this file and one entry here; no two own the same topic. Made anew for each gateway:
 * a host of Sparkplug remembers what it has heard.
 */
export const createDecoders = (): readonly Decoder[] => [
  native,
  ownTracks,
  osmAnd,
  dlt645,
  cjt188,
  zigbee2mqtt,
  tasmota,
  shelly,
  senml,
  thingsBoard,
  new SparkplugHost(),
]
