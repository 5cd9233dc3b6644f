/** The space that the trials of a study were taken from, as its distributions tell it trial by trial. */
import type { ParameterJson, ParametersJson } from '../../../space/index.js'
import { canonicalJson, type JsonValue, type Params, type ParamValue } from '../../../values.js'
import { findConditions } from '../conditions.js'
import type { Distribution } from './distributions.js'
import { pythonText } from './python-json.js'
import type { OptunaTrial } from './study.js'

export interface FoundSpace {
  readonly parameters: ParametersJson
  /** By parameter: the distribution that holds all of its trials'. */
  readonly distributions: ReadonlyMap<string, Distribution>
  readonly warnings: readonly string[]
}

/** A value of a parameter as our records have it: numbers that are not finite, which JSON has not, become texts. */
export function ownValue(value: unknown): ParamValue {
  return canonicalJson(value) === null
    ? (JSON.parse(pythonText(value).replace(/-?Infinity|NaN/g, '"$&"')) as JsonValue)
    : (value as ParamValue)
}

/** The params of a trial. */
export function paramsOf({ params }: OptunaTrial): Params {
  return Object.fromEntries([...params].map(([name, value]) => [name, ownValue(value)]))
}

export function spaceOfTrials(trials: readonly OptunaTrial[]): FoundSpace {
  const warnings: string[] = []
  const seen = new Map<string, Set<Distribution>>()
  const values = new Map<string, unknown[]>()
  for (const { params, distributions } of trials)
    for (const [name, distribution] of distributions) {
      const all = seen.get(name)
      if (all === undefined) seen.set(name, new Set([distribution]))
      else all.add(distribution)
      const own = values.get(name)
      if (own === undefined) values.set(name, [params.get(name)])
      else own.push(params.get(name))
    }
  const distributions = new Map<string, Distribution>()
  for (const [name, all] of seen) distributions.set(name, widest(name, [...all], values.get(name)!, warnings))
  const written = new Map([...distributions].map(([name, one]) => [name, parameterOf(name, one, warnings)]))
  addConditions(written, trials, distributions, warnings)
  return { parameters: Object.fromEntries(written), distributions, warnings }
}

/** One distribution that holds all of them, and every value. */
function widest(
  name: string,
  all: readonly Distribution[],
  values: readonly unknown[],
  warnings: string[],
): Distribution {
  const texts = new Set(all.map((one) => pythonText(one)))
  const say = (what: string) => warnings.push(`the distribution of ${name} changes between trials: ${what}`)
  const numeric = all.filter((one) => one.kind !== 'categorical')
  if (numeric.length < all.length) {
    const choices = all.flatMap((one) => (one.kind === 'categorical' ? one.choices : []))
    const more = numeric.length > 0 ? values : []
    const different = withoutRepeats([...choices, ...more])
    if (texts.size > 1) say(`it is recorded as a choice of all ${different.length} values`)
    return { kind: 'categorical', choices: different }
  }
  const numbers = values.filter((value) => typeof value === 'number')
  const low = Math.min(...numeric.map((one) => one.low))
  const high = Math.max(...numeric.map((one) => one.high))
  const least = numbers.reduce((a, b) => Math.min(a, b), low)
  const most = numbers.reduce((a, b) => Math.max(a, b), high)
  if (least < low || most > high)
    warnings.push(
      `${name} has values outside of ${low} … ${high}, as enqueued trials may: its range is recorded as ${least} … ${most}`,
    )
  const isOutside = least < low || most > high
  const steps = new Set(numeric.map(({ step, low: from }) => `${step} ${step === null ? '' : from}`))
  const [first] = numeric
  const isInt = numeric.every((one) => one.kind === 'int')
  const log = numeric.every((one) => one.log) && least > 0
  if (texts.size > 1) say(`its range is recorded as the widest, ${least} … ${most}`)
  const step = steps.size === 1 && !isOutside ? first.step : null
  if (step === null && numeric.some((one) => one.step !== null && one.step !== (isInt ? 1 : null)))
    say('it is recorded without its step')
  return isInt
    ? { kind: 'int', low: least, high: most, log, step: step ?? 1 }
    : { kind: 'float', low: least, high: most, log, step }
}

function withoutRepeats(values: readonly unknown[]): unknown[] {
  const seen = new Set<string>()
  return values.filter((value) => {
    const key = canonicalJson(ownValue(value))!
    return !seen.has(key) && seen.add(key)
  })
}

function parameterOf(name: string, distribution: Distribution, warnings: string[]): ParameterJson {
  if (distribution.kind === 'categorical') {
    const values = withoutRepeats(distribution.choices).map(ownValue)
    const odd = distribution.choices.filter((choice) => canonicalJson(choice) === null)
    if (odd.length > 0)
      warnings.push(
        `choices of ${name} that no JSON can hold are recorded as texts: ${odd.map(pythonText).join(', ')}`,
      )
    return values.length === 1 ? { type: 'constant', value: values[0] } : { type: 'categorical', values }
  }
  const { kind, low, high, log, step } = distribution
  // One that leaves no choice.
  if (low === high) return { type: 'constant', value: low }
  const scale = log ? ({ scale: 'log' } as const) : {}
  if (kind === 'int')
    return step > high - low
      ? { type: 'constant', value: low }
      : { type: 'int', min: low, max: high, ...scale, ...(step !== 1 && { step }) }
  if (step !== null && step > high - low) return { type: 'constant', value: low }
  return { type: 'float', min: low, max: high, ...scale, ...(step !== null && { step }) }
}

/** Of parameters that only some trials have. */
function addConditions(
  written: Map<string, ParameterJson>,
  trials: readonly OptunaTrial[],
  distributions: ReadonlyMap<string, Distribution>,
  warnings: string[],
): void {
  const whole = trials.filter(({ state }) => state === 'COMPLETE').map(paramsOf)
  const parents = [...distributions].flatMap(([name, { kind }]) => (kind === 'categorical' ? [name] : []))
  const ints = [...distributions].flatMap(([name, { kind }]) => (kind === 'int' ? [name] : []))
  const found = findConditions([...written.keys()], whole, [...parents, ...ints])
  for (const [name, condition] of found) {
    const having = whole.filter((params) => Object.hasOwn(params, name)).length
    const of = `${name} is in ${having} of ${whole.length} finished trials`
    if (condition === null) {
      warnings.push(`${of}, and no parameter says which: it is recorded as one that always exists`)
      continue
    }
    const entry = written.get(name)! as ParameterJson & object
    written.set(name, { ...entry, when: condition })
    const words = Object.entries(condition).map(
      ([parent, values]) => `${parent} is ${values.map((value) => JSON.stringify(value)).join(' or ')}`,
    )
    warnings.push(`${of}, those in which ${words.join(' and ')}: that is recorded as its condition ("when")`)
  }
}
