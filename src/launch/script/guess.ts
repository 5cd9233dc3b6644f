/** A range to search for an option, guessed from its default, its type, and what such options are usually called. */
import type { JsonObject, JsonValue, ParamValue } from '../../values.js'
import { wordsOf } from './roles.js'
import type { ScriptOption } from './types.js'

/** What is searched, or why it is not. */
export type Guess =
  | {
      readonly parameter: JsonObject
      /** Its default, where that is among what is searched. */
      readonly first: ParamValue | null
      /** What is worth knowing of it, besides. */
      readonly note?: string
    }
  | { readonly leftOut: string }

/** What is usual for options of such a name. */
interface Usual {
  readonly names: RegExp
  readonly kind: 'log' | 'share' | 'nearOne' | 'count' | 'doubling'
  /** Where no default is told: the range, or the numbers. */
  readonly range: readonly [number, number]
  /** For `log`: how far below and above the default. */
  readonly spread?: readonly [below: number, above: number]
}

const usual: readonly Usual[] = [
  {
    // A factor of the rate, and not the rate.
    names:
      /(^|_)(lr|learning_rate)_(decay|gamma|factor)$|(^|_)(momentum|beta[12]?|betas?_[12]|rho|ema|ema_decay|gamma|discount|gae_lambda)$/,
    kind: 'nearOne',
    range: [0.8, 0.999],
  },
  {
    names:
      /(^|_)(lr|learning_rate|eta|learningrate)(?!.*(step|epoch|size|patience|warmup|period|cycle))(_|$)/,
    kind: 'log',
    range: [1e-5, 1e-1],
    spread: [100, 10],
  },
  {
    names:
      /(^|_)(weight_decay|wd|decay|l1|l2|reg|regulari[sz]ation|penalty|ridge|lambda)(?!.*(step|epoch|size|iter))(_|$)/,
    kind: 'log',
    range: [1e-6, 1e-2],
    spread: [100, 100],
  },
  {
    names: /(^|_)(dropout|drop|drop_rate|droprate|drop_path|p_drop|label_smoothing|smoothing)(_|$)/,
    kind: 'share',
    range: [0, 0.5],
  },
  {
    names: /(^|_)(mixup|cutmix|prob|probability)(_|$)/,
    kind: 'share',
    range: [0, 1],
  },
  { names: /(^|_)(ratio|fraction|frac|subsample|colsample\w*)(_|$)/, kind: 'share', range: [0.1, 1] },
  { names: /(^|_)(clip|max_norm|temperature|tau|c)(_|$)/, kind: 'log', range: [0.1, 10], spread: [10, 10] },
  { names: /(^|_)(batch_size|batchsize|bs|batch)$/, kind: 'doubling', range: [16, 256] },
  {
    names:
      /(^|_)(hidden|units|width|dim|dims|channels?|filters|embed|embedding|embeddings|d_model|d_ff|hidden_size|n_embd|nhid|emsize|neurons)(_|$)/,
    kind: 'doubling',
    range: [32, 512],
  },
  { names: /(^|_)(heads?|nhead|n_head)$/, kind: 'doubling', range: [1, 8] },
  { names: /(^|_)(layers?|nlayers?|depth|max_depth|blocks?|stages?)(_|$)/, kind: 'count', range: [1, 6] },
]

const tellsNothing = 'its help tells neither a default nor a type to guess a range from'

