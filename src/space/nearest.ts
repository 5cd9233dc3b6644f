/** The name a wrong one most likely meant. */
import { closest, distance } from 'fastest-levenshtein'

/** Words of other programs for a key, a type or a value, by what it is called here. */
const synonyms: Readonly<Record<string, string>> = {
  low: 'min',
  lower: 'min',
  minimum: 'min',
  high: 'max',
  upper: 'max',
  maximum: 'max',
  choices: 'values',
  options: 'values',
  items: 'values',
  enum: 'values',
  distribution: 'type',
  kind: 'type',
  log: 'scale',
  prior: 'scale',
  q: 'step',
  quantization: 'step',
  condition: 'when',
  conditions: 'when',
  space: 'parameters',
  params: 'parameters',
  dataset: 'data',
  path: 'file',
  goal: 'direction',
  cv: 'validation',
  method: 'algorithm',
  sampler: 'algorithm',
  searcher: 'algorithm',
  budget: 'trials',
  integer: 'int',
  number: 'float',
  real: 'float',
  double: 'float',
  uniform: 'float',
  loguniform: 'float',
  log_uniform: 'float',
  choice: 'categorical',
  discrete: 'ordinal',
  fixed: 'constant',
  tpe: 'bayesian',
  gp: 'bayesian',
  bayes: 'bayesian',
  logarithmic: 'log',
  min: 'minimize',
  max: 'maximize',
}

/** The one of `known` that a wrong word most likely meant: another program's word for it, or the nearest in spelling. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (known.length === 0) return null
  const lower = word.toLowerCase()
  const synonym = Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined
  if (synonym !== undefined && known.includes(synonym)) return synonym
  const lowered = known.map((one) => one.toLowerCase())
  const begun = lower.length > 2 ? lowered.findIndex((one) => one.startsWith(lower)) : -1
  if (begun >= 0) return known[begun]
  const near = closest(lower, lowered)
  const allowed = Math.min(lower.length, near.length) / 2
  // Two letters swapped count as two slips, which is much in a short word.
  const swapped = lower.length > 1 && sorted(lower) === sorted(near)
  const slips = distance(lower, near)
  const doubled = slips === 1 && lower.startsWith(near)
  return swapped || doubled || slips <= allowed ? known[lowered.indexOf(near)] : null
}

function sorted(word: string): string {
  return [...word].sort().join('')
}
