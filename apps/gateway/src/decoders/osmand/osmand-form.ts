import { ifKnown, type OsmAndRead } from './decode-osmand.ts'
import { readOsmAndTime } from './osmand-time.ts'

const metresPerSecond = 1852 / 3600

/**
 * `id=…&lat=…&lon=…&timestamp=…`: speed in knots, battery in percent. Source: traccar.org/osmand and Traccar's OsmAndProtocolDecoder. A missing time is the
 * arrival's; `valid=false` and 0/0 mean that there is no place. Everything else of the protocol (cells, wifi, free attributes) is not kept.
 */
export function readOsmAndForm(text: string): OsmAndRead {
  const said = new URLSearchParams(text)
  const number = (...names: readonly string[]): number | undefined => {
    const given = names.map((name) => said.get(name)).find((value) => value !== null && value !== '')
    return given === undefined || given === null ? undefined : Number(given)
  }
  const time = said.get('timestamp') ?? ''
  const t = readOsmAndTime(time)
  if (time !== '' && t === undefined) return { ok: false, detail: 'timestamp: not a time' }
  const [lat, lon] = said.get('location')?.split(',').map(Number) ?? [number('lat'), number('lon')]
  const hasPlace = (lat !== undefined || lon !== undefined) && isTrue(said.get('valid') ?? 'true')
  const alt = number('altitude')
  return {
    ok: true,
    message: {
      deviceId: said.get('id') ?? said.get('deviceid') ?? undefined,
      alarm: said.get('alarm') ?? undefined,
      fix: !hasPlace
        ? null
        : {
            ...(t === undefined ? {} : { t }),
            ...(lon === undefined ? {} : { lon }),
            ...(lat === undefined ? {} : { lat }),
            ...(alt === undefined ? {} : { alt }),
            ...ifKnown('acc', number('accuracy')),
            ...ifKnown('speed', number('speed'), metresPerSecond),
            ...ifKnown('bearing', number('bearing', 'heading')),
            ...ifKnown('battery', number('batt')),
          },
    },
  }
}

const isTrue = (text: string) => text === '1' || text.toLowerCase() === 'true'
