/** `early_terminate` of a W&B sweep as a pruner: its Hyperband is one bracket of successive halving that stops. */
import { isJsonObject, type JsonObject } from '../../../values.js'
import { found, type Told } from '../told.js'

const path = ['early_terminate']
const known = ['type', 'min_iter', 'max_iter', 's', 'eta', 'strict']
const usualEta = 3

/** null where there is none, or none that can be. */
export function wandbPruner(written: unknown, told: Told): JsonObject | null {
  if (written === undefined || written === null) return null
  if (!isJsonObject(written) || written.type !== 'hyperband') {
    const type = isJsonObject(written) ? written.type : written
    told.wrong([...path, 'type'], `early termination must be of the type "hyperband" (${found(type)})`)
    return null
  }
  for (const key of Object.keys(written))
    if (!known.includes(key)) told.warn([...path, key], 'hyperband has no such key; it is left out')
  const { min_iter, max_iter, s, eta = usualEta, strict } = written
  if (!(typeof eta === 'number' && eta > 1)) {
    told.wrong([...path, 'eta'], `"eta" must be a number above 1 (${found(eta)})`)
    return null
  }
  const first = min_iter === undefined ? lastBands(max_iter, s, eta, told) : firstBand(min_iter, told)
  if (first === null) return null
  if (min_iter !== undefined && max_iter !== undefined)
    told.warn([...path, 'max_iter'], '"min_iter" says where the rungs are; it is left out')
  const factor = Math.max(2, Math.round(eta))
  if (factor !== eta) told.warn([...path, 'eta'], `a factor is a whole number here: ${factor} for ${eta}`)
  if (strict !== undefined) told.warn([...path, 'strict'], 'it has no counterpart; it is left out')
  told.warn(
    path,
    [
      `hyperband became the pruner "halving": at the values ${first}, ${first * factor}, ${first * factor * factor} … of the metric a trial stops that is not among the best 1/${factor}${min_iter === undefined ? ', also beyond "max_iter"' : ''}`,
      'W&B compares the best value so far with that of all runs until now; here the value at the rung is compared with those of the trials that were known when the trial was suggested, three at least',
    ].join('; '),
  )
  return { name: 'halving', minSteps: first, factor }
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1
}

/** The first band, counted in logged values of the metric. */
function firstBand(least: unknown, told: Told): number | null {
  if (isCount(least)) return least
  told.wrong([...path, 'min_iter'], `"min_iter" must be a whole number from 1 (${found(least)})`)
  return null
}

/** The first of `s` bands that end before `most`. */
function lastBands(most: unknown, s: unknown, eta: number, told: Told): number | null {
  if (!isCount(most) || !isCount(s)) {
    const [key, value] = isCount(most) ? ['s', s] : ['max_iter', most]
    const law = 'hyperband must have "min_iter", or "max_iter" and "s": whole numbers from 1'
    told.wrong([...path, key as string], `${law} (${found(value)})`)
    return null
  }
  let band = most
  let first = 0
  for (let i = 0; i < s && band / eta >= 1; i++) {
    band /= eta
    first = Math.floor(band)
  }
  if (first > 0) return first
  told.wrong([...path, 'max_iter'], `"max_iter" must be "eta" or more (got ${most}, and eta is ${eta})`)
  return null
}