/** @param style passed as options true and false are words of the script's own. */
export function guessOf(option: ScriptOption, style: 'options' | 'overrides'): Guess {
  const { takes, choices, type } = option
  const isUnset = option.default !== null && /^(none|null|nil|undefined)$/i.test(option.default)
  // What has to be given has nothing for its default, and some say so.
  const given = isUnset ? null : option.default
  if (takes === 'several') return { leftOut: 'it takes several values' }
  if (takes === 'nothing') return flagGuess(option)
  if (choices !== null) return choiceGuess(choices, given)
  if (isUnset && !option.required) return { leftOut: 'it is not set unless it is given' }
  if (option.source?.takesWordsForTrue === true)
    return { leftOut: 'it has type=bool, which takes every word for true: "False" too' }
  if (type === 'bool' || (type !== 'text' && given !== null && /^(true|false)$/i.test(given)))
    return truthGuess(given, style)
  const number = given === null ? null : numberOf(given)
  if ((given !== null && number === null) || type === 'text')
    return number === null || type === 'text'
      ? { leftOut: 'it is a text, and its help does not say which there are' }
      : { leftOut: tellsNothing }
  return numberGuess(option, number)
}

function numberOf(text: string): number | null {
  const number = /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)
    ? Number(text.replaceAll('_', ''))
    : Number.NaN
  return Number.isFinite(number) ? number : null
}

/** What it adds to its default: `no-amp` where it is on without. */
function flagGuess({ off, default: given }: ScriptOption): Guess {
  if (off === null && given !== null && /^(true|yes|on|1)$/i.test(given))
    return { leftOut: 'it is on by default, and its help names nothing that turns it off' }
  return { parameter: { type: 'categorical', values: [false, true] }, first: false }
}

/** Whether a flag is on where nobody says anything: `True`, or its name. */
export function isOnByDefault({ flag, off, default: given }: ScriptOption): boolean {
  if (off === null || given === null) return false
  return /^(true|yes|on|1)$/i.test(given) || given === flag.replace(/^-+/, '')
}

function choiceGuess(choices: readonly string[], given: string | null): Guess {
  const numbers = choices.map((one) => {
    const number = numberOf(one)
    // As it is written it goes back to the script.
    return number !== null && String(number) === one ? number : null
  })
  const areNumbers = numbers.every((one) => one !== null)
  const values: ParamValue[] = areNumbers ? [...(numbers as number[])] : [...choices]
  if (new Set(values).size < 2) return { leftOut: 'there is nothing to choose from' }
  const at = given === null ? -1 : choices.indexOf(given)
  const isOrdered = areNumbers && (numbers as number[]).every((one, i, all) => i === 0 || one > all[i - 1])
  return {
    parameter: { type: isOrdered ? 'ordinal' : 'categorical', values: [...new Set(values)] as JsonValue[] },
    first: at < 0 ? null : values[at],
  }
}

/** As the script writes them: what it makes of `true` where it says `True` is its own affair. */
function truthGuess(given: string | null, style: 'options' | 'overrides'): Guess {
  if (style === 'overrides')
    return {
      parameter: { type: 'categorical', values: [false, true] },
      first: given === null ? null : /^true$/i.test(given),
    }
  const words = given !== null && /^[a-z]/.test(given) ? ['false', 'true'] : ['False', 'True']
  return {
    parameter: { type: 'categorical', values: words },
    first: given,
    note: 'a script in Python whose option has type=bool takes every word for true: then leave this one out',
  }
}

function numberGuess(option: ScriptOption, given: number | null): Guess {
  const name = wordsOf(option.flag).join('_')
  const known = usual.find(({ names }) => names.test(name))
  const isWhole =
    option.type === 'int' ||
    (option.type !== 'float' && option.default !== null && /^[-+]?\d[\d_]*$/.test(option.default))
  if (known !== undefined && (known.kind === 'doubling' || known.kind === 'count'))
    return wholeGuess(option, given, known)
  if (known !== undefined && !(isWhole && option.type === 'int')) return fractionGuess(option, given, known)
  if (given === null && option.min !== null && option.max !== null)
    return ranged(option, [option.min, option.max], isWhole ? 'int' : 'float', 'linear', null)
  if (given === null) return { leftOut: tellsNothing }
  if (given === 0) return { leftOut: 'its default is 0, which does not tell of its scale' }
  if (isWhole) return wholeGuess(option, given, null)
  return fractionGuess(option, given, null)
}

