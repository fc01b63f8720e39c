import type { Asset, Cover, District, Meter, Protector, Transformer } from '../district/district.ts'
import { chance, smoothNoise } from '../seeded/random.ts'
import { episodeAt, episodeOfDay, faults, isLockout, swell } from './faults.ts'
import { DAY, firstDay, HOUR, localDay, MINUTE } from './local-time.ts'
import { loadShape, peakOfShape } from './load-shapes.ts'
import { createMeterEnergy } from './meter-energy.ts'
import { demandFactor, groundWater, rain, temperatureC } from './weather.ts'

export type Values = Record<string, number | boolean>

/** What a device says at an instant; null while it says nothing. */
export type ReadingAt = (asset: Asset, timeMs: number) => Values | null

const round = (value: number, digits: number) => Number(value.toFixed(digits))
const phaseNames = ['a', 'b', 'c'] as const

/** Everything the assets say, as a function of seed, asset and time: history, live and a restart agree to the last digit. */
export function createReadings(district: District, seed: number): ReadingAt {
  const energy = createMeterEnergy(seed)
  const assets = district.assets
  const tripsBefore = new Map<number, { day: number; count: number }>()

  /** Smooth demand of what hangs on a transformer without a meter of ours, kW. */
  const unmeteredKw = (transformer: Transformer, timeMs: number): number => {
    const { index, ratedKva, mix } = transformer
    const draw = chance(seed, 701, index)
    // Most are loaded to a third or two thirds at their peak; a few are due for replacement.
    const peak = draw > 0.975 ? 0.82 + (draw - 0.975) * 9 : 0.24 + draw * 0.46
    const shape =
      mix.household * (loadShape('household', timeMs) / peakOfShape.household) +
      mix.shop * (loadShape('shop', timeMs) / peakOfShape.shop) +
      mix.pump * (loadShape('pump', timeMs) / peakOfShape.pump)
    const ripple = 1 + 0.05 * smoothNoise(seed, 20_000 + index, timeMs / (25 * MINUTE))
    return ratedKva * 0.93 * peak * (0.16 + 0.84 * shape) * ripple * demandFactor(seed, timeMs)
  }

  const transformerKw = (transformer: Transformer, timeMs: number): number => {
    let metered = 0
    for (const index of transformer.meters) metered += energy(assets[index] as Meter, timeMs).powerKw
    const useful = metered + unmeteredKw(transformer, timeMs)
    const ironLoss = transformer.ratedKva * 0.0018
    const copperLoss = 0.011 * transformer.ratedKva * (useful / transformer.ratedKva) ** 2
    return useful + ironLoss + copperLoss
  }

  /** Volts at the transformer's terminals: the grid's slow swing, and what its own load takes. */
  const terminalVolts = (transformer: Transformer, phase: number, timeMs: number): number =>
    231.6 +
    2.2 * smoothNoise(seed, 30_000, timeMs / (5 * HOUR)) +
    2.2 * smoothNoise(seed, 31_000 + transformer.index * 3 + phase, timeMs / (14 * MINUTE)) +
    (chance(seed, 702, transformer.index, phase) - 0.5) * 3.2 -
    4.5 * (loadShape('household', timeMs) / peakOfShape.household)

  const meterValues = (meter: Meter, timeMs: number): Values | null => {
    if (episodeAt(seed, faults.silent, meter.index, timeMs)) return null
    const { powerKw, kwh } = energy(meter, timeMs)
    const p = powerKw * (1 + 0.03 * smoothNoise(seed, 40_000 + meter.index, timeMs / 40_000))
    const pf =
      0.93 +
      0.06 * chance(seed, 703, meter.index) +
      0.008 * smoothNoise(seed, 50_000 + meter.index, timeMs / HOUR)
    const low = episodeAt(seed, faults.undervoltage, meter.index, timeMs)
    const high = episodeAt(seed, faults.overvoltage, meter.index, timeMs)
    const swing =
      (low ? -(27 + low.draw * 9) * swell(low, timeMs) : 0) +
      (high ? (22 + high.draw * 8) * swell(high, timeMs) : 0)
    const transformer = assets[meter.transformer] as Transformer
    const drop = meter.farness * 11 * (loadShape('household', timeMs) / peakOfShape.household)
    const volts = (phase: number) => terminalVolts(transformer, phase, timeMs) - drop + swing
    if (meter.phases !== 'ABC') {
      const ua = volts('ABC'.indexOf(meter.phases))
      return { ua: round(ua, 1), ia: round((p * 1_000) / (ua * pf), 3), p: round(p, 4), kwh: round(kwh, 2) }
    }
    const values: Values = {}
    phaseNames.forEach((phase, i) => {
      const u = volts(i)
      values[`u${phase}`] = round(u, 1)
      values[`i${phase}`] = round((p * 1_000) / 3 / (u * pf), 3)
    })
    return {
      ...values,
      p: round(p, 4),
      q: round(p * Math.tan(Math.acos(pf)), 4),
      pf: round(pf, 3),
      kwh: round(kwh, 2),
    }
  }

  const transformerValues = (transformer: Transformer, timeMs: number): Values => {
    const { index, ratedKva } = transformer
    const p = transformerKw(transformer, timeMs)
    const pf = 0.92 + 0.05 * chance(seed, 704, index)
    const load = (p / pf / ratedKva) * 100
    // Oil follows the load of the last hours, not the instant.
    let lagged = 0
    for (let back = 0; back < 4; back++)
      lagged += unmeteredKw(transformer, timeMs - back * 40 * MINUTE) / ratedKva / 4
    const values: Values = {
      p: round(p, 2),
      q: round(p * Math.tan(Math.acos(pf)), 2),
      load: round(load, 1),
      oil_temp: round(
        temperatureC(seed, timeMs) + 13 + 40 * (lagged * 1.1) ** 1.5 + 2 * chance(seed, 705, index),
        1,
      ),
    }
    phaseNames.forEach((phase, i) => {
      const u = terminalVolts(transformer, i, timeMs)
      const unequal = 1 + (chance(seed, 706, index, i) - 0.5) * 0.24
      values[`u${phase}`] = round(u, 1)
      values[`i${phase}`] = round(((p * 1_000) / 3 / (u * pf)) * unequal, 1)
    })
    return values
  }

  const tripsUntil = ({ index }: Protector, timeMs: number): number => {
    const day = localDay(timeMs)
    let before = tripsBefore.get(index)
    if (before === undefined || before.day !== day) {
      let count = Math.floor(chance(seed, 707, index) * 9)
      for (let past = firstDay; past < day; past++)
        if (chance(seed, faults.trip.stream, index, past) < faults.trip.perDay) count++
      before = { day, count }
      tripsBefore.set(index, before)
    }
    const today = episodeOfDay(seed, faults.trip, index, day)
    return before.count + (today !== null && today.startMs <= timeMs ? 1 : 0)
  }

  const residualMa = (index: number, timeMs: number): number => {
    const draw = chance(seed, 708, index)
    const usual = draw > 0.985 ? 120 + (draw - 0.985) * 2_500 : 18 + draw * 72
    const noise =
      1 +
      0.14 * smoothNoise(seed, 60_000 + index, timeMs / (2 * HOUR)) +
      0.05 * smoothNoise(seed, 70_000 + index, timeMs / 50_000)
    const base = usual * noise * (1 + 0.55 * rain(seed, timeMs))
    const episode = episodeAt(seed, faults.residual, index, timeMs)
    if (!episode) return base
    return (
      base +
      (255 + episode.draw * 150 - usual) *
        swell(episode, timeMs) *
        (1 + 0.03 * smoothNoise(seed, 71_000 + index, timeMs / 30_000))
    )
  }

  const protectorValues = (protector: Protector, timeMs: number): Values => {
    const { index, transformer } = protector
    const trip = episodeAt(seed, faults.trip, index, timeMs)
    const residual = trip ? 0 : residualMa(index, timeMs)
    const values: Values = {
      residual: Math.round(residual),
      pos: trip ? 1 : 2,
      i0: round(residual / 1_000, 3),
      lockout: trip !== null && isLockout(trip.draw),
      trips: tripsUntil(protector, timeMs),
    }
    if (transformer === null) {
      const amps = (8 + chance(seed, 709, index) ** 2 * 130) * (0.35 + 0.4 * loadShape('household', timeMs))
      phaseNames.forEach((phase, i) => {
        values[`i${phase}`] = trip
          ? 0
          : round(amps * (1 + 0.04 * smoothNoise(seed, 80_000 + index * 3 + i, timeMs / (9 * MINUTE))), 1)
      })
      return values
    }
    const fed = assets[transformer] as Transformer
    const amps = trip ? 0 : ((transformerKw(fed, timeMs) * 1_000) / 3 / (228 * 0.95)) * 0.97
    phaseNames.forEach((phase, i) => {
      values[`u${phase}`] = round(terminalVolts(fed, i, timeMs) - 0.4, 1)
      values[`i${phase}`] = round(amps * (1 + (chance(seed, 706, fed.index, i) - 0.5) * 0.24), 1)
    })
    return values
  }

  const coverValues = ({ index, depthMm }: Cover, timeMs: number): Values => {
    const opened = episodeAt(seed, faults.opened, index, timeMs)
    const still = 0.3 + chance(seed, 710, index) * 2.6
    const wet = groundWater(seed, timeMs)
    const isLow = chance(seed, 711, index) < 0.03
    const level =
      30 +
      chance(seed, 712, index) * 170 +
      wet * (isLow ? 1_500 : 320) +
      6 * smoothNoise(seed, 90_000 + index, timeMs / HOUR)
    // A battery lasts about two years; one in fifty is due.
    const age = (timeMs / DAY + chance(seed, 713, index) * 700) % 700
    return {
      tilt: round(
        opened
          ? 40 + opened.draw * 50
          : still + 0.15 * smoothNoise(seed, 91_000 + index, timeMs / (10 * MINUTE)),
        1,
      ),
      open: opened !== null,
      level: Math.round(Math.min(depthMm - 50, level)),
      ch4: round(Math.max(0, 0.8 + 0.8 * smoothNoise(seed, 92_000 + index, timeMs / (3 * HOUR))), 1),
      h2s: round(Math.max(0, 0.2 + 0.2 * smoothNoise(seed, 93_000 + index, timeMs / (4 * HOUR))), 1),
      co: Math.round(Math.max(0, 1.5 + 1.5 * smoothNoise(seed, 94_000 + index, timeMs / (3 * HOUR)))),
      o2: round(20.6 + 0.25 * smoothNoise(seed, 95_000 + index, timeMs / (5 * HOUR)), 1),
      temp: round(17 + (temperatureC(seed, timeMs) - 17) * 0.35, 1),
      battery: Math.round(100 - (age / 700) * 82.5),
    }
  }

  return (asset, timeMs) => {
    switch (asset.kind) {
      case 'meter':
        return meterValues(asset, timeMs)
      case 'transformer':
        return transformerValues(asset, timeMs)
      case 'protector':
        return protectorValues(asset, timeMs)
      case 'cover':
        return coverValues(asset, timeMs)
    }
  }
}