function wholeGuess(option: ScriptOption, given: number | null, known: Usual | null): Guess {
  if (known?.kind === 'doubling') {
    const [low, high] = given === null || given <= 0 ? known.range : [given / 4, given * 4]
    const values = doubledBetween(low, high).filter(
      (value) => value >= (option.min ?? 1) && value <= (option.max ?? Number.POSITIVE_INFINITY),
    )
    if (values.length > 1)
      return {
        parameter: { type: 'ordinal', values },
        first: values.includes(given as number) ? given : null,
      }
  }
  if (known?.kind === 'count') {
    const range = given === null || given <= 0 ? known.range : ([1, Math.max(2 * given, given + 2)] as const)
    return ranged(option, range, 'int', 'linear', given)
  }
  const around = given ?? known!.range[0]
  if (around < 0)
    return { leftOut: 'its default is below zero, which in a whole number mostly stands for something else' }
  const range = [Math.max(1, Math.floor(around / 4)), around * 4] as const
  return ranged(option, range, 'int', range[1] / range[0] > 8 ? 'log' : 'linear', given)
}

/** From low to high, each twice the one before; whole ones alone. */
function doubledBetween(low: number, high: number): number[] {
  const values: number[] = []
  for (let value = low; value <= high; value *= 2) if (Number.isInteger(value)) values.push(value)
  return values
}

function fractionGuess(option: ScriptOption, given: number | null, known: Usual | null): Guess {
  const usualKind = known?.kind ?? (given !== null && given >= 0.5 && given < 1 ? 'nearOne' : 'log')
  const isShare = given === null || (given >= 0 && given <= 1)
  if (usualKind === 'share' && isShare) {
    const [low, high] = known!.range
    const range = given === null || given <= high ? ([low, high] as const) : ([low, 1] as const)
    return ranged(option, range, 'float', 'linear', given)
  }
  if (usualKind === 'nearOne' && isShare) {
    const range: readonly [number, number] =
      given === null || given === 0 || given === 1
        ? known!.range
        : [Math.max(0, oneWithout(10 * (1 - given))), oneWithout((1 - given) / 10)]
    return ranged(option, range, 'float', 'linear', given)
  }
  if (given !== null && given < 0) return ranged(option, [4 * given, -4 * given], 'float', 'linear', given)
  const [below, above] = known?.spread ?? [10, 10]
  const range =
    given === null || given === 0 ? (known?.range ?? [0.01, 1]) : ([given / below, given * above] as const)
  return ranged(option, range, 'float', 'log', given)
}

/** Without what numbers in floating point leave beside it: 1 - 0.9 is 0.1. */
function oneWithout(rest: number): number {
  return Number((1 - Number(rest.toPrecision(6))).toPrecision(12))
}

/** Within what the script takes, and in figures that can be read. */
function ranged(
  { min, max, above }: ScriptOption,
  [low, high]: readonly [number, number],
  type: 'int' | 'float',
  scale: 'log' | 'linear',
  given: number | null,
): Guess {
  const atLeast = min !== null && (above || low < min) && low <= min ? afterMin(min, high, above, type) : low
  const atMost = max !== null && max < high ? max : high
  const round = (value: number) => (type === 'int' ? value : Number(value.toPrecision(6)))
  const from = round(atLeast)
  const to = round(atMost)
  if (!(from < to)) return { leftOut: 'what it takes leaves no range around its default' }
  const isLog = scale === 'log' && from > 0
  const isInside = given !== null && given >= from && given <= to
  return {
    parameter: { type, min: from, max: to, ...(isLog && { scale: 'log' }) },
    first: isInside ? given : null,
    ...(given !== null && !isInside && { note: `its default ${given} is not within` }),
  }
}

/** The least that is taken, where the bound itself may not be. */
function afterMin(min: number, high: number, above: boolean, type: 'int' | 'float'): number {
  if (!above) return min
  return type === 'int' ? min + 1 : min + (high - min) / 1000
}
